"""Stored predictions as columns, for questions about all of them at once: the images of a cell, the surest mistakes, the worst group.

The same rows in the same order as the CSV of `classifier.metrics.predictions`, beside it under the same name with `.npy`, and mapped
into memory: of 1.28 million images it is 80 MB, and a question takes milliseconds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.metrics.predictions import BEST, CHUNK_ROWS
from classifier.metrics.probabilities import cross_entropy, softmax, top_k
from classifier.metrics.whole import UNREADABLE, put

FORGOTTEN = -1  # the position of an image that was erased: its figures stay
NO_CLASS = -1  # among the best where the network has fewer classes than that
ROW = np.dtype(
    [
        ("position", "<i4"),  # of the sample, the same in every version of its dataset
        ("label", "<i4"),  # the true class, as all others a place among the network's
        ("predicted", "<i4"),
        ("probability", "<f4"),  # of the predicted class
        ("margin", "<f4"),  # what the second best lies below it
        ("loss", "<f4"),  # cross-entropy in nats; the true class has the probability exp(−loss)
        ("best", "<i4", (BEST,)),  # best first
        ("best_probability", "<f4", (BEST,)),
    ]
)
Scored = NDArray[np.void]  # [N] of ROW


def path_of(predictions_csv: Path) -> Path:
    """Where the columns of a predictions file are."""
    return predictions_csv.with_suffix(".npy")


def scored_rows(positions: ArrayLike, labels: ArrayLike, logits: ArrayLike) -> Scored:
    """The rows of samples' positions [N], true labels [N] and logits [N, C]."""
    places, true, values = np.asarray(positions, np.int64), np.asarray(labels, np.int64), np.asarray(logits)
    rows = np.zeros(len(true), ROW)
    rows["position"], rows["label"], rows["best"] = places, true, NO_CLASS
    for start in range(0, len(true), CHUNK_ROWS):
        some = slice(start, start + CHUNK_ROWS)
        fill(rows[some], values[some])
    return rows


def fill(rows: Scored, logits: ArrayLike) -> None:
    """Writes what logits [n, C] say of rows [n] whose labels are there."""
    odds = softmax(logits)
    known = min(BEST, odds.shape[1])
    best = top_k(logits, known)
    shares = np.take_along_axis(odds, best, axis=1)
    rows["best"][:, :known], rows["best_probability"][:, :known] = best, shares
    rows["predicted"], rows["probability"] = best[:, 0], shares[:, 0]
    rows["margin"] = shares[:, 0] - (shares[:, 1] if known > 1 else 0)
    rows["loss"] = cross_entropy(logits, rows["label"])


def write_scored(path: Path, rows: Scored) -> None:
    """Writes the file whole or not at all, on disk for good."""
    put(path, lambda file: np.save(file, rows, allow_pickle=False))


def read_scored(path: Path) -> Scored | None:
    """What `write_scored` wrote, mapped and not to be written to; None where there is none, as of an evaluation of an earlier release."""
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except UNREADABLE:
        return None
    return rows if rows.dtype == ROW else None


def forget(path: Path, gone: NDArray[np.bool_]) -> None:
    """The same figures [N], but no positions where `gone` [N]; of a file that is not there, nothing."""
    rows = read_scored(path)
    if rows is not None:
        kept = np.array(rows)
        kept["position"][gone] = FORGOTTEN
        write_scored(path, kept)
