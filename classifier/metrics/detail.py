"""All figures of a split beyond its sums (`classifier.metrics.tally`), each with how sure it is, and what is drawn of them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.metrics import bootstrap, curves
from classifier.metrics.averages import Floats, averages, f1, margins
from classifier.metrics.calibration import CalibrationBins, calibration_bins
from classifier.metrics.counts import confusion
from classifier.metrics.intervals import Z_95, wilson
from classifier.metrics.probabilities import log_softmax, top_k, true_rank

CHUNK_ROWS = 4096
MOST_K = 10  # of top-k
SHARES = ("top1", "recall_weighted")  # of averages: two names for the share of images that are right
BOUNDS = {"mcc": (-1.0, 1.0), "kappa": (-1.0, 1.0)}  # the others lie between 0 and 1

Bools = NDArray[np.bool_]


class Images(NamedTuple):
    """What is said of each image [N]."""

    predicted: NDArray[np.int64]
    right: Bools
    rank: NDArray[np.int64]  # classes before the true one, up to MOST_K
    confidence: Floats  # the predicted class's probability
    loss: Floats  # cross-entropy in nats
    brier: Floats  # squared distance of the probabilities from the true answer


class Detail(NamedTuple):
    """Figures for result.json, and arrays for the file of curves."""

    figures: dict[str, Any]
    arrays: curves.Arrays


def images_of(labels: NDArray[np.int64], logits: NDArray[np.floating], temperature: float = 1.0) -> Images:
    """Of true labels [N] and logits [N, C], divided by the temperature."""
    starts = range(0, max(1, len(labels)), CHUNK_ROWS)
    parts = [some_images(labels[i : i + CHUNK_ROWS], logits[i : i + CHUNK_ROWS], temperature) for i in starts]
    return Images(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def some_images(labels: NDArray[np.int64], logits: NDArray[np.floating], temperature: float) -> Images:
    """The same of few enough to hold in memory as float64."""
    logs = log_softmax(np.asarray(logits, np.float64) / temperature)
    odds, rows = np.exp(logs), np.arange(len(labels))
    predicted = top_k(logits, 1)[:, 0]
    rank = np.minimum(true_rank(logits, labels), MOST_K)
    truth = odds[rows, labels]
    brier = (odds**2).sum(axis=1) - 2 * truth + 1
    return Images(predicted, predicted == labels, rank, odds[rows, predicted], 0.0 - logs[rows, labels], brier)


def brier_of(images: Images, classes: int) -> Floats:
    """As scikit-learn scales it: of two classes half, so that it lies between 0 and 1 (Brier, 1950, lets it reach 2)."""
    return images.brier / 2 if classes == 2 else images.brier


def detail(labels: ArrayLike, logits: ArrayLike, temperature: float | None = None) -> Detail:
    """Of true labels [N] and logits [N, C]; the temperature is that of validation images, if one is known."""
    true, values = np.asarray(labels, np.int64), np.asarray(logits)
    classes = values.shape[1]
    images = images_of(true, values)
    after = images_of(true, values, temperature) if temperature else None
    arrays = curves.by_class(true, values)
    figures, intervals, f1_span = of_matrix(confusion(true, images.predicted, classes))
    selective, area = curves.selective(np.nan_to_num(images.confidence), images.right)
    top, tops = of_ranks(images.rank, classes)
    before = calibrated(images, classes)
    figures |= {"brier": before["brier"], "aurc": area, "top_k": top}
    risk = None if area is None else bootstrap.risk_span(area, images.confidence, images.right)
    intervals |= {"aurc": risk, "top_k": [intervals["top1"], *tops[1:]]} | of_means(images, before, classes) | of_areas(arrays, figures)
    calibration = {"before": before, "after": after and calibrated(after, classes)}
    arrays |= selective | {"f1_span": f1_span, "bins": curves.as_array(bins_of(images))}
    if after:
        arrays["bins_after"] = curves.as_array(bins_of(after))
    return Detail({**figures, "intervals": intervals, "calibration": calibration}, arrays)


def number(value: float) -> float | None:
    """None for what is not defined."""
    return float(value) if math.isfinite(value) else None


def of_matrix(counts: NDArray[np.int64]) -> tuple[dict[str, Any], dict[str, Any], Floats]:
    """(figures, their intervals, F1's interval of each class [C, 2])."""
    sums = margins(counts)
    figures = {name: number(float(value)) for name, value in averages(sums).items()}
    if not counts.sum():
        return figures, dict.fromkeys(figures), np.full((len(counts), 2), np.nan)
    resampled = bootstrap.of_counts(counts)
    intervals: dict[str, Any] = {}
    for name, value in figures.items():
        intervals[name] = None if value is None else bootstrap.span(value, resampled.averages[name], *BOUNDS.get(name, (0.0, 1.0)))
    intervals |= dict.fromkeys(SHARES, wilson(int(sums.right.sum()), int(counts.sum())))
    return figures, intervals, bootstrap.spans(f1(sums), resampled.f1)


def of_ranks(ranks: NDArray[np.int64], classes: int) -> tuple[list[float | None], list[Any]]:
    """(top-1 to top-k, their intervals), for as many k as say anything."""
    n, most = len(ranks), max(1, min(MOST_K, classes - 1))
    right = np.cumsum(np.bincount(ranks, minlength=MOST_K + 1))[:most].tolist()
    if not n:
        return [None] * most, [None] * most
    return [number / n for number in right], [wilson(number, n) for number in right]


def bins_of(images: Images) -> CalibrationBins:
    """Sums by confidence; what is no number counts as not sure at all, so that what is drawn of the others stays."""
    return calibration_bins(np.nan_to_num(images.confidence), images.right)


def calibrated(images: Images, classes: int) -> dict[str, float | None]:
    """How well probabilities say how right they are; loss is the negative log-likelihood."""
    if not len(images.right):
        return {"ece": None, "loss": None, "brier": None}
    ece = bins_of(images).expected_error() if np.isfinite(images.confidence).all() else None
    told = {"ece": ece, "loss": float(images.loss.mean()), "brier": float(brier_of(images, classes).mean())}
    return {name: None if value is None else number(value) for name, value in told.items()}


def of_means(images: Images, before: dict[str, float | None], classes: int) -> dict[str, Any]:
    """The intervals of what is averaged over images; none where all are right or all wrong, for what a single other one would change is
    in no resample."""
    if images.right.all() or not images.right.any():
        return {"loss": None, "brier": None, "ece": None}
    error = before["ece"]
    return {
        "loss": bootstrap.mean_span(images.loss, math.inf),
        "brier": bootstrap.mean_span(brier_of(images, classes), 1.0 if classes == 2 else 2.0),
        "ece": None if error is None else bootstrap.calibration_span(error, images.confidence, images.right),
    }


def of_areas(arrays: curves.Arrays, figures: dict[str, Any]) -> dict[str, Any]:
    """Adds the classes' mean areas to the figures; gives their intervals: at most so wide, since the classes share their images."""
    intervals: dict[str, Any] = {}
    for name, kept in (("roc_area_macro", "roc_area"), ("pr_area_macro", "pr_area")):
        rows = np.asarray(arrays[kept], np.float64)
        known = rows[np.isfinite(rows[:, 0])]
        figures[name] = float(known[:, 0].mean()) if len(known) else None
        errors = known[:, 3][np.isfinite(known[:, 3])]
        half = Z_95 * float(errors.mean()) if len(errors) else None
        intervals[name] = None if half is None else (max(0.0, figures[name] - half), min(1.0, figures[name] + half))
    return intervals
