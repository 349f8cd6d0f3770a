"""What a gallery is to show: filters and order, as an address tells them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

SORTS: Final = {
    "": "as uploaded",
    "path": "by path",
    "large": "largest first",
    "small": "smallest first",
    "wide": "widest first",
    "high": "highest first",
    "dark": "darkest first",
    "bright": "brightest first",
    "unsure": "least certain first",
}
BY_CHECK: Final = frozenset(("dark", "bright", "unsure"))  # orders that a check knows


class Wanted(NamedTuple):
    """Every filter that is set holds; without any it is the whole version."""

    label: int | None = None  # a number of the draft's classes, or of the version's
    splits: tuple[int, ...] = ()
    search: str = ""  # a piece of the path
    least: int | None = None  # pixels of the shorter side
    most: int | None = None
    finding: str = ""  # a kind of the newest check
    cells: tuple[tuple[int, str], ...] = ()  # (column of the metadata, what stands in it; a part of that where its values are many)
    changed: bool = False  # only what the draft changes
    sort: str = ""  # one of SORTS

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return self._replace(sort="") != Wanted()

    def query(self) -> list[tuple[str, Any]]:
        """As it stands in an address; `GalleryFilter` reads it."""
        told: list[tuple[str, Any]] = [("label", self.label)] if self.label is not None else []
        told += [("split", split) for split in self.splits]
        told += [("is", f"{column}:{cell}") for column, cell in self.cells]
        named = {"min": self.least, "max": self.most, "finding": self.finding, "q": self.search, "sort": self.sort}
        return [*told, *((name, value) for name, value in named.items() if value), *([("changed", 1)] if self.changed else [])]
