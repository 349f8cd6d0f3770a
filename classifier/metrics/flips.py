"""Two networks on the same images: what the second one fixed and broke, and whether that is more than chance."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from classifier.metrics.intervals import Z_95

EXACT = 2_000  # flips up to which every outcome is counted; above, the normal distribution tells the same


class Flips(NamedTuple):
    """Counts of images."""

    both_right: int
    fixed: int  # wrong before, right now
    broken: int
    both_wrong: int

    @property
    def n(self) -> int:
        return sum(self)

    @property
    def gain(self) -> float:
        """What the second one is right on more, of 1; 0 without images."""
        return (self.fixed - self.broken) / self.n if self.n else 0.0

    @property
    def chance(self) -> float:
        """McNemar's exact test (1947), both sides: the probability of so uneven flips or more, were both networks equally right."""
        return even_chance(self.fixed, self.broken)

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, of the gain (Agresti and Min 2005: half an image is added to each of the four counts)."""
        fixed, broken, n = self.fixed + 0.5, self.broken + 0.5, self.n + 2
        gain = (fixed - broken) / n
        half = Z_95 * math.sqrt(max(0.0, (fixed + broken) - (fixed - broken) ** 2 / n)) / n
        return max(-1.0, gain - half), min(1.0, gain + half)


def flips(before: ArrayLike, after: ArrayLike) -> Flips:
    """Of bools [N] each: whether an image was named rightly before and is now."""
    old, new = np.asarray(before, bool), np.asarray(after, bool)
    return Flips(int((old & new).sum()), int((~old & new).sum()), int((old & ~new).sum()), int((~old & ~new).sum()))


def even_chance(one: int, other: int) -> float:
    """Probability that of so many fair coins so few, or so many, or more extremely so, fall one way."""
    n, least = one + other, min(one, other)
    if one == other:
        return 1.0
    if n > EXACT:
        return math.erfc((abs(one - other) - 1) / math.sqrt(2 * n))
    tail = math.fsum(math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)) for k in range(least + 1))
    return min(1.0, 2 * tail)
