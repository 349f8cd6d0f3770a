"""What the pages of an evaluation draw, in one file beside its predictions: `curves-….npz`, arrays alone.

grid                          [T] probabilities at which is counted (`areas.GRID`)
said, right                   [C, T] images whose probability of the class is at least that, and those of them that are of the class
own                           [C] images of the class
roc_x, roc_y, pr_x, pr_y      [C, P] curves
roc_area, pr_area             [C, 4] area, ends of its 95 % interval, standard error
threshold                     [C, 2] from which probability on the class has its best F1, and that
f1_span                       [C, 2] 95 % interval of F1
bins, bins_after              [3, 15] calibration: images, right ones, summed confidence; after: with the temperature
answered, answered_right      [T] images whose best class has at least that probability, and the right ones of them
coverage, risk                [P] share of the images that is answered, the surest first, and the share of those that is wrong

What is not defined is NaN.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.metrics import areas
from classifier.metrics.averages import Floats
from classifier.metrics.calibration import CalibrationBins
from classifier.metrics.whole import UNREADABLE, put

Arrays = dict[str, NDArray[np.generic]]
BLOCK = 16  # classes whose columns are taken together
CHUNK_ROWS = 4096


def path_of(predictions_csv: Path) -> Path:
    """Where the curves of a predictions file are."""
    return predictions_csv.with_name(f"curves{predictions_csv.stem.removeprefix('predictions')}.npz")


def by_class(labels: NDArray[np.int64], logits: NDArray[np.floating]) -> Arrays:
    """Everything by class of true labels [N] and logits [N, C]."""
    classes = logits.shape[1]
    wide = {name: np.full((classes, areas.POINTS), np.nan, np.float32) for name in ("roc_x", "roc_y", "pr_x", "pr_y")}
    counted = {name: np.zeros((classes, len(areas.GRID)), np.uint32) for name in ("said", "right")}
    found = {name: np.full((classes, 4), np.nan) for name in ("roc_area", "pr_area")} | {"threshold": np.full((classes, 2), np.nan)}
    logs = normalisers(logits)
    for start in range(0, classes, BLOCK):
        for place, scores in enumerate(columns(logits, logs, start, start + BLOCK), start):
            order, own = np.sort(scores), np.sort(scores[labels == place])
            ranked = areas.ranked(order, own)
            counted["said"][place] = len(order) - np.searchsorted(order, areas.GRID, "left")
            counted["right"][place] = len(own) - np.searchsorted(own, areas.GRID, "left")
            wide["roc_x"][place], wide["roc_y"][place] = areas.roc_curve(ranked)
            wide["pr_x"][place], wide["pr_y"][place] = areas.pr_curve(ranked)
            found["roc_area"][place], found["pr_area"][place] = areas.roc_area(ranked), areas.average_precision(ranked)
            found["threshold"][place] = areas.best_threshold(ranked)
    return {"grid": areas.GRID, "own": np.bincount(labels, minlength=classes), **wide, **counted, **found}


def normalisers(logits: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """(the largest logit, the logarithm of the sum of what lies below it) of each image [N], by which any column becomes probabilities."""
    peaks, sums = np.empty(len(logits)), np.empty(len(logits))
    for first in range(0, len(logits), CHUNK_ROWS):
        some = slice(first, first + CHUNK_ROWS)
        values = np.asarray(logits[some], np.float64)
        peaks[some] = values.max(axis=1)
        with np.errstate(invalid="ignore", over="ignore"):
            sums[some] = np.log(np.exp(values - peaks[some, None]).sum(axis=1))
    return peaks, sums


def columns(logits: NDArray[np.floating], logs: tuple[Floats, Floats], start: int, end: int) -> Floats:
    """The probabilities [some, N] of some classes, each in one piece; what is no number is the least probable of all."""
    found = np.ascontiguousarray(logits[:, start:end].T, np.float64)
    with np.errstate(invalid="ignore"):
        found = np.exp((found - logs[0]) - logs[1])
    return np.nan_to_num(found, copy=False, nan=0.0)


def as_array(bins: CalibrationBins) -> Floats:
    """[3, BINS]."""
    return np.stack([bins.count, bins.right, bins.confidence]).astype(np.float64)


def of_array(kept: Floats) -> CalibrationBins:
    """What `as_array` was given."""
    return CalibrationBins(kept[0].astype(np.int64), kept[1].astype(np.int64), kept[2])


def selective(confidence: Floats, right: NDArray[np.bool_]) -> tuple[Arrays, float | None]:
    """(how right answers are that are at least so sure; the area under wrong answers by coverage) of confidences [N]."""
    order = np.argsort(-confidence, kind="stable")
    sure, wrong = confidence[order], np.cumsum(~right[order])
    rising = sure[::-1]
    answered = len(sure) - np.searchsorted(rising, areas.GRID, "left")
    answered_right = answered - np.r_[0, wrong][answered]
    if not len(sure):
        empty = np.full(areas.POINTS, np.nan)
        return {"answered": answered, "answered_right": answered_right, "coverage": empty, "risk": empty}, None
    last = len(sure) - np.searchsorted(rising, sure, "left")  # images that are at least as sure: equals share their risk
    risk = wrong[last - 1] / last
    coverage, drawn = areas.thinned(last / len(sure), risk)
    return {"answered": answered, "answered_right": answered_right, "coverage": coverage, "risk": drawn}, float(risk.mean())


def write_curves(path: Path, arrays: Arrays) -> None:
    """Writes the file whole or not at all, on disk for good."""
    put(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def read_curves(path: Path, *names: str) -> Arrays | None:
    """Those arrays of what `write_curves` wrote; None where it is not there, as of an evaluation of an earlier release, or
    damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in names}
    except UNREADABLE:
        return None
