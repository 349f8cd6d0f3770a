"""What a manifest said of each image besides its class: metadata.jsonl of the engine, and two files that make it quick to ask.

    columns.json   {"lines": N, "offsets": [where every EVERYth line begins], "columns": [{"name", "values", "counts", "place"}]};
                   `values` and `place` are null of a column with more than FEW values
    columns.bin    uint8 [places][N]: the number of the value that each sample has

Written before a version is sealed, and again once an image of it was erased. Of a small one that has none yet they are counted when
somebody looks, of a large one `manage.py index` makes them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from webapp.datasets import about
from webapp.datasets.browsing.progress import Told, passing, untold

FEW: Final = 200  # different values of a column by which one can filter
EVERY: Final = 256  # lines
MOST_COLUMNS: Final = 64
LIGHT_BYTES: Final = 2_000_000  # of metadata that are counted while a page waits
LONGEST: Final = 200  # characters of a value that is one of few


class Column(NamedTuple):
    """`values` with how many samples have each, in the order in which they came; None where they are many."""

    name: str
    values: list[str] | None
    counts: list[int]
    codes: np.ndarray | None  # of each sample the number of its value


class Columns(NamedTuple):
    """All of a version's, and where lines begin."""

    columns: list[Column]
    offsets: list[int]


NONE: Final = Columns([], [])


def names_of(folder: Path) -> list[str]:
    """The columns' names, from dataset.json; none where its files are not here."""
    return [str(name) for name in about.value(folder, "columns") or ()]


def counted(folder: Path, told: Told = untold) -> Columns:
    """Read from metadata.jsonl, line by line; memory grows by a byte a sample and column of few values."""
    names = names_of(folder)[:MOST_COLUMNS]
    tallies = [Tally() for _ in names]
    offsets, at = [], 0
    with (folder / "metadata.jsonl").open("rb") as lines:
        for number, line in enumerate(passing(lines, folder, told)):
            if number % EVERY == 0:
                offsets.append(at)
            at += len(line)
            for tally, cell in zip(tallies, padded(json.loads(line), len(names)), strict=True):
                tally.add(cell)
    return Columns([tally.column(name) for name, tally in zip(names, tallies, strict=True)], offsets)


def padded(cells: Sequence[Any], length: int) -> Iterator[str]:
    """Exactly so many texts."""
    yield from (str(cell) for cell in cells[:length])
    yield from ("" for _ in range(length - len(cells)))


class Tally:
    """The values of one column, until they are too many to choose from."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.counts: Counter[int] = Counter()
        self.codes: bytearray | None = bytearray()

    def add(self, cell: str) -> None:
        if self.codes is None:
            return
        number = self.numbers.setdefault(cell, len(self.numbers))
        if number >= FEW or len(cell) > LONGEST:
            self.codes = None
            return
        self.codes.append(number)
        self.counts[number] += 1

    def column(self, name: str) -> Column:
        if self.codes is None:
            return Column(name, None, [], None)
        return Column(
            name, list(self.numbers), [self.counts[number] for number in range(len(self.numbers))], np.frombuffer(self.codes, np.uint8)
        )


def build(folder: Path, told: Told = untold) -> None:
    """Writes both files where the version has metadata and not them."""
    if (folder / "columns.json").exists() or not (folder / "metadata.jsonl").exists():
        return
    found = counted(folder, told)
    filtered = [column for column in found.columns if column.codes is not None]
    codes = folder / f"columns.bin.{os.getpid()}.partial"
    with codes.open("wb") as file:
        for column in filtered:
            file.write(column.codes.tobytes() if column.codes is not None else b"")
    codes.replace(folder / "columns.bin")  # who has the old one mapped keeps it
    places = {id(column): place for place, column in enumerate(filtered)}
    rows = [{"name": each.name, "values": each.values, "counts": each.counts, "place": places.get(id(each))} for each in found.columns]
    lines = len(filtered[0].codes) if filtered and filtered[0].codes is not None else 0
    partial = folder / f"columns.json.{os.getpid()}.partial"
    partial.write_text(json.dumps({"lines": lines, "offsets": found.offsets, "columns": rows}), "utf-8")
    partial.replace(folder / "columns.json")


def count_anew(folder: Path) -> None:
    """After an image was erased: what was told of it is gone from metadata.jsonl, and goes from here too."""
    (folder / "columns.json").unlink(missing_ok=True)
    build(folder)


def of(folder: Path) -> Columns:
    """The columns of a sealed version; NONE where it has none, or so many lines that a page would wait."""
    return read(folder, *(stamp(folder / name) for name in ("columns.json", "metadata.jsonl")))


def stamp(path: Path) -> int:
    """When it was last written; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=16)
def read(folder: Path, *_stamps: int) -> Columns:
    """As `of`; kept for as long as the files are those."""
    try:
        about = json.loads((folder / "columns.json").read_text("utf-8"))
    except (OSError, ValueError):
        metadata = folder / "metadata.jsonl"
        return counted(folder) if metadata.exists() and metadata.stat().st_size <= LIGHT_BYTES else NONE
    lines = about["lines"]
    codes = np.memmap(folder / "columns.bin", np.uint8, "r").reshape(-1, lines) if lines else None
    return Columns([stored(told, codes) for told in about["columns"]], about["offsets"])


def stored(told: dict[str, Any], codes: np.ndarray | None) -> Column:
    has_codes = told["place"] is not None and codes is not None
    return Column(told["name"], told["values"], told["counts"], codes[told["place"]] if has_codes and codes is not None else None)


def is_many(folder: Path, column: int) -> bool:
    """Whether that column has too many values to choose from: one looks for a piece of text in it (`cells.search`)."""
    known = of(folder).columns
    return column < len(known) and known[column].values is None


def holds(folder: Path, column: int, cell: str, length: int) -> np.ndarray:
    """bool [length]: which samples have that value there; none of a column or a value that there is not."""
    known = of(folder).columns
    found = np.zeros(length, bool)
    if column >= len(known) or known[column].codes is None or cell not in (known[column].values or []):
        return found
    codes = np.asarray(known[column].codes)
    found[: len(codes)] = codes[:length] == (known[column].values or []).index(cell)
    return found


def cells(folder: Path, position: int) -> list[tuple[str, str]]:
    """(column, what stands in it) of one sample; empty cells are left out."""
    names, offsets = names_of_kept(folder), of(folder).offsets
    if not names:
        return []
    try:
        with (folder / "metadata.jsonl").open("rb") as lines:
            skip = position
            if position // EVERY < len(offsets):
                lines.seek(offsets[position // EVERY])
                skip = position % EVERY
            line = next(islice(lines, skip, None), b"[]")
    except OSError:
        return []
    return [(name, cell) for name, cell in zip(names, padded(json.loads(line), len(names)), strict=True) if cell]


@lru_cache(maxsize=16)
def names_of_kept(folder: Path) -> tuple[str, ...]:
    """As `names_of`, of a sealed version."""
    return tuple(column.name for column in of(folder).columns) or tuple(names_of(folder)[:MOST_COLUMNS])
