"""The images of an evaluation that match, in order: read from its columns, so that a million predictions take milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics import Scored, read_scored, scored_path
from webapp.datasets import packs
from webapp.datasets.browsing import cells, columns, paths
from webapp.datasets.browsing.listing import LOOK_SECONDS, WHOLE, Progress
from webapp.datasets.browsing.paths import Search
from webapp.evaluations.images.wanted import Wanted
from webapp.evaluations.models import Evaluation

ROW_BITS = 32  # a key is its figure and then the row, so that no two are equal
DESCENDING = frozenset(("", "sure", "clear"))
FIGURES = {"": "loss", "low": "loss", "sure": "probability", "unsure": "probability", "close": "margin", "clear": "margin"}


class Unscored(LookupError):
    """The evaluation has no columns: it was made by an earlier release, or its files are gone."""


class Kept(NamedTuple):
    """The file of columns as it is now: another one after each erasure."""

    path: Path
    changed: int  # when, in ns
    node: int

    def rows(self) -> Scored:
        """Mapped. Raises Unscored where it is gone."""
        found = read_scored(self.path)
        if found is None:
            raise Unscored(self.path.name)
        return found


class Asked(NamedTuple):
    """A question whose answer stays the same."""

    file: Kept
    folder: Path  # of the version that was measured
    erased: int  # of its images
    wanted: Wanted


@dataclass(frozen=True)
class Listing:
    """Rows of the predictions in order; of a search that goes on, those found so far."""

    rows: NDArray[np.uint32]
    progress: Progress

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int) -> int | None:
        """Where a row stands; None where it is not in the list."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def part(self, place: int, count: int) -> list[int]:
        """So many rows from there on."""
        found: list[int] = self.rows[max(0, place) : max(0, place) + count].tolist()
        return found


def kept_of(evaluation: Evaluation) -> Kept:
    """Raises Unscored where it has no columns."""
    if not evaluation.predictions:
        raise Unscored("no predictions")
    path = scored_path(evaluation.experiment.folder / evaluation.predictions)
    try:
        told = path.stat()
    except OSError as error:
        raise Unscored(path.name) from error
    return Kept(path, told.st_mtime_ns, told.st_ino)


def listing(evaluation: Evaluation, wanted: Wanted, *, to_the_end: bool = False) -> Listing:
    """Raises Unscored, and packs.Missing where the version's files are gone. A search that takes long gives what it found so far."""
    version = evaluation.version
    asked = Asked(kept_of(evaluation), version.folder, version.erased, wanted)
    found = searches(asked)
    for search in found:
        search.go_on(None if to_the_end else LOOK_SECONDS / len(found))
    return remembered(asked) if all(search.done for search in found) else made(asked)


@lru_cache(maxsize=4)
def remembered(asked: Asked) -> Listing:
    """As `made`; who scrolls asks for the same list again and again. Of a million rows it has 4 MB."""
    return made(asked)


def made(asked: Asked) -> Listing:
    """The list, put together anew."""
    rows, wanted = asked.file.rows(), asked.wanted
    matches = np.ones(len(rows), bool)
    for name, numbers in (("label", wanted.true), ("predicted", wanted.said)):
        if numbers:
            matches &= np.isin(rows[name], numbers)
    if wanted.right is not None:
        matches &= (rows["label"] == rows["predicted"]) == wanted.right
    progress = by_text(asked, rows, matches)
    for column, cell in wanted.cells:
        if not columns.is_many(asked.folder, column):
            matches &= at(rows, columns.holds(asked.folder, column, cell, len(packs.table(asked.folder))))
    found = ordered(rows, np.flatnonzero(matches).astype(np.uint32), wanted.sort)
    return Listing(first_of_each(rows, found, wanted.each) if wanted.each else found, progress)


def at(rows: Scored, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """By row what holds of its position; nothing of an image that was erased."""
    positions = rows["position"]
    inside = (positions >= 0) & (positions < len(held))
    return inside & held[np.where(inside, positions, 0)] if len(held) else inside


def by_text(asked: Asked, rows: Scored, matches: NDArray[np.bool_]) -> Progress:
    """As far as the searches are."""
    found = searches(asked)
    if not found:
        return WHOLE
    samples = len(packs.table(asked.folder))
    for search in found:
        held = np.zeros(samples, bool)
        held[search.found[search.found < samples]] = True
        matches &= at(rows, held)
    looked, done = min(search.looked for search in found), all(search.done for search in found)
    return Progress(min(looked, samples), samples, done, "paths" if asked.wanted.search else "rows of the table")


def searches(asked: Asked) -> list[Search]:
    """For a part of the path, and for one in each column of many values."""
    folder, wanted = asked.folder, asked.wanted
    found: list[Search] = [paths.search(folder, wanted.search, asked.erased)] if wanted.search else []
    found += [cells.search(folder, column, cell, asked.erased) for column, cell in wanted.cells if cell and columns.is_many(folder, column)]
    return found


def ordered(rows: Scored, found: NDArray[np.uint32], sort: str) -> NDArray[np.uint32]:
    """By the figure, rows of equal ones as they were measured; a loss that is no number is the highest, a certainty that is none 0."""
    if sort not in FIGURES:
        return found
    name = FIGURES[sort]
    figure = rows[name][found]
    none = np.inf if name == "loss" else 0
    bits = np.maximum(np.where(np.isnan(figure), none, figure), 0).astype(np.float32).view(np.uint32)  # of what is not below 0 in order
    ranks = ~bits if sort in DESCENDING else bits
    keys = np.sort(ranks.astype(np.uint64) << np.uint64(ROW_BITS) | found)
    return (keys & np.uint64((1 << ROW_BITS) - 1)).astype(np.uint32)


def first_of_each(rows: Scored, found: NDArray[np.uint32], each: int) -> NDArray[np.uint32]:
    """Class after class, of each the first ones of the order."""
    labels = rows["label"][found]
    counts = np.bincount(labels)
    narrow = labels.astype(np.uint16) if len(counts) <= 1 << 16 else labels  # sixteen bits are sorted without comparing
    by_class = np.argsort(narrow, kind="stable")
    begins = (np.cumsum(counts) - counts)[labels[by_class]]  # where the class of each of them begins
    return np.asarray(found[by_class[np.arange(len(found)) - begins < each]], np.uint32)
