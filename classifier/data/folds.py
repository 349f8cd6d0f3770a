"""Cross-validation: train and validation cut anew into k folds of equal classes, of which each validates once; the test split stays.

Which fold an image is in is a pure function of the seed of the split, of content and of what stays together (groups.bin): not of the
images' order, and not of the training's own seed, so that every training on one version has the same folds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.split import Group, Sample, gathered
from classifier.data.together import read_groups
from classifier.spec.errors import ConfigError
from classifier.spec.events import SPLITS

TRAIN, VALIDATION = SPLITS.index("train"), SPLITS.index("validation")


def folded(dataset: Dataset, folds: int, fold: int | None) -> Dataset:
    """The dataset whose validation split is that fold, from 1 (None: the first), and whose train split is the others; itself without folds.

    Raises ConfigError where there are too few images for so many folds.
    """
    if not folds:
        return dataset
    pool = np.flatnonzero((dataset.splits == TRAIN) | (dataset.splits == VALIDATION))
    numbers = np.array(dealt(samples_of(dataset, pool), folds, seed_of(dataset)), np.int64)
    if len(np.unique(numbers)) < folds:
        have = f"train and validation have {len(pool):,} image{'s' * (len(pool) != 1)}"
        raise ConfigError({"folds": f"must be fewer: {have}, and those that stay together do not make {folds} parts"})
    splits = dataset.splits.copy()
    splits[pool] = np.where(numbers == (fold or 1) - 1, VALIDATION, TRAIN)
    return dataset.with_splits(splits)


def seed_of(dataset: Dataset) -> int:
    """That of the newest cut of its splits."""
    return int(dataset.about.get("options", {}).get("seed", 0))


def samples_of(dataset: Dataset, positions: np.ndarray) -> list[Sample]:
    """Those samples as the dealing takes them."""
    labels = [dataset.classes[label] for label in dataset.labels[positions].tolist()]
    digests = np.ascontiguousarray(dataset.pack.index["sha256"][dataset.images[positions]])
    first = read_groups(dataset.folder, len(dataset))
    groups = [None] * len(positions) if first is None else first[positions].tolist()
    return [Sample(label, digest.tobytes(), group) for label, digest, group in zip(labels, digests, groups, strict=True)]


def dealt(samples: Sequence[Sample], folds: int, seed: int) -> list[int]:
    """The fold of each sample, from 0: what stays together goes, the largest first, where there are fewest of its classes."""
    sizes = Counter(sample.label for sample in samples)
    held = {label: [0] * folds for label in sizes}
    totals, result = [0] * folds, [0] * len(samples)
    for group in gathered(samples, seed):
        fold = emptiest(group, held, sizes, totals)
        totals[fold] += len(group.members)
        for label, count in group.labels.items():
            held[label][fold] += count
        for member in group.members:
            result[member] = fold
    return result


def emptiest(group: Group, held: dict[str, list[int]], sizes: Counter[str], totals: list[int]) -> int:
    """The fold that has the smallest share of the group's classes, and among equals the fewest images."""
    if len(group.labels) == 1:  # nearly always, and then a comparison of whole numbers
        load: Sequence[float] = held[next(iter(group.labels))]
    else:
        shares = [(count / sizes[label], held[label]) for label, count in sorted(group.labels.items())]
        load = [sum(share * counts[fold] for share, counts in shares) for fold in range(len(totals))]
    least = min(load)
    return min((total, fold) for fold, total in enumerate(totals) if load[fold] == least)[1]
