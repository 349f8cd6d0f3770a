"""Columns of predictions that a test makes up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.metrics import Scored, scored_path, write_scored
from classifier.metrics.scored import NO_CLASS, ROW
from webapp.evaluations.models import Evaluation


def rows_of(
    pairs: Sequence[tuple[int, int]], losses: Sequence[float] = (), odds: Sequence[float] = (), margins: Sequence[float] = ()
) -> Scored:
    """A row for each (true class, said class), of the samples 0, 1, 2, …"""
    rows = np.zeros(len(pairs), ROW)
    rows["position"] = np.arange(len(pairs))
    rows["label"], rows["predicted"] = np.array(pairs, np.int32).reshape(-1, 2).T
    rows["loss"] = losses if len(losses) else np.arange(len(pairs))
    rows["probability"] = odds if len(odds) else 0.5
    rows["margin"] = margins if len(margins) else 0.1
    rows["best"], rows["best"][:, 0] = NO_CLASS, rows["predicted"]
    rows["best_probability"][:, 0] = rows["probability"]
    return rows


def say(evaluation: Evaluation, rows: Scored) -> None:
    """These are what the evaluation predicted."""
    write_scored(scored_path(evaluation.experiment.folder / evaluation.predictions), rows)
