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


def power_of(numbers: Floats, errors: Floats, weights: Floats | None = None) -> float:
    """How fast errors [C, S] of all classes together fall best."""
    left = [missed(fitted(numbers, errors, power, weights), numbers, errors, weights) for power in POWERS]
    return float(POWERS[int(np.argmin(left))])


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

    Intervals by the bootstrap of the judging images (Efron, 1979; each image weighs as often as a Poisson number of mean 1 says): they
    tell how sure the judging is, not whether the curve goes on like this.
    """
    classes, sizes = numbers.shape
    seen = recalls(labels, right, np.ones(len(labels)), classes)
    judged = np.bincount(labels, minlength=classes) > 0
    weights = np.broadcast_to(
        np.sqrt(numbers / np.maximum(numbers.max(1, keepdims=True), 1)), (classes, sizes)
    )  # the last say most of what comes
    power = power_of(numbers[judged], 1 - seen[judged], weights[judged])
    now, doubled = ends(numbers, seen, power, weights)
    random, gains, means = np.random.default_rng(seed), np.full((draws, classes), np.nan), np.zeros(draws)
    for draw in range(draws):
        drawn = recalls(labels, right, random.poisson(1.0, len(labels)).astype(np.float64), classes)
        there = ~np.isnan(drawn[:, 0])
        some, later = ends(numbers[there], drawn[there], power, weights[there])
        gains[draw, there] = later - some
        means[draw] = (later - some).mean() if there.any() else 0.0
    low, high = quantiles(gains, judged)
    middle = (float(np.nanmean(now[judged])), float(np.nanmean(doubled[judged]))) if judged.any() else (0.0, 0.0)
    ends_of_mean = tuple(float(value) for value in np.quantile(means, CHANCES)) if draws else (0.0, 0.0)
    return Growth(power, now, doubled, doubled - now, low, high, (*middle, ends_of_mean[0], ends_of_mean[1]))


def ends(numbers: Floats, seen: Floats, power: float, weights: Floats) -> tuple[Floats, Floats]:
    """(recall of as many images as there are, of twice as many), [C]."""
    curve = fitted(numbers, 1 - seen, power, weights)
    most = numbers[:, -1]
    return 1 - curve.error(most), 1 - curve.error(2 * most)


def quantiles(gains: Floats, judged: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The ends of the interval of each class; NaN of one that nothing judged."""
    low, high = np.full(len(judged), np.nan), np.full(len(judged), np.nan)
    if len(gains) and judged.any():
        low[judged], high[judged] = np.nanquantile(gains[:, judged], CHANCES, axis=0)
    return low, high
