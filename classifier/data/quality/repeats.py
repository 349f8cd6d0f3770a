"""From pairs of images to what is wrong with them: learnt from and judged by, labelled two ways, or there twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.quality.finding import NONE, Findings
from classifier.spec.events import SPLITS


class Pairs(NamedTuple):
    """Positions of two samples each, and how alike they are."""

    first: np.ndarray
    second: np.ndarray
    likeness: np.ndarray


class Twins(NamedTuple):
    """For each sample and each split the sample there that is most alike: its position, NONE where there is none, and how alike it is."""

    others: np.ndarray  # int32 [N, 3]
    likeness: np.ndarray  # float32 [N, 3]


def same_bytes(images: np.ndarray) -> Pairs:
    """Each sample whose image an earlier sample has too, with the first that has it."""
    order = np.argsort(images, kind="stable")
    begins = np.concatenate(([True], images[order][1:] != images[order][:-1])) if len(order) else np.empty(0, bool)
    firsts = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))] if len(order) else order
    again = ~begins
    return Pairs(firsts[again], order[again], np.ones(int(again.sum())))


def comparable(dataset: Dataset, pairs: Pairs) -> Pairs:
    """Those of which both are labelled, or neither: nothing is learnt from an unlabelled twin, nor judged by it."""
    waiting = dataset.waiting
    kept = waiting[pairs.first] == waiting[pairs.second]
    return Pairs(pairs.first[kept], pairs.second[kept], pairs.likeness[kept])


class Standing:
    """In which splits each thing stands, an image or a group, unlabelled samples of it apart: a pair names one sample of an image, which
    may stand in three splits."""

    def __init__(self, dataset: Dataset, things: np.ndarray) -> None:
        self.things = things  # int64 [N], of each sample
        rest = dataset.waiting
        self.codes, self.of_sample = np.unique(2 * things + rest, return_inverse=True)
        self.first = np.full((len(self.codes), len(SPLITS)), NONE, np.int32)  # the first sample of each in each split
        backwards = np.arange(len(dataset))[::-1]
        self.first[self.of_sample[backwards], dataset.splits[backwards]] = backwards  # of several the last one written stays

    def same(self) -> Twins:
        """Of the very same thing."""
        others = self.first[self.of_sample]
        return Twins(others, np.broadcast_to(np.float32(1), others.shape))

    def nearly(self, pairs: Pairs) -> Twins:
        """By pairs that look alike, each of which names the first samples of two images, whatever their labels are."""
        one, other, likeness = self.between(pairs)
        others, alike = np.full(self.first.shape, NONE, np.int32), np.zeros(self.first.shape, np.float32)
        for split in range(len(SPLITS)):
            place = self.first[other, split]
            there = np.flatnonzero(place != NONE)
            best = there[np.lexsort((-place[there], likeness[there]))]  # of several the last one written stays: the most alike
            others[one[best], split], alike[one[best], split] = place[best], likeness[best]
        return Twins(others[self.of_sample], alike[self.of_sample])

    def between(self, pairs: Pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs as places in `codes`, both ways round, labelled with labelled and unlabelled with unlabelled."""
        parts = []
        for rest in (0, 1):
            sides = [2 * self.things[side] + rest for side in (pairs.first, pairs.second)]
            places = [np.minimum(np.searchsorted(self.codes, side), len(self.codes) - 1) for side in sides]
            there = np.logical_and(*(self.codes[place] == side for place, side in zip(places, sides, strict=True)))
            one, other, likeness = places[0][there], places[1][there], pairs.likeness[there]
            parts += [(one, other, likeness), (other, one, likeness)]
        one, other, likeness = (np.concatenate(column) for column in zip(*parts, strict=True))
        return one, other, likeness


def besides(twins: Twins, known: Iterable[Twins]) -> Twins:
    """Without those of a split in which an image has a twin that is known already."""
    told = np.logical_or.reduce([others.others != NONE for others in known])
    return twins._replace(others=np.where(told, NONE, twins.others))


def findings(dataset: Dataset, pairs: Pairs, twins: Twins, prefix: str) -> list[Findings]:
    """What each pair means; `prefix` is "near_" for those that are not the same bytes.

    Of a leak the first named is the one in the earlier split: to take that out leaves the images that judge as they are.
    """
    first, second = pairs.first, pairs.second
    split_first, split_second = dataset.splits[first], dataset.splits[second]
    early, late = np.where(split_first <= split_second, first, second), np.where(split_first <= split_second, second, first)
    two = dataset.labels[first] != dataset.labels[second]
    twice = (split_first == split_second) & ~two
    return [
        leaking(f"{prefix}leak", dataset, twins),
        labelled_twice(f"{prefix}two_labels", dataset, early[two], late[two], pairs.likeness[two]),
        of_pairs(f"{prefix}duplicate", np.maximum(first, second)[twice], np.minimum(first, second)[twice], pairs.likeness[twice]),
    ]


def leaking(kind: str, dataset: Dataset, twins: Twins) -> Findings:
    """Each sample that a later split has too, with the one there; with the test image where both later splits have it."""
    others, likeness = np.full(len(dataset), NONE, np.int64), np.zeros(len(dataset))
    for late in range(1, len(SPLITS)):
        reaching = (dataset.splits < late) & (twins.others[:, late] != NONE)
        others[reaching], likeness[reaching] = twins.others[reaching, late], twins.likeness[reaching, late]
    found = np.flatnonzero(others != NONE)
    return Findings.of(kind, found, likeness[found], others[found])


def of_pairs(kind: str, positions: np.ndarray, others: np.ndarray, likeness: np.ndarray) -> Findings:
    return Findings.of(kind, positions, likeness.astype(np.float64), others).once_each()


def labelled_twice(kind: str, dataset: Dataset, positions: np.ndarray, others: np.ndarray, likeness: np.ndarray) -> Findings:
    """With the class that the other image has."""
    return Findings.of(kind, positions, likeness.astype(np.float64), others, dataset.labels[others]).once_each()


def leaks(dataset: Dataset, all_twins: Iterable[Twins]) -> dict[str, int]:
    """{"train-test": images of the second split that also stand in the first, …}."""
    known = np.logical_or.reduce([twins.others != NONE for twins in all_twins])
    sides = [(early, late) for early in range(len(SPLITS)) for late in range(early + 1, len(SPLITS))]
    return {f"{SPLITS[early]}-{SPLITS[late]}": int(known[dataset.splits == late, early].sum()) for early, late in sides}
