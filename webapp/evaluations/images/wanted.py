"""Which images of an evaluation are to be shown: filters and order, as an address tells them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from django.http import QueryDict

from webapp.datasets.forms import SEARCH_LENGTH, cells_of

SORTS: Final = {
    "": "highest loss first",
    "low": "lowest loss first",
    "sure": "most confident first",
    "unsure": "least confident first",
    "close": "smallest margin first",
    "clear": "largest margin first",
    "order": "as measured",
}
EACH: Final = (1, 3, 5, 10)  # of so many images a class one may see the first ones alone
RIGHT: Final = {"1": True, "0": False}
MOST_DIGITS = 7


class Wanted(NamedTuple):
    """Every filter that is set holds; classes are places among the network's, and none of them is any."""

    true: tuple[int, ...] = ()
    said: tuple[int, ...] = ()
    right: bool | None = None  # whether the network named it rightly
    each: int = 0  # so many of each true class at most; 0: all
    search: str = ""  # a piece of the path
    cells: tuple[tuple[int, str], ...] = ()  # (column of the metadata, what stands in it), as of a gallery
    sort: str = ""  # one of SORTS

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return self._replace(sort="") != Wanted()

    def query(self) -> list[tuple[str, Any]]:
        """As it stands in an address; `wanted_of` reads it."""
        named = {"true": in_short(self.true), "said": in_short(self.said), "each": self.each, "q": self.search, "sort": self.sort}
        told: list[tuple[str, Any]] = [(name, value) for name, value in named.items() if value]
        told += [] if self.right is None else [("right", int(self.right))]
        return told + [("is", f"{column}:{cell}") for column, cell in self.cells]


def wanted_of(query: QueryDict, classes: int) -> Wanted:
    """The filters of an address; what is not understood filters nothing."""
    each, sort = query.get("each", ""), query.get("sort", "")
    return Wanted(
        true=numbers_in(query.getlist("true"), classes),
        said=numbers_in(query.getlist("said"), classes),
        right=RIGHT.get(query.get("right", "")),
        each=int(each) if each in map(str, EACH) else 0,
        search=query.get("q", "").replace("\0", "").strip()[:SEARCH_LENGTH],
        cells=cells_of(query),
        sort=sort if sort in SORTS else "",
    )


def numbers_in(texts: Iterable[str], below: int) -> tuple[int, ...]:
    """ "3,8-10" → 3, 8, 9, 10: those of the numbers that are below, ascending, each once."""
    found: set[int] = set()
    for part in (part for text in texts for part in text.split(",")):
        first, dash, last = part.strip().partition("-")
        if is_number(first) and (not dash or is_number(last)):
            found.update(range(int(first), min(int(last or first), below - 1) + 1))
    return tuple(sorted(found))


def is_number(text: str) -> bool:
    """Whether it is one that a class could have."""
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS


def in_short(numbers: Iterable[int]) -> str:
    """The other way round: 3, 8, 9, 10 → "3,8-10"."""
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs(numbers))


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of ascending numbers without a gap."""
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last
