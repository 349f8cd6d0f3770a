"""Two networks on the same images: what the second mends and breaks of the first's, and whether chance alone would do as much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.metrics.intervals import Z_95, wilson

BOTH_RIGHT: Final = 0
BROKEN: Final = 1  # the first was right, the second is not
FIXED: Final = 2
BOTH_WRONG: Final = 3
OUTCOMES: Final = ("both_right", "broken", "fixed", "both_wrong")  # by those numbers
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Paired:
    """How many images two networks name rightly, both, one alone or neither."""

    both_right: int
    broken: int
    fixed: int
    both_wrong: int

    @property
    def n(self) -> int:
        """Images that both judged."""
        return self.both_right + self.broken + self.fixed + self.both_wrong

    @property
    def difference(self) -> float | None:
        """The second's accuracy minus the first's; None without an image."""
        return (self.fixed - self.broken) / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of that difference."""
        return paired_difference(self)

    @property
    def p(self) -> float:
        """McNemar's: how often chance alone would move as many images to one side, were both networks equally good."""
        return mcnemar(self.broken, self.fixed)


def matched(first: ArrayLike, second: ArrayLike) -> tuple[Indices, Indices]:
    """The rows of both in which the same position stands, in the first's order. Positions below 0 are nobody's."""
    one, other = np.asarray(first, np.int64), np.asarray(second, np.int64)
    if len(one) == len(other) and np.array_equal(one, other):
        rows = np.flatnonzero(one >= 0)
        return rows, rows
    place = np.full(int(max(one.max(initial=-1), other.max(initial=-1))) + 1, -1, np.int64)
    known = np.flatnonzero(other >= 0)
    place[other[known]] = known
    rows = np.flatnonzero(one >= 0)
    found = place[one[rows]]
    return rows[found >= 0], found[found >= 0]


def outcomes(labels: ArrayLike, first: ArrayLike, second: ArrayLike) -> NDArray[np.uint8]:
    """What became of each image [N], by the numbers of OUTCOMES, from true labels [N] and both networks' [N]."""
    true = np.asarray(labels)
    wrong_before, wrong_now = np.asarray(first) != true, np.asarray(second) != true
    return np.asarray(2 * wrong_before + wrong_now, np.uint8)


def paired(codes: NDArray[np.uint8]) -> Paired:
    """How many images there are of each outcome."""
    return Paired(*np.bincount(codes, minlength=len(OUTCOMES)).tolist())


def paired_by_class(labels: ArrayLike, codes: NDArray[np.uint8], classes: int) -> list[Paired]:
    """The same for the images of each true class."""
    cells = np.asarray(labels, np.int64) * len(OUTCOMES) + codes
    counts = np.bincount(cells, minlength=classes * len(OUTCOMES)).reshape(classes, len(OUTCOMES))
    return [Paired(*row) for row in counts.tolist()]


def mcnemar(broken: int, fixed: int) -> float:
    """McNemar's test (1947), exact and two-sided: of images that changed sides, each goes either way with the same chance.

    The binomial coefficients are summed as logarithms, so that a hundred thousand images are as exact as ten.
    """
    changed, fewer = broken + fixed, min(broken, fixed)
    if broken == fixed:
        return 1.0
    steps = np.arange(1, fewer + 1, dtype=np.float64)
    terms = np.concatenate([[0.0], np.cumsum(np.log(changed - steps + 1) - np.log(steps))]) - changed * math.log(2)
    most = float(terms.max())
    tail = math.exp(most + math.log(float(np.exp(terms - most).sum())))
    return min(1.0, 2 * tail)


def paired_difference(counts: Paired, z: float = Z_95) -> tuple[float, float]:
    """The interval of the second's share minus the first's on the same images (Newcombe 1998, "paired data", method 10); (-1, 1)
    without any. Two Wilson intervals, joined by how far both networks agree."""
    a, b, c, d = counts.both_right, counts.fixed, counts.broken, counts.both_wrong
    n = counts.n
    if not n:
        return -1.0, 1.0
    now, before = (a + b) / n, (a + c) / n
    (low_now, high_now), (low_before, high_before) = wilson(a + b, n, z), wilson(a + c, n, z)
    agreement = phi(a, b, c, d)
    down, up = spread(now - low_now, high_before - before, agreement), spread(high_now - now, before - low_before, agreement)
    return max(-1.0, now - before - down), min(1.0, now - before + up)


def phi(a: int, b: int, c: int, d: int) -> float:
    """The correlation of two answers, drawn towards 0 where it is above it, as the method asks."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if not margins:
        return 0.0
    product = a * d - b * c
    return (max(product - (a + b + c + d) / 2, 0.0) if product > 0 else float(product)) / math.sqrt(margins)


def spread(one: float, other: float, agreement: float) -> float:
    """How far the difference of two correlated figures reaches, from how far each does."""
    return math.sqrt(max(0.0, one * one - 2 * agreement * one * other + other * other))


def holm(chances: Sequence[float]) -> list[float]:
    """p-values of several tests at once, corrected so that one false alarm among all of them stays as seldom (Holm 1979)."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    corrected, highest = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, chances[place] * (len(chances) - rank)))
        corrected[place] = highest
    return corrected
