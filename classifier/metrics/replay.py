"""Whether a training that was run again came to the same: bit for bit, within rounding, or not, and from where on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from classifier.metrics.comparison import matched
from classifier.metrics.scored import FORGOTTEN, Scored

BIT_EQUAL: Final = "bit-equal"
WITHIN: Final = "within rounding"
DIFFERENT: Final = "different"
EPSILON = 1e-3  # of a probability or an accuracy, and of a loss relatively: what evaluation and prediction promise each other
SERIES = ("train_loss", "train_top1", "val_loss", "val_top1")


class Verdict(NamedTuple):
    """What became of it; `epoch` is the first whose figures differ by more than rounding, `changed` how many images are named otherwise."""

    verdict: str
    epoch: int | None
    figure: str  # of that epoch: the first of SERIES that differs; empty where none does
    changed: int
    n: int  # images of both
    largest: float  # difference of a probability

    @property
    def words(self) -> str:
        """The verdict in a sentence."""
        if self.verdict == BIT_EQUAL:
            return f"Bit-equal: every loss and accuracy of every epoch, and the answers for all {self.n:,} images."
        if self.verdict == WITHIN:
            return f"Within rounding: the same answers for all {self.n:,} images, probabilities apart by at most {self.largest:.1g}."
        parts = [f"from epoch {self.epoch} on ({self.figure})"] if self.epoch else []
        parts += [f"{self.changed:,} of {self.n:,} images are named otherwise"] if self.changed else []
        parts += [f"probabilities are apart by up to {self.largest:.2g}"] if self.largest > EPSILON and not self.changed else []
        return f"Different: {'; '.join(parts or ['not the same images were judged'])}."


def verdict(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]], said: Scored, says: Scored) -> Verdict:
    """Of the epochs' figures (rows of `history` in result.json) and the predictions of both."""
    here, there = matched(said["position"], says["position"])
    one, other = said[here], says[there]
    changed = int((one["predicted"] != other["predicted"]).sum())
    gap = np.abs(one["best_probability"].astype(np.float64) - other["best_probability"])
    largest = float(gap.max(initial=0.0))
    epoch, figure = parting(first, second, EPSILON)
    told = (changed, len(here), largest)
    whole = len(here) == there_of(said) == there_of(says)
    if whole and parting(first, second, 0.0)[0] is None and equal(one, other):
        return Verdict(BIT_EQUAL, None, "", *told)
    if whole and epoch is None and not changed and largest <= EPSILON:
        return Verdict(WITHIN, None, "", *told)
    return Verdict(DIFFERENT, epoch, figure, *told)


def there_of(rows: Scored) -> int:
    """Images that were not erased since: of those that were nobody knows any more which is which."""
    return int((rows["position"] != FORGOTTEN).sum())


def equal(one: Scored, other: Scored) -> bool:
    """Whether all that is said of the same images is the same to the last bit."""
    return all(np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f") for name in one.dtype.names or ())


def parting(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]], epsilon: float) -> tuple[int | None, str]:
    """The first epoch that differs by more than that, and in what; one that only one of them has differs in being there."""
    for before, now in zip(first, second, strict=False):
        for name in SERIES:
            if not near(before.get(name), now.get(name), epsilon):
                return int(before["epoch"]), name
    longer, shared = max(first, second, key=len), min(len(first), len(second))
    return (int(longer[shared]["epoch"]), "only one ran it") if len(longer) > shared else (None, "")


def near(one: float | None, other: float | None, epsilon: float) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=epsilon, abs_tol=epsilon)
