"""A smaller part of a dataset, for a quick look: the same share of each class in each split."""

from __future__ import annotations

import numpy as np

from classifier.data.dataset import Dataset
from classifier.spec.events import SPLITS, Split

LEAST_JUDGED = 500  # validation and test images that are kept of each split, where it has them: fewer make figures unsure


def part_of(dataset: Dataset, most: int | None, seed: int) -> Dataset:
    """The dataset with about `most` training images, at least one of each class; the whole where it has no more.

    Which ones is a function of the seed alone, so that a training that goes on sees the same.
    """
    train = len(dataset.indices("train"))
    if most is None or most >= train:
        return dataset
    random = np.random.default_rng([seed, most])
    kept = np.zeros(len(dataset), bool)
    for split in SPLITS:
        indices = dataset.indices(split)
        kept[drawn(dataset.labels, indices, share(split, len(indices), most / train), random)] = True
    return dataset.only(kept)


def share(split: Split, images: int, of_train: float) -> float:
    """Which share of a split is kept."""
    return of_train if split == "train" else max(of_train, min(1.0, LEAST_JUDGED / max(1, images)))


def drawn(labels: np.ndarray, indices: np.ndarray, kept_share: float, random: np.random.Generator) -> np.ndarray:
    """That share of each class's indices, rounded, but one where there is one; drawn at random."""
    mixed = random.permutation(indices)
    by_class = mixed[np.argsort(labels[mixed], kind="stable")]
    sizes = np.bincount(labels[by_class])
    wanted = np.maximum(np.minimum(1, sizes), np.rint(kept_share * sizes).astype(np.int64))
    place = np.arange(len(by_class)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # of each among those of its class
    return by_class[place < np.repeat(wanted, sizes)]
