"""What two versions of a dataset differ in, read from their samples.bin: a position is the same image in both.

A million samples are compared in some hundredths of a second; no table is joined and nothing is counted in the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from classifier.spec.packfile import IN_NO_SPLIT
from webapp.datasets import packs
from webapp.datasets.models import DatasetVersion

KINDS: Final = {"relabelled": "Relabelled", "moved": "Moved between splits", "removed": "Taken out", "added": "Added"}


class Rows(NamedTuple):
    """The samples of one version: which image, class and split each position has, and the classes."""

    images: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    classes: Sequence[dict[str, Any]]


class Pair(NamedTuple):
    """A class that samples left, the one that they came to, and how many did."""

    before: str
    after: str
    images: int


def rows_of(version: DatasetVersion) -> Rows:
    """Raises packs.Missing where its files are gone."""
    return rows_in(version.folder, version.classes)


def rows_in(folder: Path, classes: Sequence[dict[str, Any]]) -> Rows:
    """As `rows_of`, of a folder that is no version's yet."""
    table = packs.table(folder)
    return Rows(table["image"], table["label"], table["split"], classes)


def between(before: Rows, after: Rows) -> Difference:
    """Positions that only one of them has stand at the end: a version grows there alone."""
    return Difference(before, after)


@dataclass(frozen=True)
class Difference:
    """Which samples changed, and how."""

    before: Rows
    after: Rows

    @cached_property
    def common(self) -> int:
        """So many positions both have."""
        return min(len(self.before.splits), len(self.after.splits))

    def in_split(self, rows: Rows) -> np.ndarray:
        """Whether each common position is in a split there."""
        return np.asarray(rows.splits[: self.common] != IN_NO_SPLIT)

    @cached_property
    def both(self) -> np.ndarray:
        """Which of the common positions are in a split in both versions."""
        return np.asarray(self.in_split(self.before) & self.in_split(self.after))

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each class that samples left with the one that they came to, the most samples first; renamed classes are none."""
        renamed = set(self.renamed)
        return [pair for pair in self.turns if pair not in renamed]

    @cached_property
    def turns(self) -> list[Pair]:
        """As `pairs`, with the renamed classes."""
        old, new = self.labels(self.before, self.both), self.labels(self.after, self.both)
        size = len(self.after.classes)
        codes, counts = np.unique(old * size + new, return_counts=True)
        found = (
            Pair(self.before.classes[code // size]["label"], self.after.classes[code % size]["label"], count)
            for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
        )
        return sorted((pair for pair in found if pair.before != pair.after), key=lambda pair: -pair.images)

    @cached_property
    def renamed(self) -> list[Pair]:
        """Classes whose label changed and nothing else: all of the one became the other, and none came from elsewhere."""
        olds, news = ({entry["label"] for entry in rows.classes} for rows in (self.before, self.after))
        left, come = Counter(pair.before for pair in self.turns), Counter(pair.after for pair in self.turns)
        lone = (pair for pair in self.turns if left[pair.before] == come[pair.after] == 1)
        return [pair for pair in lone if pair.before not in news and pair.after not in olds]

    def labels(self, rows: Rows, chosen: np.ndarray) -> np.ndarray:
        """The classes of some of the common positions there."""
        return np.asarray(rows.labels[: self.common][chosen], np.int64)

    @cached_property
    def relabelled(self) -> np.ndarray:
        """Positions of another class, not counting renamed ones, ascending."""
        return self.of_pairs({(pair.before, pair.after) for pair in self.pairs})

    def of_pairs(self, wanted: set[tuple[str, str]]) -> np.ndarray:
        """Positions that went from the one class to the other, ascending."""
        old_number = {entry["label"]: number for number, entry in enumerate(self.before.classes)}
        new_number = {entry["label"]: number for number, entry in enumerate(self.after.classes)}
        size = len(self.after.classes)
        codes = [old_number[a] * size + new_number[b] for a, b in wanted if a in old_number and b in new_number]
        positions = np.flatnonzero(self.both)
        turned = self.labels(self.before, self.both) * size + self.labels(self.after, self.both)
        return positions[np.isin(turned, codes)]

    @cached_property
    def moved(self) -> np.ndarray:
        """Positions in another split, ascending."""
        differs = self.before.splits[: self.common] != self.after.splits[: self.common]
        return np.flatnonzero(self.both & differs)

    @cached_property
    def removed(self) -> np.ndarray:
        """Positions that only the earlier one has, ascending."""
        beyond = self.common + np.flatnonzero(self.before.splits[self.common :] != IN_NO_SPLIT)
        return np.concatenate((np.flatnonzero(self.in_split(self.before) & ~self.in_split(self.after)), beyond))

    @cached_property
    def added(self) -> np.ndarray:
        """Positions that only the later one has, ascending."""
        beyond = self.common + np.flatnonzero(self.after.splits[self.common :] != IN_NO_SPLIT)
        return np.concatenate((np.flatnonzero(self.in_split(self.after) & ~self.in_split(self.before)), beyond))

    def positions(self, kind: str, pair: tuple[str, str] | None = None) -> np.ndarray:
        """The positions of one kind of change; of the relabelled ones those of a pair alone, where it is given."""
        found: np.ndarray = self.of_pairs({pair}) if pair and kind == "relabelled" else getattr(self, kind)
        return found

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {**{kind: len(self.positions(kind)) for kind in KINDS}, "renamed": len(self.renamed)}
