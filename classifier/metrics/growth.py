"""Learning curves: how right a network is by how many images it learnt from, and what more of them would bring.

The error falls as a power of the number of images, down to what no number of them removes: error(n) = floor + scale · n^−power
(Cortes et al., "Learning curves: asymptotic values and rate of convergence", 1993; Hestness et al., "Deep learning scaling is
predictable, empirically", 2017). How fast it falls is fitted on all classes together, floor and scale of each class by themselves:
a class has too few images for three numbers.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
POWERS: Final = np.linspace(0.1, 1.5, 29)  # that are tried
DRAWS: Final = 200  # of the bootstrap
CHANCES: Final = (0.025, 0.975)


class Curve(NamedTuple):
    """floor + scale · n^−power, of one or many classes at once."""

    floor: Floats  # [...]
    scale: Floats  # [...]
    power: float

    def error(self, numbers: Floats) -> Floats:
        """Of as many images, [...]."""
        return np.asarray(np.clip(self.floor + self.scale * np.asarray(numbers, np.float64) ** -self.power, 0.0, 1.0))


def fitted(numbers: Floats, errors: Floats, power: float, weights: Floats | None = None) -> Curve:
    """Floor and scale, neither below 0, of least squares: numbers and errors [..., S] of S sizes, weights as errors."""
    x, y = np.asarray(numbers, np.float64) ** -power, np.asarray(errors, np.float64)
    w = np.ones_like(y) if weights is None else np.broadcast_to(weights, y.shape)
    total = positive(w.sum(-1))
    mean_x, mean_y = (w * x).sum(-1) / total, (w * y).sum(-1) / total
    across, spread = x - mean_x[..., None], (w * (x - mean_x[..., None]) ** 2).sum(-1)
    slope = (w * across * (y - mean_y[..., None])).sum(-1) / positive(spread)
    scale = np.maximum(slope, 0.0)  # an error that rises is one that stays
    floor = mean_y - scale * mean_x
    through = (w * x * y).sum(-1) / positive((w * x * x).sum(-1))  # with nothing that stays
    below = floor < 0
    return Curve(np.where(below, 0.0, floor), np.where(below, through, scale), power)


def positive(values: Floats) -> Floats:
    """What may be divided by: 1 in place of 0, where there is nothing to divide."""
    return np.asarray(np.where(values > 0, values, 1.0))


def missed(curve: Curve, numbers: Floats, errors: Floats, weights: Floats | None = None) -> float:
    """The sum of squares that is left."""
    said = curve.floor[..., None] + curve.scale[..., None] * np.asarray(numbers, np.float64) ** -curve.power
    squares = (np.asarray(errors) - said) ** 2
    return float((squares if weights is None else squares * weights).sum())


def power_of(numbers: Floats, errors: Floats, weights: Floats | None = None, powers: Floats = POWERS) -> float:
    """How fast errors [C, S] of all classes together fall best."""
    left = [missed(fitted(numbers, errors, power, weights), numbers, errors, weights) for power in powers.tolist()]
    return float(powers[int(np.argmin(left))])


class Growth(NamedTuple):
    """What a doubling of all classes would bring; shares of 1, intervals 95 %."""

    power: float
    now: Floats  # [C] recall as fitted, of the images that there are
    doubled: Floats  # [C]
    gain: Floats  # [C]
    low: Floats  # [C]
    high: Floats  # [C]
    mean: tuple[float, float, float, float]  # of the classes' mean: now, doubled, and its gain's interval


def recalls(labels: NDArray[np.int64], right: NDArray[np.bool_], weights: Floats, classes: int) -> Floats:
    """[C, S] of true labels [V], what was right [S, V] and a weight of each image [V]; NaN of a class without any."""
    whole = np.bincount(labels, weights, minlength=classes)
    hits = np.stack([np.bincount(labels, weights * row, minlength=classes) for row in right], 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(hits / whole[:, None])


def forecast(numbers: Floats, labels: NDArray[np.int64], right: NDArray[np.bool_], seed: int = 0, draws: int = DRAWS) -> Growth:
    """Of training images numbers [C, S], the judging images' true labels [V] and whether each was right after each size [S, V].

    Intervals by the Bayesian bootstrap of the judging images (Rubin, 1981), to which each class adds one image drawn from all of them:
    of a class that five images judge, all of them rightly, not everything is known. How fast errors fall is fitted anew
    in each draw. They tell how sure the judging is, not whether the curve goes on like this.
    """
    classes, sizes = numbers.shape
    seen = recalls(labels, right, np.ones(len(labels)), classes)
    judged = (np.bincount(labels, minlength=classes) > 0) & (numbers.min(1) > 0)  # and learnt from: no curve begins at nothing
    # the last sizes say most of what comes
    weights = np.broadcast_to(np.sqrt(numbers / np.maximum(numbers.max(1, keepdims=True), 1)), (classes, sizes))
    numbers = np.where(numbers > 0, numbers, np.nan)
    power = power_of(numbers[judged], 1 - seen[judged], weights[judged])
    now, doubled = np.full(classes, np.nan), np.full(classes, np.nan)
    now[judged], doubled[judged] = ends(numbers[judged], seen[judged], power, weights[judged])
    random, gains, means = np.random.default_rng(seed), np.full((draws, classes), np.nan), np.zeros(draws)
    for draw in range(draws):
        drawn = redrawn(labels, right, classes, random)[judged]
        fall = power_of(numbers[judged], 1 - drawn, weights[judged], POWERS[draw % 2 :: 2])  # half of them are as good, and twice as fast
        some, later = ends(numbers[judged], drawn, fall, weights[judged])
        gains[draw, judged], means[draw] = later - some, (later - some).mean() if judged.any() else 0.0
    low, high = quantiles(gains, judged)
    gain = doubled - now
    middle = (float(np.nanmean(now[judged])), float(np.nanmean(doubled[judged]))) if judged.any() else (0.0, 0.0)
    below, above = (float(value) for value in np.quantile(means, CHANCES))
    mean_gain = middle[1] - middle[0]
    mean = (*middle, min(below, mean_gain), max(above, mean_gain))
    return Growth(power, now, doubled, gain, np.minimum(low, gain), np.maximum(high, gain), mean)


def redrawn(labels: NDArray[np.int64], right: NDArray[np.bool_], classes: int, random: np.random.Generator) -> Floats:
    """As `recalls`, of images that weigh as chance has it, and of one more in each class."""
    weights, more = random.standard_exponential(len(labels)), random.standard_exponential(classes)
    others = right[:, random.integers(0, len(labels), classes)]  # [S, C]
    whole = np.bincount(labels, weights, minlength=classes) + more
    hits = np.stack([np.bincount(labels, weights * row, minlength=classes) for row in right]) + more * others
    return np.asarray((hits / whole).T)


def ends(numbers: Floats, seen: Floats, power: float, weights: Floats) -> tuple[Floats, Floats]:
    """(recall of as many images as there are, of twice as many), [C]."""
    curve = fitted(numbers, 1 - seen, power, weights)
    most = numbers[:, -1]
    return 1 - curve.error(most), 1 - curve.error(2 * most)


def quantiles(gains: Floats, judged: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The ends of the interval of each class; NaN of one that has no forecast."""
    low, high = np.full(len(judged), np.nan), np.full(len(judged), np.nan)
    if len(gains) and judged.any():
        low[judged], high[judged] = np.nanquantile(gains[:, judged], CHANCES, axis=0)
    return low, high
