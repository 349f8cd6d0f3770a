"""From pairs of images to what is wrong with them: learnt from and judged by, labelled two ways, or there twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.quality.finding import Findings
from classifier.spec.events import SPLITS


class Pairs(NamedTuple):
    """Positions of two samples each, and how alike they are."""

    first: np.ndarray
    second: np.ndarray
    likeness: np.ndarray


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


def findings(dataset: Dataset, pairs: Pairs, prefix: str) -> list[Findings]:
    """What each pair means; `prefix` is "near_" for those that are not the same bytes.

    Of a leak the first named is the one in the earlier split: to take that out leaves the images that judge as they are.
    """
    first, second = pairs.first, pairs.second
    split_first, split_second = dataset.splits[first], dataset.splits[second]
    early, late = np.where(split_first <= split_second, first, second), np.where(split_first <= split_second, second, first)
    leaks, two = split_first != split_second, dataset.labels[first] != dataset.labels[second]
    twice = ~leaks & ~two
    return [
        of_pairs(f"{prefix}leak", early[leaks], late[leaks], pairs.likeness[leaks]),
        labelled_twice(f"{prefix}two_labels", dataset, early[two], late[two], pairs.likeness[two]),
        of_pairs(f"{prefix}duplicate", np.maximum(first, second)[twice], np.minimum(first, second)[twice], pairs.likeness[twice]),
    ]


def of_pairs(kind: str, positions: np.ndarray, others: np.ndarray, likeness: np.ndarray) -> Findings:
    return Findings.of(kind, positions, likeness.astype(np.float64), others).once_each()


def labelled_twice(kind: str, dataset: Dataset, positions: np.ndarray, others: np.ndarray, likeness: np.ndarray) -> Findings:
    """With the class that the other image has."""
    return Findings.of(kind, positions, likeness.astype(np.float64), others, dataset.labels[others]).once_each()


def leaks(dataset: Dataset, all_pairs: Iterable[Pairs]) -> dict[str, int]:
    """{"train-test": images of the second split that also stand in the first, …}."""
    between: dict[tuple[int, int], list[np.ndarray]] = {(0, 1): [], (0, 2): [], (1, 2): []}
    for pairs in all_pairs:
        for first, second in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
            for (early, late), held in between.items():
                held.append(second[(dataset.splits[first] == early) & (dataset.splits[second] == late)])
    return {f"{SPLITS[early]}-{SPLITS[late]}": len(np.unique(np.concatenate(held))) for (early, late), held in between.items() if held}
