"""How sure a figure is that is no plain share: the standard error by the delta method, from the counts that the figure is made of."""

from __future__ import annotations

import numpy as np

from classifier.metrics.counts import Counts, macro_f1
from classifier.metrics.intervals import Z_95

STILL = 1e-9  # an error that is rounding


def macro_f1_error(counts: Counts) -> float | None:
    """The standard error of the macro F1 (Takahashi, Yamamoto, Kuchiba and Koyama 2022): F1 is a smooth function of the cells' shares,
    and these are those of a multinomial draw. None without images."""
    n = int(counts.sum())
    if not n:
        return None
    rows, columns = np.nonzero(counts)  # few of a large matrix
    share = counts[rows, columns] / n
    right, touched = np.diag(counts) / n, (counts.sum(axis=0) + counts.sum(axis=1)) / n  # of each class
    known = touched > 0
    per_touch = np.zeros(len(counts))  # what F1 loses where one more image is of the class or called so
    per_touch[known] = -2 * right[known] / touched[known] ** 2
    slope = per_touch[rows] + per_touch[columns]
    diagonal = rows == columns
    slope[diagonal] += 2 / touched[rows[diagonal]]
    slope /= known.sum()
    variance = float((share * slope**2).sum() - (share * slope).sum() ** 2)
    return float(np.sqrt(max(0.0, variance) / n))


def macro_f1_interval(counts: Counts, z: float = Z_95) -> tuple[float, float] | None:
    """The 95 % interval of the macro F1. None without images, and where all or none are right: no draw of such counts moves it, yet it is
    not certain."""
    value, error = macro_f1(counts), macro_f1_error(counts)
    if value is None or error is None or error < STILL:
        return None
    return max(0.0, value - z * error), min(1.0, value + z * error)
