"""What every kind of layout answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from classifier.data.known import Names
from classifier.data.layouts.words import is_generic
from classifier.data.problems import Problem, left_out, warned
from classifier.spec.events import Split

MOST_NAMED = 1000  # images of one rule that are named one by one
UNPLACED = "lies in no class folder, so nothing says what it shows"


class Place(NamedTuple):
    """Where a file belongs: its class's label, and the split that the source gives it (None: to be cut)."""

    label: str
    split: Split | None


class Layout(ABC):
    """How a source says what its images show. `place` alone must be answered; the rest says more where there is more."""

    kind = ""  # folders, manifest, imagenet, matlab, idx, cifar, stl, svhn, names, drawn, unlabelled
    columns: tuple[str, ...] = ()  # of metadata that a table holds besides
    used: frozenset[str] = frozenset()  # side files that were read for it
    names: dict[str, str] = {}
    folder = ""  # that all its files lie below, where it is about one folder alone
    aside: Mapping[str, str] = {}  # {table: why it is not used}
    group_column = ""  # the column that `group` goes by, where it is one

    @abstractmethod
    def place(self, path: str) -> Place | None:
        """Where a file belongs; None for one of which nothing says what it shows."""

    def split_for(self, path: str) -> Split | None:
        """The split of a file, also where it has no label here."""
        place = self.place(path)
        return place.split if place else None

    def group(self, path: str) -> str | None:
        """What a file must stay together with."""
        return None

    def metadata(self, path: str) -> Sequence[str]:
        """The cells of `columns`."""
        return ("",) * len(self.columns)

    def concerns(self, path: str) -> bool:
        """Whether a file without a place is one that it knows something of."""
        return False

    def unplaced(self, path: str) -> Problem:
        """Why a file has no place."""
        return left_out(path, "no_class", UNPLACED)

    def missing(self) -> list[Problem]:
        """What it names and the source does not hold, once every file was placed."""
        return []

    def parts(self) -> Collection[Layout]:
        """The layouts that it was put together from."""
        return (self,)


class Together(Layout):
    """Several layouts, the first that knows a file speaks for it. All are asked, so that each knows which of its rows have an image,
    and that what they contradict each other in is told."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.layouts = list(layouts)
        self.kind = layouts[0].kind
        self.columns = tuple(dict.fromkeys(column for layout in layouts for column in layout.columns))
        self.used = frozenset().union(*(layout.used for layout in layouts))
        self.names = {label: name for layout in reversed(layouts) for label, name in layout.names.items()}
        self.group_column = next((layout.group_column for layout in layouts if layout.group_column), "")
        self.near: dict[str, list[Layout]] = {}  # folder → the layouts that may be about its files
        self.doubts = Doubts()

    def about(self, path: str) -> list[Layout]:
        """Those that may know a file: a set with a table a class has very many others."""
        folder = path.rpartition("/")[0]
        if folder not in self.near:
            self.near[folder] = [layout for layout in self.layouts if f"{folder}/".startswith(f"{layout.folder}/" if layout.folder else "")]
        return self.near[folder]

    def place(self, path: str) -> Place | None:
        found = [(layout, place) for layout in self.about(path) if (place := layout.place(path))]
        if not found:
            return None
        if len(found) > 1:
            self.compare(path, found)
        split = next((place.split for _, place in found if place.split), None)
        return found[0][1]._replace(split=split)

    def compare(self, path: str, found: Sequence[tuple[Layout, Place]]) -> None:
        layout, first = found[0]
        for other, place in found[1:]:
            if place.label != first.label and not is_generic(place.label):
                self.doubts.labels(path, (layout, first.label), (other, place.label))
            if place.split and first.split and place.split != first.split:
                self.doubts.splits(path, (layout, first.split), (other, place.split))

    def split_for(self, path: str) -> Split | None:
        splits = [layout.split_for(path) for layout in self.about(path)]
        return next((split for split in splits if split), None)

    def group(self, path: str) -> str | None:
        return group_of(path, self.about(path))

    def metadata(self, path: str) -> Sequence[str]:
        return cells_of(path, self.about(path), self.columns)

    def concerns(self, path: str) -> bool:
        return any(layout.concerns(path) for layout in self.about(path))

    def unplaced(self, path: str) -> Problem:
        return next((layout for layout in self.about(path) if layout.concerns(path)), self.layouts[-1]).unplaced(path)

    def missing(self) -> list[Problem]:
        return [*(problem for layout in self.layouts for problem in layout.missing()), *self.doubts.told()]

    def parts(self) -> Collection[Layout]:
        return [part for layout in self.layouts for part in layout.parts()]


def group_of(path: str, layouts: Sequence[Layout]) -> str | None:
    """The group that the first of several layouts has for a file."""
    groups = (layout.group(path) for layout in layouts)
    return next((group for group in groups if group is not None), None)


def cells_of(path: str, layouts: Sequence[Layout], columns: Sequence[str]) -> tuple[str, ...]:
    """What several layouts tell of a file; a column that two of them have is the first's, where that has something in it."""
    cells: dict[str, str] = {}
    for layout in layouts:
        for column, cell in zip(layout.columns, layout.metadata(path), strict=True):
            cells[column] = cells.get(column) or cell
    return tuple(cells.get(column, "") for column in columns)


class Doubts:
    """Images of which two parts of a source say different things: the first ones by name, all of them by number."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, str], Problem] = {}
        self.seen: dict[tuple[str, str], Names] = {}  # (rule, the source that is not believed) → the images

    def labels(self, path: str, taken: tuple[Layout, str], other: tuple[Layout, str]) -> None:
        message = f"is '{taken[1]}' by {source_of(taken[0])} and '{other[1]}' by {source_of(other[0])}; the first was taken"
        self.note(path, "two_labels", source_of(other[0]), message)

    def splits(self, path: str, taken: tuple[Layout, str], other: tuple[Layout, str]) -> None:
        message = f"is in {taken[1]} by {source_of(taken[0])} and in {other[1]} by {source_of(other[0])}; {taken[1]} was taken"
        self.note(path, "two_splits", source_of(other[0]), message)

    def note(self, path: str, rule: str, source: str, message: str) -> None:
        """A file is asked after several times, and told once."""
        seen = self.seen.setdefault((rule, source), Names())
        if len(seen) < MOST_NAMED:
            self.first.setdefault((path, rule), warned(path, rule, message))
        seen.is_new(path)

    def told(self) -> list[Problem]:
        """One by one, and how many more there are."""
        found = list(self.first.values())
        for (rule, source), seen in self.seen.items():
            if (more := len(seen) - MOST_NAMED) > 0:
                found.append(warned(source, rule, f"contradicts what was taken for {more:,} more images"))
        return found


def source_of(layout: Layout) -> str:
    """ "train.csv", or "its folder" """
    return ", ".join(sorted(layout.used)) or "its folder"
