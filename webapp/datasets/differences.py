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
    """The samples of one version: which class and split each position has, and the classes."""

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
    return Rows(np.ascontiguousarray(table["label"]), np.ascontiguousarray(table["split"]), classes)


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

    @cached_property
    def were(self) -> np.ndarray:
        """Which of the common positions are in a split of the earlier version."""
        return np.asarray(self.before.splits[: self.common] != IN_NO_SPLIT)

    @cached_property
    def are(self) -> np.ndarray:
        """Which of them are in a split of the later one."""
        return np.asarray(self.after.splits[: self.common] != IN_NO_SPLIT)

    @cached_property
    def both(self) -> np.ndarray:
        """Which of the common positions are in a split in both versions."""
        return np.asarray(self.were & self.are)

    @cached_property
    def turned(self) -> np.ndarray:
        """Positions whose class has another label, renamed classes included, ascending."""
        numbers = {entry["label"]: number for number, entry in enumerate(self.before.classes)}
        same = np.array([numbers.get(entry["label"], -1) for entry in self.after.classes], np.int64)  # as the earlier version counts
        differs = self.before.labels[: self.common] != same[self.after.labels[: self.common]]
        return np.flatnonzero(self.both & differs)

    @cached_property
    def codes(self) -> np.ndarray:
        """Of each turned position the class that it left and the one that it came to, as one number."""
        left, come = (rows.labels[self.turned].astype(np.int64) for rows in (self.before, self.after))
        return np.asarray(left * len(self.after.classes) + come)

    @cached_property
    def turns(self) -> list[Pair]:
        """Each class that samples left with the one that they came to, renamed classes included, the most images first."""
        size, (codes, counts) = len(self.after.classes), np.unique(self.codes, return_counts=True)
        found = (
            Pair(self.before.classes[code // size]["label"], self.after.classes[code % size]["label"], count)
            for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
        )
        return sorted(found, key=lambda pair: -pair.images)

    @cached_property
    def renamed(self) -> list[Pair]:
        """Classes whose label changed and nothing else: all of the one became the other, and none came from elsewhere."""
        olds, news = ({entry["label"] for entry in rows.classes} for rows in (self.before, self.after))
        left, come = Counter(pair.before for pair in self.turns), Counter(pair.after for pair in self.turns)
        lone = (pair for pair in self.turns if left[pair.before] == come[pair.after] == 1)
        return [pair for pair in lone if pair.before not in news and pair.after not in olds]

    @cached_property
    def pairs(self) -> list[Pair]:
        """As `turns`, without the renamed classes."""
        renamed = set(self.renamed)
        return [pair for pair in self.turns if pair not in renamed]

    @cached_property
    def relabelled(self) -> np.ndarray:
        """Positions of another class, not counting renamed ones, ascending."""
        return self.of_pairs({(pair.before, pair.after) for pair in self.pairs}) if self.renamed else self.turned

    def of_pairs(self, wanted: set[tuple[str, str]]) -> np.ndarray:
        """Positions that went from the one class to the other, ascending."""
        olds, news = ({entry["label"]: number for number, entry in enumerate(rows.classes)} for rows in (self.before, self.after))
        codes = [olds[left] * len(news) + news[come] for left, come in wanted if left in olds and come in news]
        return np.asarray(self.turned[np.isin(self.codes, codes)])

    @cached_property
    def moved(self) -> np.ndarray:
        """Positions in another split, ascending."""
        differs = self.before.splits[: self.common] != self.after.splits[: self.common]
        return np.flatnonzero(self.both & differs)

    @cached_property
    def removed(self) -> np.ndarray:
        """Positions that only the earlier one has, ascending."""
        beyond = self.common + np.flatnonzero(self.before.splits[self.common :] != IN_NO_SPLIT)
        return np.concatenate((np.flatnonzero(self.were & ~self.are), beyond))

    @cached_property
    def added(self) -> np.ndarray:
        """Positions that only the later one has, ascending."""
        beyond = self.common + np.flatnonzero(self.after.splits[self.common :] != IN_NO_SPLIT)
        return np.concatenate((np.flatnonzero(self.are & ~self.were), beyond))

    def positions(self, kind: str, pair: tuple[str, str] | None = None) -> np.ndarray:
        """The positions of one kind of change; of the relabelled ones those of a pair alone, where it is given."""
        found: np.ndarray = self.of_pairs({pair}) if pair and kind == "relabelled" else getattr(self, kind)
        return found

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {**{kind: len(self.positions(kind)) for kind in KINDS}, "renamed": len(self.renamed)}
