"""Rows of a CSV, also where a quote is never closed: `csv` takes all lines up to the next quote for one cell then."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence

LIKE = 0.8  # of the lines in one row are cut as its first one is: they are rows themselves
FEW = 3  # lines that may be so by chance
UNCLOSED = "with a quote that is never closed; the quote was left out"
TOO_LONG = "of which nothing could be read: a cell is over 1 MB"

csv.field_size_limit(1 << 20)


PART = 1 << 20  # characters of a text that are cut into lines at a time


def parts_of(text: str) -> Iterator[str]:
    """The text, cut behind ends of lines: all its lines at once take twice its room and more, a stream of it four times."""
    start, end = 0, "\n" if "\n" in text else "\r"
    while start < len(text):
        cut = text.find(end, start + PART) + 1 or len(text)
        yield text[start:cut]
        start = cut


def lines_of(text: str) -> Iterator[str]:
    """As `splitlines` has them."""
    return (line for part in parts_of(text) for line in part.splitlines())


class Lines:
    """The lines of a text; those of the row that was read last can be given back."""

    def __init__(self, text: str) -> None:
        self.text = (line for part in parts_of(text) for line in io.StringIO(part, newline=""))
        self.back: deque[str] = deque()
        self.row: list[str] = []
        self.number = 0  # of the line before the row
        self.ended = False  # more lines were asked for than there are: within quotes

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.back.popleft() if self.back else next(self.text, "")
        self.ended = not line
        if self.ended:
            raise StopIteration
        self.row.append(line)
        return line

    def next_row(self) -> None:
        self.number += len(self.row)
        self.row, self.ended = [], False

    def give_back(self) -> None:
        """All but the first line of the row."""
        self.back.extendleft(reversed(self.row[1:]))
        del self.row[1:]


def csv_rows(text: str, delimiter: str, bad: dict[int, str]) -> Iterator[list[str]]:
    """Every row; `bad` gains the number of each line that could not be read as it is, and why."""
    lines = Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    while True:
        lines.next_row()
        try:
            row = next(reader, None)
            if row is None:
                return
            swallowed = has_rows(lines.row, delimiter) if len(lines.row) > 1 else lines.ended
        except csv.Error:
            row, swallowed = [], len(lines.row) > 1
            if not swallowed:
                bad[lines.number + 1] = TOO_LONG
        if swallowed:
            lines.give_back()
            bad[lines.number + 1] = UNCLOSED
            row = [cell.strip().removeprefix('"') for cell in lines.row[0].rstrip("\r\n").split(delimiter)]
        yield row


def has_rows(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the lines of one row are rows themselves, and no text with line breaks."""
    cuts = lines[0].count(delimiter)
    alike = sum(line.count(delimiter) == cuts for line in lines[1:])
    return cuts > 0 and alike >= LIKE * (len(lines) - 1) and (len(lines) > FEW or not is_strict(lines, delimiter))


def is_strict(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the quotes of one row are as they should be."""
    try:
        return len(list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))) == 1
    except csv.Error:
        return False
