"""Whether a short, noisy series rises or falls, and what a network that has learnt nothing would score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

FEWEST = 3  # points: two always lie on a line
# Student's t, one-sided 95 %, by degrees of freedom; from ten on the last one serves.
T_95 = (math.inf, 6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812)
NORMAL_MAD = 1.4826  # a normal distribution's standard deviation ÷ its median absolute deviation


class Trend(NamedTuple):
    """A line through a series by least squares: its slope a point, and how sure that slope is."""

    slope: float
    error: float  # the slope's standard error
    points: int

    @property
    def bound(self) -> float:
        """What the slope's 95 % interval reaches to each side."""
        return T_95[min(self.points - 2, len(T_95) - 1)] * self.error

    @property
    def rises(self) -> bool:
        """More than chance would have it (5 % of flat series do)."""
        return self.slope - self.bound > 0

    @property
    def falls(self) -> bool:
        """As `rises`, the other way."""
        return self.slope + self.bound < 0


def trend(values: Sequence[float]) -> Trend | None:
    """The line through values at 0, 1, 2, …; None for fewer than three."""
    n = len(values)
    if n < FEWEST:
        return None
    x, y = np.arange(n) - (n - 1) / 2, np.asarray(values, np.float64)
    spread = float((x * x).sum())
    slope = float((x * y).sum()) / spread
    left = y - y.mean() - slope * x
    return Trend(slope, math.sqrt(float((left * left).sum()) / (n - 2) / spread), n)


def noise(values: Sequence[float]) -> float:
    """The standard deviation of the jitter around a smooth curve, in the values' unit; 0 for fewer than three.

    Second differences remove what is straight; those of independent errors have six times their variance. Their median
    is taken, so that one jump counts little (Rousseeuw and Croux 1993).
    """
    if len(values) < FEWEST:
        return 0.0
    return float(NORMAL_MAD * np.median(np.abs(np.diff(values, 2))) / math.sqrt(6))


def prior_loss(counts: ArrayLike, label_smoothing: float = 0.0, *, balanced: bool = False) -> float:
    """The least loss, in nats, of a network that knows how common each class is and looks at no image.

    counts: training images of each class [C]. The loss is cross-entropy against smoothed labels; with balanced class
    weights all classes count as if equally common. Without smoothing, of equal classes: ln C.
    """
    n = np.asarray(counts, np.float64)
    n = (n > 0).astype(np.float64) if balanced else n
    shares = n / max(1.0, float(n.sum()))
    smooth = (1 - label_smoothing) * shares + label_smoothing / max(1, len(n))
    there = smooth[smooth > 0]
    return float(-(there * np.log(there)).sum())
