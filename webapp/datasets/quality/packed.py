"""Which images stand in two splits by their bytes or by their groups, read from a version's own files: known of every version at once,
whether it was checked or not.

The files of a version change with an erasure alone. A million rows take some tens of ms, and are counted once a process.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from classifier.spec.events import SPLITS
from classifier.spec.packfile import ERASED, GROUPS_FILE, IN_NO_SPLIT, UNLABELLED
from classifier.spec.quality import SIDES
from webapp.datasets import packs
from webapp.datasets.models import DatasetVersion

GROUP_DTYPE = np.dtype("<u4")
NO_LABEL = 2**32 - 1  # of no class


class Shared(NamedTuple):
    """Images of a later split of which an earlier one has more than their class."""

    same: int  # the very image
    grouped: int  # of the others: one that must stay on one side with it


class Place(NamedTuple):
    """Where rows lie, and what would make them others."""

    folder: Path
    unlabelled: int  # number of the class that nothing learns
    erased: int
    changed: int


class Rows(NamedTuple):
    """What of a version's samples is learnt or judged, by position."""

    images: np.ndarray  # rows of the pack, int64 [N]
    splits: np.ndarray  # uint8 [N]
    groups: np.ndarray | None  # the first sample that must stay with each, int64 [N]; None where nothing was ever to stay together


def shared(version: DatasetVersion) -> dict[str, Shared]:
    """{"train-test": …} for each of SIDES; nothing where the version's files are gone."""
    return between(version, version)


def between(trained: DatasetVersion, measured: DatasetVersion) -> dict[str, Shared]:
    """The same of two versions of one dataset: what stands in an early split of the first, and in a late one of the second."""
    try:
        return counted(place_of(trained), place_of(measured))
    except (packs.Missing, OSError):
        return {}


def place_of(version: DatasetVersion) -> Place:
    """Raises OSError where its files are gone."""
    labels = [entry["label"] for entry in version.classes]
    unlabelled = labels.index(UNLABELLED) if UNLABELLED in labels and len(labels) > 1 else NO_LABEL
    return Place(version.folder, unlabelled, version.erased, (version.folder / "samples.bin").stat().st_mtime_ns)


@lru_cache(maxsize=512)
def counted(trained: Place, measured: Place) -> dict[str, Shared]:
    """As `between`."""
    early_rows, late_rows = rows(trained), rows(measured)
    groups = max((late_rows, early_rows), key=lambda found: len(found.splits)).groups  # a position is one image in every version
    found = {}
    for side in SIDES:
        early, late = (SPLITS.index(split) for split in side.split("-"))
        judged = late_rows.splits == late
        same = standing(early_rows.images, early_rows.splits == early, late_rows.images[judged])
        grouped = np.zeros_like(same)
        if groups is not None:
            learnt = groups[: len(early_rows.splits)]
            grouped = standing(learnt, early_rows.splits == early, groups[: len(judged)][judged]) & ~same
        found[side] = Shared(int(same.sum()), int(grouped.sum()))
    return found


def standing(things: np.ndarray, chosen: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Which of those asked for are among the chosen things: bool."""
    there = np.zeros(max(things.max(initial=0), asked.max(initial=0)) + 1, bool)
    there[things[chosen]] = True
    return np.asarray(there[asked])


def rows(place: Place) -> Rows:
    """Raises packs.Missing where they are gone."""
    samples = packs.table(place.folder)
    images, splits = samples["image"].astype(np.int64), np.array(samples["split"])
    splits[samples["label"] == place.unlabelled] = IN_NO_SPLIT
    if place.erased:
        splits[packs.index(place.folder)["storage"][images] & ERASED != 0] = IN_NO_SPLIT
    return Rows(images, splits, read_groups(place.folder, len(samples)))


def read_groups(folder: Path, samples: int) -> np.ndarray | None:
    """groups.bin as the engine wrote it (`classifier.data.together`); a file of other samples says nothing."""
    file = folder / GROUPS_FILE
    found = np.fromfile(file, GROUP_DTYPE).astype(np.int64) if file.exists() else None
    return found if found is not None and len(found) == samples else None
