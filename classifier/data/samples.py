"""The images of a dataset to be as columns of numbers: a million of them as Python objects take 300 MB, and so some 40."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from classifier.data.duplicates import Taken
from classifier.data.known import Numbered
from classifier.data.texts import Picked, Texts
from classifier.spec.events import SPLITS, Split

TRAIN = SPLITS.index("train")
OPEN = len(SPLITS)  # the split of an image that the source gives none
NO_GROUP = -1


class Placed(NamedTuple):
    """An image with its class, and its split where the source gives one."""

    path: str
    row: int  # of the pack
    label: str
    split: Split | None


class Samples:
    """Images in the order of their paths. `texts` holds the paths of all that were read, in whatever order."""

    def __init__(
        self, texts: Texts, places: np.ndarray, rows: np.ndarray, labels: np.ndarray, splits: np.ndarray, classes: Sequence[str]
    ) -> None:
        self.texts, self.places = texts, places  # of each image's path among the texts; uint32 [N]
        self.rows = rows  # of the pack; uint32 [N]
        self.labels, self.classes = (
            labels,
            list(classes),
        )  # numbers of classes, which are sorted and of which some may have none; uint32 [N]
        self.splits = splits  # numbers of SPLITS, or OPEN; uint8 [N]

    @classmethod
    def of(cls, placed: Sequence[Placed]) -> Samples:
        """The same images as columns."""
        classes = sorted({image.label for image in placed})
        number = {label: place for place, label in enumerate(classes)}
        return cls(
            Texts(image.path for image in placed),
            np.arange(len(placed), dtype=np.uint32),
            np.array([image.row for image in placed], np.uint32),
            np.array([number[image.label] for image in placed], np.uint32),
            np.array([OPEN if image.split is None else SPLITS.index(image.split) for image in placed], np.uint8),
            classes,
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Placed]:
        columns = (column.tolist() for column in (self.rows, self.labels, self.splits))
        for path, row, label, split in zip(self.paths, *columns, strict=True):
            yield Placed(path, row, self.classes[label], None if split == OPEN else SPLITS[split])

    def taken(self, place: int) -> Taken:
        """One of them, once its split is cut."""
        return Taken(self.paths[place], int(self.rows[place]), self.label(place), SPLITS[self.splits[place]])

    @property
    def paths(self) -> Picked:
        return Picked(self.texts, self.places)

    def label(self, place: int) -> str:
        return self.classes[int(self.labels[place])]

    def only(self, kept: np.ndarray) -> Samples:
        """Those alone; bool [N]."""
        if kept.all():
            return self
        return Samples(self.texts, self.places[kept], self.rows[kept], self.labels[kept], self.splits[kept], self.classes)

    def with_splits(self, splits: np.ndarray) -> Samples:
        return Samples(self.texts, self.places, self.rows, self.labels, splits, self.classes)

    def present(self) -> list[str]:
        """The labels of those that are there, sorted."""
        return [self.classes[number] for number in np.flatnonzero(np.bincount(self.labels, minlength=len(self.classes))).tolist()]

    def given(self) -> list[Split]:
        """The splits that some of them are in."""
        return [split for split, count in zip(SPLITS, self.counts().sum(axis=0).tolist(), strict=False) if count]

    def counts(self) -> np.ndarray:
        """How many of each class are in each split, those whose split is open behind the others; int64 [classes, splits + 1]."""
        codes = self.labels * np.uint32(OPEN + 1) + self.splits
        return np.bincount(codes, minlength=len(self.classes) * (OPEN + 1)).reshape(-1, OPEN + 1)


class Groups:
    """The name of each image's group, None for one of no group; each name once."""

    def __init__(self, numbers: np.ndarray, names: Sequence[str] | Texts = ()) -> None:
        self.numbers, self.names = numbers, names  # int32 [N], NO_GROUP for none

    @classmethod
    def of(cls, names: Iterable[str | None]) -> Groups:
        known = Numbered()
        numbers = (NO_GROUP if name is None else known.number(name) for name in names)
        return cls(np.fromiter(numbers, np.int32), known.texts)

    @classmethod
    def none(cls, images: int) -> Groups:
        return cls(np.full(images, NO_GROUP, np.int32))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> str | None:
        number = self.numbers[place]
        return None if number == NO_GROUP else self.names[number]

    def __iter__(self) -> Iterator[str | None]:
        return (None if number == NO_GROUP else self.names[number] for number in self.numbers.data)

    def sizes(self) -> np.ndarray:
        """How many images each has; int64 [names]."""
        return np.bincount(self.numbers[self.numbers != NO_GROUP], minlength=len(self.names))

    def any_of(self, places: np.ndarray) -> bool:
        """Whether one of these images is of a group."""
        return bool((self.numbers[places] != NO_GROUP).any())


def first_of(numbers: np.ndarray) -> np.ndarray:
    """For each place the first that has the same number; int64 [N]."""
    first = np.zeros(int(numbers.max()) + 1 if len(numbers) else 0, np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]  # the last one that is written counts
    found: np.ndarray = first[numbers]
    return found
