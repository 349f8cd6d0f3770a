"""From logits to probabilities, losses and ranks: the one way that evaluation and prediction share.

Logits are float [N, C]; the arithmetic is in float64, so that it adds nothing to the network's own rounding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def log_softmax(logits: ArrayLike) -> Floats:
    """Log-probabilities [N, C], safe for any finite logits."""
    values = np.asarray(logits, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # a NaN or infinity that came in goes out as NaN
        shifted = values - values.max(axis=1, keepdims=True)
        return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def softmax(logits: ArrayLike) -> Floats:
    """Probabilities [N, C] that sum to 1."""
    return np.exp(log_softmax(logits))


def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """The loss [N] in nats of each image: minus the log-probability of its true label [N]."""
    true = np.asarray(labels, np.int64)
    return 0.0 - log_softmax(logits)[np.arange(len(true)), true]  # 0 − x, so that a loss of zero has no sign


def ordered(logits: ArrayLike) -> Floats:
    """A copy that can be ranked: NaN and minus infinity stand last."""
    lowest = np.finfo(np.float64).min
    return np.nan_to_num(np.asarray(logits, np.float64), nan=lowest, neginf=lowest)


def top_k(logits: ArrayLike, k: int) -> NDArray[np.int64]:
    """The k best classes [N, k], best first; equal logits in the order of the classes. k ≤ C."""
    left = ordered(logits)
    rows = np.arange(len(left))
    best = np.empty((len(left), k), np.int64)
    for place in range(k):  # k passes cost less than sorting, and settle ties the same way every time
        best[:, place] = left.argmax(axis=1)
        left[rows, best[:, place]] = -np.inf
    return best


def true_rank(logits: ArrayLike, labels: ArrayLike) -> NDArray[np.int64]:
    """How many classes stand before the true one [N]: 0 is a right prediction. Agrees with `top_k` on ties."""
    values, true = ordered(logits), np.asarray(labels, np.int64)[:, None]
    own = np.take_along_axis(values, true, axis=1)
    earlier = np.arange(values.shape[1]) < true
    return np.asarray(((values > own) | ((values == own) & earlier)).sum(axis=1), np.int64)
