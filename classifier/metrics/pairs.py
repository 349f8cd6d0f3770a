"""Which classes are mixed up, beyond what mistakes spread evenly would give."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from classifier.metrics.counts import Counts, largest

POISSON_EXACT = 200.0  # expected counts above it are judged by the normal distribution


class Pair(NamedTuple):
    """Two classes that are taken for each other; positions in the matrix, `first` the one that is mistaken more often."""

    first: int
    second: int
    there: int  # images of the first that were taken for the second
    back: int
    expected: float  # mistakes between the two, both ways, were each class's mistakes spread evenly
    chance: float  # probability of so many or more, if they were

    @property
    def mistakes(self) -> int:
        return self.there + self.back


def poisson_tail(count: int, expected: float) -> float:
    """Probability of `count` or more events where `expected` are expected."""
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    if expected > POISSON_EXACT:
        return 0.5 * math.erfc((count - 0.5 - expected) / math.sqrt(2 * expected))
    below = math.fsum(math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(count))
    return min(1.0, max(0.0, 1.0 - below))


def mixed_up(counts: Counts, limit: int = 10) -> list[Pair]:
    """The pairs with most mistakes between them, most first; equal ones in class order.

    Two classes have but one pair, which holds all mistakes: nothing can be expected of it, so its chance is 1.
    """
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    both = np.triu(wrong + wrong.T, 1)
    return [pair(wrong, i, j) for i, j in largest(both, limit)]


def pair(wrong: Counts, i: int, j: int) -> Pair:
    """The pair of those classes, in a matrix without its diagonal."""
    if wrong[j, i] > wrong[i, j]:
        i, j = j, i
    there, back = int(wrong[i, j]), int(wrong[j, i])
    expected = float(wrong[i].sum() + wrong[j].sum()) / max(1, len(wrong) - 1)
    return Pair(i, j, there, back, expected, poisson_tail(there + back, expected))


def balanced_error(counts: Counts) -> float:
    """The standard error of the balanced accuracy: the classes' recalls are independent shares.

    One right and one wrong image are added to each class (Agresti and Coull 1998), so that three right of three are not taken for certain.
    """
    right, true = np.diag(counts).astype(np.float64), counts.sum(axis=1).astype(np.float64)
    n = true[true > 0]
    recall = (right[true > 0] + 1) / (n + 2)
    return float(np.sqrt((recall * (1 - recall) / (n + 2)).sum()) / max(1, len(n)))
