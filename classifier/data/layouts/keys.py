"""How a table's cell names an image: by the whole path, by its last parts, with its ending or without."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from classifier.data.decode import IMAGE_ENDINGS
from classifier.data.layouts.tables import Table, has_image_ending
from classifier.data.layouts.words import same

MOST_DEPTH = 6
SHOWN_CELLS = 20  # of a column, that show whether they are names of files
SURE = 0.5  # of the images, that a loose comparison must find
MARK = re.compile(r"(?:^|(?<=/))[0-9a-f]{8}-(?=[^/]+$)")
NOUGHTS = re.compile(r"(?:^|(?<=/))(?=\d++(?:\.|$))0+(?=\d)")
JUDGED_ROWS = 100_000  # a larger table's first rows show how it names images


class Key(NamedTuple):
    """What of a path is compared."""

    depth: int  # parts from the end; 0: the whole path, as seen from `folder`
    ending: bool
    folder: str  # of the table
    loose: bool = False  # in whatever case, and a number without the noughts before it, which Excel takes away
    marked: bool = False  # without the eight digits that Label Studio puts before a name

    def of_file(self, path: str) -> str:
        """What an image is looked up by; empty where it cannot be named so."""
        path = same(path)
        if self.depth:
            parts = path.rsplit("/", self.depth)
            path = "/".join(parts[-self.depth :]) if path.count("/") + 1 >= self.depth else ""
        elif self.folder:
            path = path.removeprefix(f"{self.folder}/") if path.startswith(f"{self.folder}/") else ""
        return self.compared(path)

    def compared(self, path: str) -> str:
        path = path if self.ending else stem(path)
        return NOUGHTS.sub("", path.casefold()) if self.loose else path

    def of_cell(self, text: str) -> str:
        """What a cell looks up."""
        path = same(text.strip())
        path = same(unquote(path.partition("?")[0])) if "://" in path else path
        if "/" in path or "\\" in path:
            parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
            path = "/".join(parts[-self.depth :] if self.depth else parts) if len(parts) >= self.depth else ""
        elif self.depth > 1:
            return ""
        return self.compared(MARK.sub("", path) if self.marked else path)


def stem(path: str) -> str:
    """Without the ending of an image."""
    name, _, ending = path.rpartition(".")
    return name if name and ending.lower() in IMAGE_ENDINGS else path


def keys(folder: str, deepest: int, loose: bool, marked: bool) -> list[Key]:
    """All ways to compare, the strictest first."""
    depths = (0, *range(min(deepest, MOST_DEPTH), 0, -1))
    return [Key(depth, ending, folder, loose, marked) for ending in (True, False) for depth in depths]


def best_key(table: Table, sample: Sequence[str], only: Sequence[int] | None = None) -> tuple[int, Key, float] | None:
    """(column, key, the share of `sample` that it finds) of what finds most, loosely where nothing else does; None where nothing is.

    An image counts where its key is its alone: "1.png" that stands in two folders says nothing.
    """
    first = table.first
    folder = same(table.path.rpartition("/")[0])
    deepest = max((text.replace("\\", "/").strip("/").count("/") + 1 for row in first for text in row), default=1)
    columns = only if only is not None else naming_columns(table, first)
    judged = [[row[column] for column in columns] for row in islice(table.rows(), JUDGED_ROWS)]
    for loose, marked in ((False, False), (False, True), (True, False)):
        known = {key: names for key in keys(folder, deepest, loose, marked) if (names := alone(key.of_file(path) for path in sample))}
        found: tuple[int, int, Key] | None = None
        for place, column in enumerate(columns):
            for key, names in known.items():
                hits = len({key.of_cell(row[place]) for row in judged} & names)
                if hits and (found is None or hits > found[0]):
                    found = hits, column, key
        if found and (not (loose or marked) or is_sure(found[0], sample)):
            return found[1], found[2], found[0] / max(1, len(sample))
    return None


def is_sure(hits: int, sample: Sequence[str]) -> bool:
    """Whether so many images are found loosely that it is no chance: row numbers 1, 2, … go with 01.jpg and 02.jpg too."""
    return hits >= SURE * len(sample)


def alone(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if name and count == 1}


def naming_columns(table: Table, first: Sequence[Sequence[str]]) -> list[int]:
    """The columns whose cells differ enough to name images, those with the endings of images first: 7 may be 7.jpg, or a row's number."""
    fit = [
        place
        for place in range(len(table.columns))
        if len({row[place] for row in first}) >= max(1, min(len(first), 20) * 0.5, len(first) * 0.3)
    ]
    return sorted(fit, key=lambda place: not any(has_image_ending(row[place].strip()) for row in first[:SHOWN_CELLS]))
