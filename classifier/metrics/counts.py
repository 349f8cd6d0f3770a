"""The confusion matrix and what follows from it. Rows are true labels, columns predicted ones: int64 [C, C]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.spec.events import Sparse

Counts = NDArray[np.int64]


class ClassFigures(TypedDict):
    """One class of one split; None where nothing was there to divide by."""

    label: str
    n: int  # images that truly are of it
    precision: float | None
    recall: float | None
    f1: float | None


class Confusion(TypedDict):
    """One kind of mistake."""

    label: str
    predicted: str
    count: int
    share: float  # of the true class's images


def sparse(counts: Counts) -> Sparse:
    """Counts [C, C] without the zeros: of a thousand classes one cell in twenty, at most, has any."""
    rows, columns = np.nonzero(counts)
    return {"size": len(counts), "rows": rows.tolist(), "columns": columns.tolist(), "counts": counts[rows, columns].tolist()}


def dense(kept: Sparse) -> Counts:
    """Counts [C, C], zeros and all."""
    matrix = np.zeros((kept["size"], kept["size"]), np.int64)
    matrix[kept["rows"], kept["columns"]] = kept["counts"]
    return matrix


def ratio(part: float, whole: float) -> float | None:
    """part ÷ whole, None where whole is zero."""
    return float(part) / float(whole) if whole else None


def confusion(labels: ArrayLike, predicted: ArrayLike, classes: int) -> Counts:
    """Counts [C, C] of true labels [N] against predicted ones [N]; raises ValueError for a label outside 0..C-1."""
    true, said = np.asarray(labels, np.int64), np.asarray(predicted, np.int64)
    if true.shape != said.shape:
        raise ValueError(f"labels and predictions must be equally many; {true.shape} and {said.shape} came")
    if true.size and not (min(true.min(), said.min()) >= 0 and max(true.max(), said.max()) < classes):
        raise ValueError(f"labels must lie in 0..{classes - 1}")
    return np.bincount(true * classes + said, minlength=classes * classes).astype(np.int64).reshape(classes, classes)


def top1(counts: Counts) -> float | None:
    """The share of images whose predicted label is the true one."""
    return ratio(int(np.trace(counts)), int(counts.sum()))


def f1_scores(counts: Counts) -> list[float | None]:
    """2·TP / (2·TP + FP + FN) of each class; None for a class that neither occurs nor is predicted."""
    right, said, true = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
    return [ratio(2 * r, s + t) for r, s, t in zip(right.tolist(), said.tolist(), true.tolist(), strict=True)]


def per_class(counts: Counts, classes: Sequence[str]) -> list[ClassFigures]:
    """Precision, recall and F1 of each class, in the order of `classes`."""
    right, said, true = np.diag(counts).tolist(), counts.sum(axis=0).tolist(), counts.sum(axis=1).tolist()
    f1 = f1_scores(counts)
    return [
        {"label": label, "n": true[i], "precision": ratio(right[i], said[i]), "recall": ratio(right[i], true[i]), "f1": f1[i]}
        for i, label in enumerate(classes)
    ]


def mean_of_defined(values: Sequence[float | None]) -> float | None:
    """The plain mean without the undefined ones."""
    defined = [value for value in values if value is not None]
    return ratio(sum(defined), len(defined))


def macro_f1(counts: Counts) -> float | None:
    """The mean F1 of the classes, each counting the same, without those that neither occur nor are predicted."""
    return mean_of_defined(f1_scores(counts))


def balanced_accuracy(counts: Counts) -> float | None:
    """The mean recall of the classes that occur: what accuracy would be were they equally common."""
    right, true = np.diag(counts).tolist(), counts.sum(axis=1).tolist()
    return mean_of_defined([ratio(r, t) for r, t in zip(right, true, strict=True)])


def majority_baseline(counts: Counts) -> float | None:
    """The accuracy of always saying the commonest true class: what a useful classifier must beat."""
    return ratio(int(counts.sum(axis=1).max(initial=0)), int(counts.sum()))


def largest(counts: Counts, limit: int) -> list[tuple[int, int]]:
    """Where the largest counts stand that are not zero, most first; equal ones in reading order."""
    cells = np.flatnonzero(counts)  # few of a large matrix
    order = cells[np.argsort(-counts.flat[cells], kind="stable")][:limit]
    return [divmod(cell, counts.shape[1]) for cell in order.tolist()]


def most_confused(counts: Counts, classes: Sequence[str], limit: int = 10) -> list[Confusion]:
    """The commonest mistakes, most first; equal counts in the order of the classes."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    return [
        {"label": classes[i], "predicted": classes[j], "count": int(wrong[i, j]), "share": int(wrong[i, j]) / int(counts[i].sum())}
        for i, j in largest(wrong, limit)
    ]
