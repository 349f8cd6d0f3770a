"""Layouts that a user asks for, and those that wrap another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.keys import stem
from classifier.data.layouts.words import same, split_in, split_of
from classifier.data.problems import Problem, left_out
from classifier.spec.packfile import UNLABELLED

NUMBER = re.compile(r"[-_. (]*\d+\)?$")
NAMED, FEWEST = 0.9, 2  # the share of images whose names say a class, and images a class


class Unlabelled(Layout):
    """Images of which nothing says what they show: all of them in one class, to be labelled later."""

    kind = "unlabelled"

    def place(self, path: str) -> Place | None:
        return Place(UNLABELLED, None)


class FileNames(Layout):
    """The class is what a file is called before its number: cat.0.jpg, great_pyrenees_12.jpg. A folder may be a split."""

    kind = "names"

    def place(self, path: str) -> Place | None:
        *folders, name = path.split("/")
        label = same(NUMBER.sub("", stem(name)).strip())
        return Place(label, next((split for folder in folders if (split := split_of(folder))), None)) if label else None

    def unplaced(self, path: str) -> Problem:
        return left_out(path, "no_class", "has a name that is but a number, so nothing says what it shows")

    def tells(self, sample: Sequence[str]) -> bool:
        """Whether names say classes: several, of several images each, of nearly all images that are not called by numbers alone in a
        folder of their own, as those of Kaggle's tests are (train/cat.0.jpg, test1/1.jpg). Names of splits are no classes."""
        named = {path.rpartition("/")[0] for path in sample if self.place(path)}
        here = [path for path in sample if path.rpartition("/")[0] in named]
        labels = Counter(place.label for path in here if (place := self.place(path)))
        classes = len(labels) > 1 and labels.total() >= NAMED * len(here) and len(labels) * FEWEST <= labels.total()
        return classes and not all(split_in(label) for label in labels)


@dataclass
class Levels(Layout):
    """The folder at one depth is the class, whatever it is called; a split's folder may stand above or below it."""

    level: int  # 1 at the top

    kind = "folders"

    def place(self, path: str) -> Place | None:
        folders = path.split("/")[:-1]
        if len(folders) < self.level:
            return None
        others = [*folders[: self.level - 1], *folders[self.level :]]
        return Place(same(folders[self.level - 1]), next((split for folder in others if (split := split_of(folder))), None))


class Wrapped(Layout):
    """Another layout, with something changed."""

    def __init__(self, inner: Layout) -> None:
        self.inner = inner
        self.kind, self.columns, self.used, self.names = inner.kind, inner.columns, inner.used, inner.names
        self.aside = inner.aside
        self.group_column = inner.group_column

    def place(self, path: str) -> Place | None:
        return self.inner.place(path)

    def group(self, path: str) -> str | None:
        return self.inner.group(path)

    def metadata(self, path: str) -> Sequence[str]:
        return self.inner.metadata(path)

    def concerns(self, path: str) -> bool:
        return self.inner.concerns(path)

    def unplaced(self, path: str) -> Problem:
        return self.inner.unplaced(path)

    def missing(self) -> list[Problem]:
        return self.inner.missing()

    def parts(self) -> Collection[Layout]:
        return self.inner.parts()


class Without(Wrapped):
    """Folders are left out by choice."""

    def __init__(self, inner: Layout, left: Callable[[str], str]) -> None:
        super().__init__(inner)
        self.left = left

    def place(self, path: str) -> Place | None:
        place = super().place(path)  # asked in any case: the row of an image that is left out has its image all the same
        return None if self.left(path) else place

    def unplaced(self, path: str) -> Problem:
        folder = self.left(path)
        return left_out(path, "left_aside", f"lies in '{folder}', which was chosen to be left out") if folder else super().unplaced(path)
