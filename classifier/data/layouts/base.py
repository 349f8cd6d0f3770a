"""What every kind of layout answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import NamedTuple

from classifier.data.problems import Problem, left_out
from classifier.spec.events import Split

UNPLACED = "lies in no class folder, so nothing says what it shows"


class Place(NamedTuple):
    """Where a file belongs: its class's label, and the split that the source gives it (None: to be cut)."""

    label: str
    split: Split | None


class Layout(ABC):
    """How a source says what its images show. `place` alone must be answered; the rest says more where there is more."""

    kind = ""  # folders, manifest, imagenet, matlab, idx, cifar, names, unlabelled
    columns: tuple[str, ...] = ()  # of metadata that a table holds besides
    used: frozenset[str] = frozenset()  # side files that were read for it
    names: dict[str, str] = {}
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
    """Several layouts, the first that knows a file speaks for it."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.layouts = list(layouts)
        self.kind = layouts[0].kind
        self.columns = tuple(dict.fromkeys(column for layout in layouts for column in layout.columns))
        self.used = frozenset().union(*(layout.used for layout in layouts))
        self.names = {label: name for layout in reversed(layouts) for label, name in layout.names.items()}
        self.group_column = next((layout.group_column for layout in layouts if layout.group_column), "")

    def place(self, path: str) -> Place | None:
        return next((place for layout in self.layouts if (place := layout.place(path))), None)

    def split_for(self, path: str) -> Split | None:
        return next((split for layout in self.layouts if (split := layout.split_for(path))), None)

    def knowing(self, path: str) -> Layout | None:
        return next((layout for layout in self.layouts if layout.place(path)), None)

    def group(self, path: str) -> str | None:
        knowing = self.knowing(path)
        return knowing.group(path) if knowing else None

    def metadata(self, path: str) -> Sequence[str]:
        knowing = self.knowing(path)
        cells = dict(zip(knowing.columns, knowing.metadata(path), strict=True)) if knowing else {}
        return tuple(cells.get(column, "") for column in self.columns)

    def unplaced(self, path: str) -> Problem:
        return next((layout for layout in self.layouts if layout.concerns(path)), self.layouts[-1]).unplaced(path)

    def missing(self) -> list[Problem]:
        return [problem for layout in self.layouts for problem in layout.missing()]

    def parts(self) -> Collection[Layout]:
        return [part for layout in self.layouts for part in layout.parts()]
