"""Sums over a split that batches add to, and the `test` figures they divide into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.metrics.calibration import CalibrationBins, calibration_bins
from classifier.metrics.counts import ClassFigures, Counts, confusion, per_class, ratio, top1
from classifier.metrics.probabilities import cross_entropy, softmax, top_k, true_rank

CHUNK_ROWS = 4096  # images at once, so that a thousand classes need tens of megabytes and not gigabytes


class Summary(TypedDict):
    """The figures of one split, as result.json's `test` holds them."""

    n: int
    top1: float | None
    top5: float | None  # with fewer than five classes: among all of them, so 1
    loss: float | None  # mean cross-entropy in nats, without smoothing or class weights
    ece: float | None  # expected calibration error, 15 bins
    confusion: list[list[int]]
    per_class: list[ClassFigures]
    not_finite: NotRequired[list[str]]  # figures that came out NaN or infinite and stand as null


@dataclass(frozen=True)
class Tally:
    """Counts and sums of some predictions; adding two gives those of both."""

    confusion: Counts  # [C, C]
    top5_right: int
    loss_sum: float
    bins: CalibrationBins

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.confusion + other.confusion,
            self.top5_right + other.top5_right,
            self.loss_sum + other.loss_sum,
            self.bins + other.bins,
        )

    @property
    def n(self) -> int:
        """How many images were counted."""
        return int(self.confusion.sum())

    def summary(self, classes: Sequence[str]) -> Summary:
        """The figures, in the order of `classes`."""
        figures: Summary = {
            "n": self.n,
            "top1": top1(self.confusion),
            "top5": ratio(self.top5_right, self.n),
            "loss": ratio(self.loss_sum, self.n),
            "ece": self.bins.expected_error(),
            "confusion": self.confusion.tolist(),
            "per_class": per_class(self.confusion, classes),
        }
        return without_infinities(figures)


def without_infinities(figures: Summary) -> Summary:
    """Loss and calibration that a broken network made NaN as None, and named in `not_finite`."""
    sums = {"loss": figures["loss"], "ece": figures["ece"]}
    wrong = [name for name, value in sums.items() if value is not None and not math.isfinite(value)]
    if wrong:
        figures["not_finite"] = wrong
        figures["loss"] = None if "loss" in wrong else figures["loss"]
        figures["ece"] = None if "ece" in wrong else figures["ece"]
    return figures


def tally(labels: ArrayLike, logits: ArrayLike) -> Tally:
    """The sums of true labels [N] and logits [N, C]."""
    true, values = np.asarray(labels, np.int64), np.asarray(logits)
    starts = range(0, max(1, len(true)), CHUNK_ROWS)
    return reduce(add, (tally_chunk(true[i : i + CHUNK_ROWS], values[i : i + CHUNK_ROWS]) for i in starts))


def tally_chunk(labels: NDArray[np.int64], logits: NDArray[np.floating]) -> Tally:
    """The sums of few enough images to hold in memory as float64."""
    classes = logits.shape[1]
    predicted = top_k(logits, 1)[:, 0]
    confidence = np.take_along_axis(softmax(logits), predicted[:, None], axis=1)[:, 0]
    return Tally(
        confusion=confusion(labels, predicted, classes),
        top5_right=int((true_rank(logits, labels) < min(5, classes)).sum()),
        loss_sum=float(cross_entropy(logits, labels).sum()),
        bins=calibration_bins(confidence, predicted == labels),
    )


def summary(labels: ArrayLike, logits: ArrayLike, classes: Sequence[str]) -> Summary:
    """The figures of true labels [N] and logits [N, C]."""
    return tally(labels, logits).summary(classes)
