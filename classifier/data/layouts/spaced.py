"""Lists with spaces between several columns of numbers: CelebA's attributes, the Oxford pets' classes, Stanford's Online Products."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

JUDGED_LINES = 1000
MOST_HEAD = 2  # lines above the first row: how many rows there are, and what the columns are called
FEWEST = 3  # columns; of two, the last word of a line is the label (tables.SPACES)
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


class Spaced(NamedTuple):
    """What stands in such a list; without a line that names the columns they are numbered."""

    columns: tuple[str, ...]
    header: bool
    text: str  # from that line, or the first row, on


def is_number(text: str) -> bool:
    return NUMBER.fullmatch(text.strip()) is not None


def spaced(text: str) -> Spaced | None:
    """The list's columns, where every row has as many words, all but the first or the last of them numbers; None for any other list."""
    lines = [line for line in islice(text.splitlines(), JUDGED_LINES) if line.strip() and not line.startswith("#")]
    rows = [line.split() for line in lines]
    width = Counter(len(row) for row in rows).most_common(1)[0][0] if rows else 0
    begin = next((place for place, row in enumerate(rows[: MOST_HEAD + 1]) if has_numbers(row, width)), None)
    if width < FEWEST or begin is None or not all(has_numbers(row, width) for row in rows[begin:]):
        return None
    head = [place for place in range(begin) if not (len(rows[place]) == 1 and is_number(rows[place][0]))]
    if not head:
        return Spaced(tuple(str(place) for place in range(1, width + 1)), False, text_from(text, lines[begin]))
    names = rows[head[0]]
    names = ["image_id", *names] if len(names) == width - 1 else names  # CelebA calls all columns but the first
    if len(head) > 1 or len(names) != width or len(set(names)) < width:
        return None
    return Spaced(tuple(names), True, text_from(text, lines[head[0]]))


def has_numbers(row: Sequence[str], width: int) -> bool:
    """Whether a line has that many words, of which all but the first or all but the last are numbers."""
    return len(row) == width and (all(map(is_number, row[1:])) or all(map(is_number, row[:-1])))


def text_from(text: str, line: str) -> str:
    """A comment above may hold the same words; where lines end in another way, they stand where they are found."""
    at = f"\n{text}".find(f"\n{line}")
    return text[at if at >= 0 else text.index(line) :]
