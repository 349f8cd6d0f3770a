"""Side files as tables of text: CSV, TSV, JSON lines, and lists whose last word is the label (DIGITS, Caffe)."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from classifier.data.decode import IMAGE_ENDINGS
from classifier.data.encodings import TABLES, detect_encoding
from classifier.data.layouts.documents import records_of
from classifier.data.layouts.exports import Record, cvat, loaded, opened
from classifier.data.layouts.mat import MAT_ERRORS, read_rows
from classifier.data.layouts.quotes import csv_rows, lines_of, parts_of
from classifier.data.layouts.spaced import is_number, spaced
from classifier.data.layouts.words import COLUMNS, column_word, same
from classifier.data.problems import Problem, warned

SHOWN_ROWS = 1000  # that columns are judged by
JUDGED_LINES = 100_000  # a list sorted by its labels has those of several words late
DIFFERENT = 0.95  # of the words that lines begin with, where these name images
MOST_COLUMNS = 200
LINES_TO_JUDGE = 100_000  # of a table that says no encoding
DELIMITERS = {"csv": ",;\t|", "tsv": "\t,;|"}
MOST_BAD = 0.1  # of its first lines may be no JSON; with more it is no list of records
SEPARATOR = re.compile(rb"\A\"?sep=(.|\\t)\"?\r?\n")  # what Excel writes above a table to itself
NAMED_LINES = 5
JSON_LINES = {"jsonl", "ndjson", "manifest"}
DOCUMENTS: dict[str, Callable[[str], list[Record]]] = {"json": records_of, "xml": cvat, "yaml": lambda _: [], "yml": lambda _: []}
TOO_WIDE = "with more cells than there are columns; those beyond were left out"
NO_RECORD = "of which nothing could be read: each should be one JSON object"
SPACES = " "  # stands for: the last word of a line is a column of its own
FIRST = "  "  # stands for: the first word of a line is, and its label the rest of it
MANY = "   "  # stands for: every word of a line is


def has_image_ending(text: str) -> bool:
    return PurePosixPath(text.lower()).suffix[1:] in IMAGE_ENDINGS


@dataclass(frozen=True)
class Table:
    """Rows of text with named columns; without a header they are called "1", "2", …"""

    path: str
    columns: tuple[str, ...]
    header: bool
    delimiter: str  # SPACES, FIRST, MANY, or "" for JSON lines
    text: str
    bad: dict[int, str] = field(default_factory=dict, compare=False)  # lines that a pass over the rows could not read as they are: why

    def rows(self) -> Iterator[Sequence[str]]:
        """Every row, as wide as there are columns. Read anew each time, so that no second copy of a large table is held."""
        width = len(self.columns)
        if not self.delimiter:
            for record in records(self.text, self.bad):
                yield [cell(record.get(column)) for column in self.columns]
            return
        for number, row in enumerate(split_rows(self.text, self.delimiter, self.bad), start=1):
            if any(cell.strip() for cell in row[width:]):
                self.bad.setdefault(number, TOO_WIDE)
            if number > 1 or not self.header:
                yield row if len(row) == width else [*row[:width], *[""] * (width - len(row))]

    @property
    def first(self) -> list[Sequence[str]]:
        return list(islice(self.rows(), SHOWN_ROWS))

    def bad_rows(self) -> list[Problem]:
        """What was wrong with single lines, once the rows were read."""
        reasons: dict[str, list[int]] = {}
        for line, why in sorted(self.bad.items()):
            reasons.setdefault(why, []).append(line)
        return [warned(self.path, "bad_row", f"{self.named(lines)} {why}") for why, lines in reasons.items()]

    def named(self, lines: Sequence[int]) -> str:
        """ "has 7 lines (2, 4, 9, 11, 12 and 2 more)" """
        rest = f" and {len(lines) - NAMED_LINES:,} more" if len(lines) > NAMED_LINES else ""
        return f"has {len(lines):,} line{'s' * (len(lines) > 1)} ({', '.join(f'{line:,}' for line in lines[:NAMED_LINES])}{rest})"


def read_table(path: str, data: bytes) -> Table | None:
    """The table of a side file; None for one that is none."""
    if path.lower().endswith(".mat"):
        return of_matlab(path, data)
    text = decoded(data)
    if not text or "\0" in text:
        return None
    try:
        ending = PurePosixPath(path.lower()).suffix[1:]
        if ending in JSON_LINES:
            return of_records(path, text)
        if ending in DOCUMENTS:
            return of_records(path, "\n".join(json.dumps(record) for record in DOCUMENTS[ending](text)))
        return of_lines(path, text)
    except (csv.Error, ValueError, RecursionError):
        return None


def of_matlab(path: str, data: bytes) -> Table | None:
    """What one of MATLAB's lists says of images."""
    try:
        columns, rows = read_rows(data)
    except MAT_ERRORS:
        return None
    text = "".join("\t".join(cell.replace("\t", " ") for cell in row) + "\n" for row in [columns, *rows])
    named = any(has_image_ending(cell) for row in rows[:SHOWN_ROWS] for cell in row)
    return Table(path, tuple(columns), True, "\t", same(text)) if len(columns) > 1 and named else None


