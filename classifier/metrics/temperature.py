"""One number by which logits are divided so that probabilities are as sure as they are right (Guo et al., 2017). Labels do not change.

It is fitted on validation images alone: on those that are measured it would flatter itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.metrics.probabilities import top_k

MOST_FITTED = 2000  # images, spread over the split: one number is known to a few percent by so many
LOWEST, HIGHEST = 0.05, 20.0
CHUNK_ROWS = 4096
MOST_STEPS = 60
NEAR = 1e-8  # of itself, between two steps


def spread(n: int, most: int = MOST_FITTED) -> NDArray[np.int64]:
    """At most so many places in 0..n-1, evenly spread."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).round().astype(np.int64)


def fitted(labels: ArrayLike, logits: ArrayLike) -> float | None:
    """The temperature with the least cross-entropy on true labels [N] and logits [N, C].

    None where they cannot say: no image, logits that are no numbers, or not one mistake (then sharper is always better).
    """
    true, values = np.asarray(labels, np.int64), np.asarray(logits, np.float64)
    if not len(true) or not np.isfinite(values).all() or (top_k(values, 1)[:, 0] == true).all():
        return None
    low, high, sharpness = 1 / HIGHEST, 1 / LOWEST, 1.0
    for _ in range(MOST_STEPS):  # Newton's on a convex function, kept between its bounds
        slope, bend = slopes(true, values, sharpness)
        low, high = (low, sharpness) if slope > 0 else (sharpness, high)
        step = sharpness - slope / bend if bend > 0 else low
        following = step if low < step < high else float(np.sqrt(low * high))
        if abs(following - sharpness) <= NEAR * sharpness:
            break
        sharpness = following
    return float(1 / sharpness)


def slopes(labels: NDArray[np.int64], logits: NDArray[np.float64], sharpness: float) -> tuple[float, float]:
    """First and second derivative of the summed cross-entropy by what logits are multiplied with."""
    slope = bend = 0.0
    for start in range(0, len(labels), CHUNK_ROWS):
        true, values = labels[start : start + CHUNK_ROWS], logits[start : start + CHUNK_ROWS]
        values = values - values.max(axis=1, keepdims=True)
        odds = np.exp(sharpness * values)
        odds /= odds.sum(axis=1, keepdims=True)
        mean = (odds * values).sum(axis=1)
        slope += float((mean - values[np.arange(len(true)), true]).sum())
        bend += float(((odds * values**2).sum(axis=1) - mean**2).sum())
    return slope, bend
