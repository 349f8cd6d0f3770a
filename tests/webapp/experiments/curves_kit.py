"""Facts of trainings, and curves of the shapes that trainings have."""

from __future__ import annotations

from typing import Any

import numpy as np

from classifier.spec.config import TrainConfig
from webapp.experiments.insights import Facts

IDS = {"experiment_id": "0" * 20, "dataset_id": "1" * 20}


def history(train: Any, validation: Any, top1: Any = None) -> list[dict[str, Any]]:
    """One row an epoch."""
    shares = [0.5] * len(train) if top1 is None else top1
    rows = zip(train, validation, shares, strict=True)
    return [
        {"epoch": i, "step": 100 * i, "train_loss": float(t), "val_loss": float(v), "val_top1": float(s)}
        for i, (t, v, s) in enumerate(rows, 1)
    ]


def matrix(*recalls: float, each: int = 100) -> np.ndarray:
    """A confusion matrix of equal classes: these shares are right, the rest spread evenly."""
    classes = len(recalls)
    counts = np.zeros((classes, classes), np.int64)
    for i, recall in enumerate(recalls):
        wrong = round(each * (1 - recall))
        counts[i] = wrong // (classes - 1)
        counts[i, i] = 0
        counts[i, i] = each - counts[i].sum()
    return counts


def facts(rows: list[dict[str, Any]] = (), counts: np.ndarray | None = None, *, train: Any = None, **changes: Any) -> Facts:
    """A training of ten equal classes unless the counts have others."""
    size = 10 if counts is None else len(counts)
    config = TrainConfig(epochs=max(1, len(rows))).to_mapping() | changes.pop("config", {})
    given = {"history": rows, "planned": config["epochs"], "best_epoch": len(rows) or None, "counts": counts}
    names, sizes = [f"class {i}" for i in range(size)], [100] * size if train is None else train
    return Facts(**IDS, config=config, names=names, train_counts=sizes, **{**given, **changes})


def rules(said: list[Any]) -> list[str]:
    """Which rules spoke."""
    return [one.rule for one in said]
