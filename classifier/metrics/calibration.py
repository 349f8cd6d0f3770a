"""Whether a probability of 0.8 is right eight times in ten."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15  # Guo et al., "On Calibration of Modern Neural Networks", 2017


@dataclass(frozen=True)
class CalibrationBins:
    """Sums by confidence, in bins of equal width, closed above as in the paper: (0, 1/15], (1/15, 2/15], …"""

    count: NDArray[np.int64]  # [BINS] images
    right: NDArray[np.int64]  # [BINS] of them predicted rightly
    confidence: NDArray[np.float64]  # [BINS] sum of the predicted labels' probabilities

    def __add__(self, other: CalibrationBins) -> CalibrationBins:
        return CalibrationBins(self.count + other.count, self.right + other.right, self.confidence + other.confidence)

    def expected_error(self) -> float | None:
        """The mean gap between confidence and accuracy, each bin weighted by its images; None without images."""
        n = int(self.count.sum())
        return float(np.abs(self.right - self.confidence).sum() / n) if n else None


def calibration_bins(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS) -> CalibrationBins:
    """The sums of confidences [N] in 0..1 and of whether each prediction [N] was right."""
    place = np.clip(np.ceil(np.nan_to_num(confidence) * bins).astype(np.int64) - 1, 0, bins - 1)
    return CalibrationBins(
        count=np.bincount(place, minlength=bins).astype(np.int64),
        right=np.bincount(place[right], minlength=bins).astype(np.int64),
        confidence=np.bincount(place, weights=confidence, minlength=bins).astype(np.float64),
    )


def chance_error(accuracy: float, n: int) -> float:
    """At most the mean expected error of a perfectly calibrated network whose accuracy on `n` > 0 images is this; share of 1.

    A bin of m images with confidence p misses by sqrt(2/π · p(1 − p)/m) on average; the weighted sum over all bins is bounded
    by the inequalities of Cauchy and Schwarz and of Jensen.
    """
    return math.sqrt(2 * BINS / math.pi * accuracy * (1 - accuracy) / n)