def decoded(data: bytes) -> str:
    """Text in UTF-8 or UTF-16 with its mark, or in the legacy encoding in which it reads best; in one Unicode form, for its cells
    become labels."""
    return same(as_text(data))


def as_text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    data = SEPARATOR.sub(b"", data.removeprefix(b"\xef\xbb\xbf"), count=1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        some = [line for line in data.splitlines()[:LINES_TO_JUDGE] if not line.isascii()]
        return data.decode(detect_encoding(some, TABLES), "replace")


def of_lines(path: str, text: str) -> Table | None:
    delimiter = delimiter_of(path, text)
    if delimiter in (SPACES, FIRST) and (found := spaced(text)):
        return Table(path, found.columns, found.header, MANY, found.text)
    first = list(islice(split_rows(text, delimiter), SHOWN_ROWS))
    if not first:
        return None
    width = Counter(len(row) for row in first).most_common(1)[0][0]
    header = has_header(first) and len(first) > 1
    named = [name.strip() or str(place) for place, name in enumerate(first[0], start=1)] if header else []
    width = max(width, len(named)) if header else width
    columns = unique([*named, *(str(place) for place in range(len(named) + 1, width + 1))])
    return Table(path, columns, header, delimiter, text) if 1 <= width <= MOST_COLUMNS else None


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Names that came twice get a number."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)


def delimiter_of(path: str, text: str) -> str:
    """What most lines are cut by, into the same number of cells."""
    ending = PurePosixPath(path.lower()).suffix[1:]
    head = "\n".join(islice((line for line in lines_of(text) if line.strip()), 50))
    best, most = "", 0.0
    for delimiter in DELIMITERS.get(ending, "\t,;|"):
        widths = Counter(len(row) for row in split_rows(head, delimiter))
        width, lines = widths.most_common(1)[0] if widths else (1, 0)
        share = lines / max(1, widths.total())
        if width > 1 and share >= 0.8 and share > most:
            best, most = delimiter, share
    return best or (spaces_of(text) if ending not in DELIMITERS else ",")


def spaces_of(text: str) -> str:
    """Whether a list's labels are the last words of its lines, or all but the first ones, as of FGVC-Aircraft ("0034309 Boeing 707"):
    where each line begins with another word, the rest comes again, and no name of a file with spaces stands before the last word."""
    lines = [line.strip() for line in islice(lines_of(text), JUDGED_LINES) if line.strip() and not line.startswith("#")]
    cut = [line.split(None, 1) for line in lines]
    names, labels = [words[0] for words in cut], [words[1].split() for words in cut if len(words) == 2]
    if len(labels) < len(names) or all(len(words) == 1 for words in labels):
        return SPACES
    spaced = any(has_image_ending(line.rsplit(None, 1)[0]) for line, words in zip(lines, labels, strict=True) if len(words) > 1)
    numbers = all(is_number(word) for words in labels for word in words)  # boxes and ids, such as the Oxford pets'
    again = len({" ".join(words) for words in labels}) < len(labels)
    return FIRST if again and not numbers and not spaced and len(set(names)) >= DIFFERENT * len(names) else SPACES


def split_rows(text: str, delimiter: str, bad: dict[int, str] | None = None) -> Iterator[list[str]]:
    """Rows that are not empty; comments of text lists are none. `bad` gains lines that could not be read as they are."""
    if delimiter in (SPACES, FIRST, MANY):
        for line in lines_of(text):
            if line.strip() and not line.startswith("#"):
                yield words_of(line.strip(), delimiter)
        return
    for row in csv_rows(text, delimiter, {} if bad is None else bad):
        if any(cell.strip() for cell in row):
            yield row


def words_of(line: str, delimiter: str) -> list[str]:
    if delimiter == MANY:
        return line.split()
    return line.rsplit(None, 1) if delimiter == SPACES else line.split(None, 1)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: by words that columns are called by, or because it differs from all others."""
    first, rest = rows[0], rows[1:]
    if any(has_image_ending(cell.strip()) for cell in first):
        return False
    if any(column_word(cell) in COLUMNS for cell in first):
        return True
    if any(has_image_ending(cell.strip()) for row in rest[:20] for cell in row):
        return True
    return any(
        not is_number(name) and rest and all(place < len(row) and is_number(row[place]) for row in rest[:100])
        for place, name in enumerate(first)
    )


def of_records(path: str, text: str) -> Table | None:
    bad: dict[int, str] = {}
    first = list(islice(records(text, bad), SHOWN_ROWS))
    columns = tuple(dict.fromkeys(str(key) for record in first for key in record))
    is_one = 2 <= len(columns) <= MOST_COLUMNS and len(bad) <= MOST_BAD * (len(first) + len(bad))
    return Table(path, columns, True, "", text) if is_one else None


def records(text: str, bad: dict[int, str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate((line for part in parts_of(text) for line in part.removesuffix("\n").split("\n")), start=1):
        if line.strip():
            try:
                record = loaded(line)
            except (ValueError, RecursionError):
                record = None
            if isinstance(record, dict):
                yield opened(record)
            else:
                bad[number] = NO_RECORD


def cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
