"""The samples that match, in order: how many, what stands at a place, what follows an image or comes before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from classifier.spec.packfile import IN_NO_SPLIT
from classifier.spec.quality import SCALE, UNKNOWN
from webapp.datasets.browsing import cells, columns, looks, order, paths
from webapp.datasets.browsing.held import Held, State, held, sizes
from webapp.datasets.browsing.paths import Search
from webapp.datasets.browsing.wanted import BY_CHECK, Wanted
from webapp.datasets.draft_models import Draft
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality import queries as quality
from webapp.datasets.quality_models import Finding

LOOK_SECONDS = 0.04  # that a page looks for texts; it asks again for more
POSITION_BITS: Final = 31  # a key is its value and then the position, so that no two are equal
ASPECT_SCALE: Final = 1 << 12
LAST: Final = (1 << 32) - 1


class Progress(NamedTuple):
    """How many images were looked through for a text."""

    looked: int
    of: int
    done: bool
    lines: str = "paths"  # that were read


WHOLE: Final = Progress(0, 0, True)


@dataclass(frozen=True)
class Listing:
    """`keys` ascend with `positions`; of what stands as it was uploaded they are the positions."""

    positions: np.ndarray
    keys: np.ndarray
    key_of: Callable[[int], np.unsignedinteger[Any]]
    progress: Progress
    by_draft: bool  # False: the draft says so much that class and split are its base's

    def __len__(self) -> int:
        return len(self.positions)

    def behind(self, position: int) -> int:
        """The place that follows an image, also where it matches no more."""
        return int(np.searchsorted(self.keys, self.key_of(position), side="right"))

    def of(self, position: int) -> int:
        """The place of an image, or of what follows where it matches no more."""
        return int(np.searchsorted(self.keys, self.key_of(position), side="left"))

    def part(self, place: int, count: int) -> list[int]:
        """So many positions from there on."""
        found: list[int] = self.positions[place : place + count].tolist()
        return found


def listing(version: DatasetVersion, draft: Draft | None, wanted: Wanted, *, to_the_end: bool = False) -> Listing:
    """Raises packs.Missing where the version's files are gone. A search that takes long gives what it found, unless it goes to the end."""
    check = quality.newest_done(version) if wanted.finding or wanted.sort in BY_CHECK else None
    asked = Asked(State(version, draft), wanted, check.pk if check else "")
    whole = wanted.sort != "path" or order.is_known(version.folder)  # else it is by position, until the order is made
    found = searches(asked)
    for search in found:
        search.go_on(None if to_the_end else LOOK_SECONDS / len(found))
    return kept(asked) if whole and all(search.done for search in found) else made(asked)


class Asked(NamedTuple):
    """A question whose answer stays the same."""

    state: State
    wanted: Wanted
    check: str  # whose findings count, by its id

    @property
    def version(self) -> DatasetVersion:
        return self.state.version


@lru_cache(maxsize=3)
def kept(asked: Asked) -> Listing:
    """As `made`; who scrolls asks for the same list again and again. Of a million samples it has 16 MB at most."""
    return made(asked)


def made(asked: Asked) -> Listing:
    """The list, put together anew."""
    rows, wanted = held(asked.state), asked.wanted
    matches = rows.splits != IN_NO_SPLIT
    for narrow in (by_class, by_split, by_size, by_metadata, by_finding, by_change):
        narrow(asked, rows, matches)
    progress = by_text(asked, matches)
    positions = np.flatnonzero(matches).astype(np.uint32)
    if not wanted.sort:
        return Listing(positions, positions, np.uint32, progress, rows.whole)
    values = ranked(asked, rows).astype(np.uint32)
    keys = np.sort(values[positions].astype(np.uint64) << POSITION_BITS | positions)
    ordered = (keys & ((1 << POSITION_BITS) - 1)).astype(np.uint32)

    def key_of(position: int) -> np.unsignedinteger[Any]:
        value = int(values[position]) if position < len(values) else LAST
        return np.uint64(value << POSITION_BITS | position)  # a plain number would be compared as a float

    return Listing(ordered, keys, key_of, progress, rows.whole)


