"""The same few validation images at every validation, and what the network says of each: to be seen epoch by epoch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.data.dataset import Dataset
from classifier.data.moving import moved
from classifier.spec.events import Watched
from classifier.training.order import derived_seed

MOST = 24  # images: what fits a page, and is nothing beside a validation
BEST = 3  # labels told of each


class Answers(NamedTuple):
    """What was said of some rows of the split: rows int64 [n], best labels [n, k] and their probabilities [n, k], best first."""

    rows: Tensor
    best: Tensor
    probability: Tensor


def chosen(positions: NDArray[np.integer], labels: NDArray[np.integer], seed: int, most: int = MOST) -> NDArray[np.int64]:
    """Rows of a split [N] whose images are watched, class by class: by chance, and of every class one before any has two.

    Of each class they are the first by a hash of seed and position, so that an image that goes changes one choice alone.
    """
    order = np.argsort(mixed(positions, seed), kind="stable")
    by_class = order[np.argsort(labels[order], kind="stable")]  # each class together, in the order of its hashes
    starts = np.searchsorted(labels[by_class], labels[by_class])
    place = np.empty(len(order), np.int64)
    place[by_class] = np.arange(len(order)) - starts  # within its class
    first = order[np.argsort(place[order], kind="stable")][:most]
    return first[np.lexsort((positions[first], labels[first]))]


def mixed(numbers: NDArray[np.integer], seed: int) -> NDArray[np.uint64]:
    """A hash of each number (the finaliser of splitmix64, Steele, Lea and Flood, 2014)."""
    value = numbers.astype(np.uint64) + np.uint64(derived_seed(seed, "watched"))
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def answers(watch: Tensor, positions: Tensor, logits: Tensor) -> Answers | None:
    """Of a batch, at those positions of the split, what is said of rows that are watched; None where there are none. Waits for nothing."""
    here = torch.isin(positions, watch)
    if not here.any():
        return None
    odds = logits[moved(here.nonzero()[:, 0], logits.device)].softmax(1)
    best = odds.topk(min(BEST, odds.shape[1]), dim=1)
    return Answers(positions[here], best.indices, best.values)


def told(dataset: Dataset, said: list[Answers]) -> Watched | None:
    """The answers of a whole pass as an event tells them; None where no image was watched."""
    if not said:
        return None
    indices = dataset.indices("validation")[torch.cat([one.rows for one in said]).numpy()]
    return {
        "positions": indices.tolist(),
        "labels": dataset.labels[indices].tolist(),
        "best": torch.cat([one.best for one in said]).tolist(),
        "probability": [[round(odds, 4) for odds in row] for row in torch.cat([one.probability for one in said]).tolist()],
    }
