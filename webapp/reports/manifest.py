"""The manifest of a run: all that one needs to know to get its figures again, and to see that they are the same."""

from __future__ import annotations

import hashlib
import json
import statistics
from functools import lru_cache
from pathlib import Path
from typing import Any

from webapp.evaluations.models import Evaluation
from webapp.experiments.live import told_by_run
from webapp.experiments.models import MetricPoint
from webapp.reports.replay import commands, portable

FORMAT = 1


def manifest(evaluation: Evaluation) -> dict[str, Any]:
    """As JSON values; no path of this server, no person's name."""
    experiment, result = evaluation.experiment, evaluation.result or {}
    told = told_by_run(experiment)
    config = portable(experiment.resolved or experiment.config)
    return {
        "format": FORMAT,
        "code": code_of(told),
        "dataset": {"name": experiment.version.dataset.name, "version": experiment.version.number, "id": experiment.version.fingerprint},
        "measured_on": {"id": evaluation.version.fingerprint, "split": evaluation.split, "n": result.get("n")},
        "measured_with": {"checkpoint": evaluation.checkpoint, "views": evaluation.views or "configured", "raw": evaluation.raw},
        "config": config,
        "seed": config.get("seed"),
        "environment": told.get("environment") or {},
        "device": told.get("device"),
        "images_per_second": speed(evaluation),
        "best_epoch": experiment.best_epoch,
        "figures": {name: result.get(name) for name in ("top1", "top5", "loss", "ece")},
        "sha256": {"predictions": digest_of(evaluation.predictions_file)},
        "commands": commands(evaluation),
    }


def code_of(told: dict[str, Any]) -> dict[str, Any]:
    """The version that trained it, and the hash of its engine's source: this server may run another one by now. Null of an earlier
    release's run, which did not say."""
    environment = told.get("environment") or {}
    return {name: environment.get(name) for name in ("synset", "engine")}


def written(evaluation: Evaluation) -> str:
    """The file."""
    return json.dumps(manifest(evaluation), indent=2, ensure_ascii=False) + "\n"


def speed(evaluation: Evaluation) -> float | None:
    """The median epoch's."""
    rows = MetricPoint.objects.filter(experiment=evaluation.experiment_id, name="images_per_second", value__gt=0)
    values = [value for value in rows.values_list("value", flat=True) if value is not None]
    return statistics.median(values) if values else None


def digest_of(path: Path | None) -> str | None:
    """The sha256 of a file; None where it is not there."""
    try:
        return hashed(path, path.stat().st_mtime_ns) if path else None
    except OSError:
        return None


@lru_cache(maxsize=256)
def hashed(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
