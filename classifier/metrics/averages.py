"""What a confusion matrix says of all classes together, and how far chance alone could have moved it.

Means as scikit-learn takes them: over the classes that occur or are predicted, 0 where nothing was there to divide by. The same lines
count the matrix and its resamples, all at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.counts import Counts

Floats = NDArray[np.float64]


class Margins(NamedTuple):
    """Of one matrix [C], or of many [B, C]."""

    right: Floats  # images of the class that were named so
    said: Floats  # images that were named so
    true: Floats  # images of the class


def margins(counts: Counts) -> Margins:
    """The sums of one matrix [C, C]."""
    return Margins(*(np.asarray(sums, np.float64) for sums in (np.diag(counts), counts.sum(axis=0), counts.sum(axis=1))))


def shares(part: Floats, whole: Floats) -> Floats:
    """part ÷ whole, 0 where whole is zero."""
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)


def f1(sums: Margins) -> Floats:
    """Of each class, 0 where it neither occurs nor is predicted."""
    return shares(2 * sums.right, sums.said + sums.true)


def averages(sums: Margins) -> dict[str, Floats]:
    """Every figure of the whole, each [] or [B]; NaN where it is not defined."""
    n = sums.true.sum(axis=-1)
    there, occurs = sums.said + sums.true > 0, sums.true > 0
    by_class = {"precision": shares(sums.right, sums.said), "recall": shares(sums.right, sums.true), "f1": f1(sums)}
    told = {"top1": shares(sums.right.sum(axis=-1), n), "balanced_accuracy": mean_over(by_class["recall"], occurs)}
    for name, values in by_class.items():
        told[f"{name}_macro"] = mean_over(values, there)
        told[f"{name}_weighted"] = shares((values * sums.true).sum(axis=-1), n)
    told |= {"kappa": kappa(sums, n), "mcc": matthews(sums, n)}
    return {name: np.where(n > 0, value, np.nan) for name, value in told.items()}


def mean_over(values: Floats, which: NDArray[np.bool_]) -> Floats:
    """The mean over the classes that count."""
    return shares(np.where(which, values, 0).sum(axis=-1), which.sum(axis=-1).astype(np.float64))


def kappa(sums: Margins, n: Floats) -> Floats:
    """Cohen, 1960: agreement with the true labels beyond chance; NaN where both are one and the same class throughout."""
    by_chance, agreed = (sums.said * sums.true).sum(axis=-1), sums.right.sum(axis=-1) * n
    found: Floats = np.divide(agreed - by_chance, n * n - by_chance, out=np.full(np.shape(n), np.nan), where=n * n - by_chance > 0)
    return found


def matthews(sums: Margins, n: Floats) -> Floats:
    """The correlation coefficient for many classes (Gorodkin, 2004); 0 where one side has one class alone, as scikit-learn has it."""
    both = sums.right.sum(axis=-1) * n - (sums.said * sums.true).sum(axis=-1)
    spread = (n * n - (sums.said**2).sum(axis=-1)) * (n * n - (sums.true**2).sum(axis=-1))
    found: Floats = np.divide(both, np.sqrt(np.maximum(spread, 0)), out=np.zeros(np.shape(n)), where=spread > 0)
    return found