def only(matches: np.ndarray, positions: np.ndarray) -> None:
    """Leaves out what is not at one of those."""
    inside = np.zeros(len(matches), bool)
    inside[positions[positions < len(matches)]] = True
    matches &= inside


def by_class(asked: Asked, rows: Held, matches: np.ndarray) -> None:
    if asked.wanted.label is not None:
        matches &= rows.labels == asked.wanted.label


def by_split(asked: Asked, rows: Held, matches: np.ndarray) -> None:
    if asked.wanted.splits:
        matches &= np.isin(rows.splits, asked.wanted.splits)


def by_size(asked: Asked, rows: Held, matches: np.ndarray) -> None:
    """By the shorter side."""
    if asked.wanted.least is None and asked.wanted.most is None:
        return
    shorter = np.minimum(*sizes(asked.version))[rows.images]
    if asked.wanted.least is not None:
        matches &= shorter >= asked.wanted.least
    if asked.wanted.most is not None:
        matches &= shorter <= asked.wanted.most


def by_metadata(asked: Asked, rows: Held, matches: np.ndarray) -> None:
    """What a manifest said of it in some columns of few values."""
    for column, cell in asked.wanted.cells:
        if not columns.is_many(asked.version.folder, column):
            matches &= columns.holds(asked.version.folder, column, cell, len(matches))


def by_finding(asked: Asked, rows: Held, matches: np.ndarray) -> None:
    """Images of the findings of one kind, both of a pair."""
    if not asked.wanted.finding:
        return
    found = Finding.objects.filter(of_id=asked.check, kind=asked.wanted.finding)
    pairs = found.values_list("position", "other")
    only(matches, np.array([position for pair in pairs for position in pair if position is not None], np.int64))


def by_change(asked: Asked, rows: Held, matches: np.ndarray) -> None:
    if asked.wanted.changed:
        only(matches, rows.changed)


def by_text(asked: Asked, matches: np.ndarray) -> Progress:
    """As far as the searches are."""
    found = searches(asked)
    for search in found:
        only(matches, search.found)
    if not found:
        return WHOLE
    looked, done = min(search.looked for search in found), all(search.done for search in found)
    return Progress(min(looked, len(matches)), len(matches), done, "paths" if asked.wanted.search else "rows of the table")


def searches(asked: Asked) -> list[Search]:
    """For a part of the path, and for one in each column of many values."""
    folder, wanted, erased = asked.version.folder, asked.wanted, asked.version.erased
    found: list[Search] = [paths.search(folder, wanted.search, erased)] if wanted.search else []
    found += [cells.search(folder, column, cell, erased) for column, cell in wanted.cells if cell and columns.is_many(folder, column)]
    return found


def ranked(asked: Asked, rows: Held) -> np.ndarray:
    """Of each sample a whole number below 2^32: what stands first has the smallest."""
    sort = asked.wanted.sort
    if sort in BY_CHECK:
        return by_check(asked, len(rows.labels))
    if sort == "path":
        return order.places(asked.version.folder, len(rows.labels))
    width, height = (side[rows.images].astype(np.uint64) for side in sizes(asked.version))
    value = width * height if sort in ("large", "small") else width * ASPECT_SCALE // np.maximum(height, 1)
    return np.asarray(value if sort in ("small", "high") else LAST - value)


def by_check(asked: Asked, samples: int) -> np.ndarray:
    """As the newest check saw them; what it did not look at stands last."""
    found = looks.read(asked.version, asked.check, samples)
    value = (found.sure if asked.wanted.sort == "unsure" else found.light).astype(np.uint64)
    known = value != UNKNOWN
    return np.where(known, SCALE - value if asked.wanted.sort == "bright" else value, LAST)
