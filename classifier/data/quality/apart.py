"""What may not stand on both sides where a classifier is tried on images that it has not seen: groups, copies and look-alikes.

One photograph of an object in the lesson and its neighbour in the trial is no trial: it would find every label right, wrong ones too.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.folds import dealt
from classifier.data.quality.repeats import Pairs
from classifier.data.split import Sample, joined

NO_FOLD = -1


def belonging(groups: np.ndarray | None, pairs: Iterable[Pairs], samples: int) -> np.ndarray:
    """For each sample the first that it belongs with, by steps: in its group (any equal numbers; None: there are none) or in a pair."""
    ends = [(found.first, found.second) for found in pairs]
    if groups is not None:
        _, first, of_sample = np.unique(groups, return_index=True, return_inverse=True)
        ends.append((first[of_sample], np.arange(samples)))
    empty = np.empty(0, np.int64)
    ones, others = (np.concatenate([empty, *side]) for side in zip(*ends, strict=True)) if ends else (empty, empty)
    return joined(samples, ones, others)


def folds(dataset: Dataset, positions: np.ndarray, belongs: np.ndarray, number: int) -> np.ndarray:
    """The fold of each of these samples, from 0: classes spread evenly, what belongs together in one. `belongs`: as `belonging`, of all.

    NO_FOLD for the samples of a class that is in one fold alone: nothing outside of it could teach the class.
    """
    digests = np.ascontiguousarray(dataset.pack.index["sha256"][dataset.images[positions]])
    rows = zip(dataset.labels[positions].tolist(), digests, belongs[positions].tolist(), strict=True)
    found = np.array(dealt([Sample(str(label), digest.tobytes(), group) for label, digest, group in rows], number, seed=0), np.int64)
    labels = dataset.labels[positions].astype(np.int64)
    places = np.unique(labels * number + found) // number  # a class comes once a fold that has it
    taught = np.bincount(places, minlength=len(dataset.classes)) > 1
    return np.where(taught[labels], found, NO_FOLD)
