"""One class against all others, as its probability is asked for more or less: ROC and precision-recall, their areas, the best threshold.

Areas are exact, ties included, and equal scikit-learn's; curves are kept at so many points. All of it follows from where the images of the
class stand among all others, so a class costs one sorting of its column.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.intervals import Z_95, wilson

Floats = NDArray[np.float64]
POINTS = 101  # of a kept curve
# Probabilities at which what is said of a class is counted: hundredths, and closer where sure networks put most images.
GRID: Floats = np.unique(np.r_[0, 0.001, 0.002, 0.005, np.arange(1, 100) / 100, 0.995, 0.998, 0.999, 1])


class Ranked(NamedTuple):
    """Where the images of a class stand; D different scores of theirs, the lowest first."""

    scores: Floats  # [D]
    own: Floats  # [D] images of the class with that score
    above: Floats  # [D] images of the class with at least that score
    others_below: Floats  # [D] other images with less
    others_level: Floats  # [D] other images with just as much
    n: int  # images of the class
    others: int


class Area(NamedTuple):
    """An area with its 95 % interval; NaN where it is not defined, the interval alone where nothing tells how sure it is."""

    value: float
    low: float
    high: float
    error: float  # standard error


UNDEFINED = Area(math.nan, math.nan, math.nan, math.nan)


def ranked(sorted_scores: Floats, own_scores: Floats) -> Ranked:
    """Of the scores of all images [N], sorted, and of those of the class."""
    scores, own = np.unique(own_scores, return_counts=True)
    less, most = np.searchsorted(sorted_scores, scores, "left"), np.searchsorted(sorted_scores, scores, "right")
    before = np.cumsum(own) - own
    n = len(own_scores)
    images, above, below, level = (each.astype(np.float64) for each in (own, n - before, less - before, most - less - own))
    return Ranked(scores, images, above, below, level, n, len(sorted_scores) - n)


def roc_area(found: Ranked) -> Area:
    """The chance that an image of the class scores above another one. Its interval is Wilson's, of as many images as would be as sure."""
    if not found.n or not found.others:
        return UNDEFINED
    placed = (found.others_below + found.others_level / 2) / found.others  # [D] of each image of the class
    area = float((found.own * placed).sum() / found.n)
    if found.n < 2 or found.others < 2:
        return Area(area, math.nan, math.nan, math.nan)
    images, placed_others = others_placed(found)
    spread = (found.own * (placed - area) ** 2).sum() / (found.n - 1) / found.n
    spread += (images * (placed_others - area) ** 2).sum() / (found.others - 1) / found.others
    images_worth = as_sure_as(area, float(spread), found.n, found.others)
    error = math.sqrt(area * (1 - area) / images_worth)
    return Area(area, *wilson(area * images_worth, images_worth), error or math.nan)


def as_sure_as(area: float, spread: float, n: int, others: int) -> float:
    """Of how many images a share would be as sure as the area, whose variance is `spread` by DeLong, DeLong and Clarke-Pearson (1988).

    Never of more than Hanley and McNeil (1982) say, who expect long tails: two or ten images of a class often happen to lie close
    together, and then the spread among them says that nothing is left to chance.
    """
    side = max(area, 1 - area)  # theirs is of areas above one half
    most = n * others / (1 + (n - 1) * (1 - side) / (2 - side) + (others - 1) * side / (1 + side))
    return min(most, area * (1 - area) / spread) if spread > 0 else most


def others_placed(found: Ranked) -> tuple[Floats, Floats]:
    """(images, the share of the class's images above them) of the groups of other images: level with a score of the class, or between."""
    until = found.others_below + found.others_level
    between = np.r_[found.others_below, found.others] - np.r_[0, until]
    level = (found.above - found.own / 2) / found.n
    return np.r_[between, found.others_level], np.r_[found.above / found.n, 0, level]


def precisions(found: Ranked) -> Floats:
    """[D] at each score of the class as the threshold."""
    return found.above / (found.above + found.others - found.others_below)


def average_precision(found: Ranked) -> Area:
    """The mean precision over the images of the class; its interval by the logit (Boyd, Eng and Page, 2013)."""
    if not found.n:
        return UNDEFINED
    area = float((found.own * precisions(found)).sum() / found.n)
    if not 0 < area < 1 or found.n < 2:
        return Area(area, math.nan, math.nan, math.nan)
    middle, half = math.log(area / (1 - area)), Z_95 / math.sqrt(found.n * area * (1 - area))
    low, high = ((1 + math.tanh((middle + side * half) / 2)) / 2 for side in (-1, 1))  # the logistic function, which never overflows so
    return Area(area, low, high, math.sqrt(area * (1 - area) / found.n))


def best_threshold(found: Ranked) -> tuple[float, float]:
    """(probability from which on to say the class, the F1 that it has so); NaN where it has no image."""
    if not found.n:
        return math.nan, math.nan
    said = found.above + found.others - found.others_below
    values = 2 * found.above / (said + found.n)
    best = len(values) - 1 - int(values[::-1].argmax())  # of equal ones the surest
    return float(found.scores[best]), float(values[best])


def roc_curve(found: Ranked) -> tuple[Floats, Floats]:
    """(false-positive rates, true-positive rates), POINTS of them from (0, 0) to (1, 1)."""
    if not found.n or not found.others:
        return np.full(POINTS, np.nan), np.full(POINTS, np.nan)
    over, over_level = found.others - found.others_below - found.others_level, found.others - found.others_below
    x = np.stack([over, over_level], axis=1)[::-1].ravel() / found.others
    y = np.stack([found.above - found.own, found.above], axis=1)[::-1].ravel() / found.n
    return thinned(np.r_[0, x, 1], np.r_[0, y, 1])


def pr_curve(found: Ranked) -> tuple[Floats, Floats]:
    """(recalls, precisions), POINTS of them by rising recall, at thresholds that are scores of the class."""
    if not found.n:
        return np.full(POINTS, np.nan), np.full(POINTS, np.nan)
    recall, precision = found.above[::-1] / found.n, precisions(found)[::-1]
    return thinned(np.r_[0, recall], np.r_[precision[0], precision])


def thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """POINTS of the corners of a line, evenly along it; the first and the last are kept, and the last fills what is over."""
    way = np.r_[0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))]
    places = np.arange(len(x)) if len(x) <= POINTS else np.unique(np.searchsorted(way, np.linspace(0, way[-1], POINTS)))
    places = np.r_[places, np.full(POINTS - len(places), len(x) - 1)].astype(np.int64)
    places[-1] = len(x) - 1
    return x[places], y[places]
