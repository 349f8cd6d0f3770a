"""How far figures would move were other images drawn: 95 % intervals by the bootstrap (Efron, 1979), seeded, so that they repeat.

Images are drawn anew with replacement. Where a figure follows from counts, so are the counts, all of a resample at once (a multinomial
draw), so that a million images take no longer than a thousand. What is averaged over images is put into cells of nearly equal values
first, for the same reason.

An interval is the percentile interval of the resamples, moved so that their mean lies on the figure: a resample's calibration error is
larger than that of the images themselves, and an interval that does not hold its own figure helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.averages import Floats, Margins, averages, f1
from classifier.metrics.calibration import BINS
from classifier.metrics.counts import Counts

RESAMPLES = 1000
SEED = 20_190
AT_ONCE = 2_000_000  # drawn counts that lie in memory together
ENDS = (0.025, 0.975)
STILL = 1e-12  # between two ends: rounding, and no width
ALONE = 2048  # of the largest values each is a cell of its own: the few large losses decide how far a mean moves
CELLS = 2048  # that share the others
STEPS = 512  # of certainty, for the risk by coverage
FINE = 64  # cells of confidence within each bin of the calibration error

Interval = tuple[float, float]


class Resampled(NamedTuple):
    """Figures of the resamples of a matrix."""

    averages: dict[str, Floats]  # [B]
    f1: Floats  # [B, C]


def draws(counts: NDArray[np.integer], generator: np.random.Generator, resamples: int = RESAMPLES) -> Iterator[NDArray[np.int64]]:
    """Counts [K] as they might have come, [some, K] at a time."""
    n, k = int(counts.sum()), len(counts)
    step = max(1, AT_ONCE // max(1, k))
    for start in range(0, resamples, step):
        yield generator.multinomial(n, counts / n, size=min(step, resamples - start))


def of_counts(counts: Counts, seed: int = SEED) -> Resampled:
    """Resamples of a matrix [C, C] with at least one image."""
    classes = len(counts)
    rows, columns = np.nonzero(counts)
    found: list[tuple[dict[str, Floats], Floats]] = []
    for drawn in draws(counts[rows, columns], np.random.default_rng(seed)):
        sums = Margins(*(summed(drawn[:, which], to[which], classes) for to, which in sides(rows, columns)))
        found.append((averages(sums), f1(sums)))
    names = found[0][0]
    return Resampled({name: np.concatenate([told[name] for told, _ in found]) for name in names}, np.concatenate([by for _, by in found]))


def sides(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]:
    """For right, said and true images: which class each cell counts for, and the cells that count, in the order of their classes."""
    diagonal, every = np.flatnonzero(rows == columns), np.arange(len(rows))
    return (rows, diagonal), (columns, np.argsort(columns, kind="stable")), (rows, every)


def summed(drawn: NDArray[np.int64], to: NDArray[np.int64], classes: int) -> Floats:
    """Sums [B, classes] of counts [B, K] by the class of each column; `to` [K] rises."""
    sums = np.zeros((len(drawn), classes))
    if len(to):
        starts = np.flatnonzero(np.r_[True, np.diff(to) > 0])
        sums[:, to[starts]] = np.add.reduceat(drawn, starts, axis=1)
    return sums


def span(figure: float, resampled: Floats, low: float = 0.0, high: float = 1.0) -> Interval | None:
    """The interval of a figure that lies between `low` and `high`; None where resamples do not move it, as without a single mistake."""
    known = resampled[np.isfinite(resampled)]
    if not len(known) or not np.isfinite(figure):
        return None
    ends = np.quantile(known, ENDS)
    if ends[1] - ends[0] <= STILL * max(1.0, abs(figure)):
        return None
    ends += figure - known.mean()
    return float(np.clip(ends[0], low, high)), float(np.clip(ends[1], low, high))


def spans(figures: Floats, resampled: Floats) -> Floats:
    """The same of shares [C] and their resamples [B, C]: [C, 2], NaN where resamples do not move them."""
    ends = np.quantile(resampled, ENDS, axis=0)
    still = ends[1] - ends[0] <= STILL
    return np.where(still[:, None], np.nan, np.clip(ends + (figures - resampled.mean(axis=0)), 0, 1).T)


def condensed(values: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """(means, images) of cells that hold values [N] of nearly the same size; exact for few images."""
    order = np.sort(values)
    few, many = order[-ALONE:], order[:-ALONE]
    starts = np.unique(np.linspace(0, len(many), min(CELLS, len(many)) + 1).astype(np.int64))[:-1] if len(many) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(many)]) if len(many) else starts
    means = np.add.reduceat(many, starts) / sizes if len(many) else np.zeros(0)
    return np.r_[means, few], np.r_[sizes, np.ones(len(few), np.int64)]


def mean_span(values: Floats, high: float, seed: int = SEED) -> Interval | None:
    """Of the mean of values [N] between 0 and `high`."""
    if not np.isfinite(values).all():
        return None
    means, sizes = condensed(values)
    resampled = np.concatenate([drawn @ means / len(values) for drawn in draws(sizes, np.random.default_rng(seed))])
    return span(float(values.mean()), resampled, 0.0, high)


def calibration_span(error: float, confidence: Floats, right: NDArray[np.bool_], seed: int = SEED) -> Interval | None:
    """Of the expected calibration error of confidences [N] and of whether each prediction [N] was right."""
    fine = BINS * FINE
    place = np.clip(np.ceil(np.nan_to_num(confidence) * fine).astype(np.int64) - 1, 0, fine - 1) * 2 + right
    sizes = np.bincount(place, minlength=2 * fine)
    used = np.flatnonzero(sizes)
    gap = (np.bincount(place, weights=right - np.nan_to_num(confidence), minlength=2 * fine)[used]) / sizes[used]
    found = []
    for drawn in draws(sizes[used], np.random.default_rng(seed)):
        found.append(np.abs(summed_gaps(drawn, gap, used // (2 * FINE))).sum(axis=1) / len(confidence))
    return span(error, np.concatenate(found))


def summed_gaps(drawn: NDArray[np.int64], gap: Floats, bins: NDArray[np.int64]) -> Floats:
    """Sums [B, BINS] of what right answers and confidence differ by, over cells [K] whose bins rise."""
    starts = np.flatnonzero(np.r_[True, np.diff(bins) > 0])
    return np.add.reduceat(drawn * gap, starts, axis=1)


def risk_span(risk: float, confidence: Floats, right: NDArray[np.bool_], seed: int = SEED) -> Interval | None:
    """Of the mean risk by coverage of confidences [N] and of whether each prediction [N] was right; in steps of equally many images."""
    order = np.argsort(-np.nan_to_num(confidence), kind="stable")
    step = np.arange(len(order)) * STEPS // len(order)
    sizes = np.bincount(step * 2 + ~right[order], minlength=2 * STEPS)
    used = np.flatnonzero(sizes)
    found = []
    for drawn in draws(sizes[used], np.random.default_rng(seed)):
        images = summed(drawn, used // 2, STEPS)
        wrong = summed(drawn[:, used % 2 == 1], (used // 2)[used % 2 == 1], STEPS)
        behind = np.maximum(images.cumsum(axis=1), 1)
        found.append((images * wrong.cumsum(axis=1) / behind).sum(axis=1) / len(order))
    return span(risk, np.concatenate(found))
