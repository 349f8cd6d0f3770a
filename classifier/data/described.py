"""What is known of added images besides their class: cells in the version's columns, and columns that the version gets with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from classifier.data.belonging import place_of
from classifier.data.duplicates import Taken
from classifier.data.layouts.base import Layout
from classifier.data.layouts.words import SPLIT_COLUMNS, column_word, same, split_value
from classifier.spec.exif import COLUMNS

Cells = tuple[str, ...]


def by_tables(layout: Layout, taken: Sequence[Taken], columns: Sequence[str]) -> tuple[list[str], list[Cells]]:
    """(the version's columns with those that come, what the tables of the added images say in them; empty where they lack one)."""
    every = [*columns, *brought(layout, taken, columns)]
    places = [place_of(column, layout.columns) for column in every]
    told = (layout.metadata(sample.path) for sample in taken)
    return every, [tuple("" if place is None else cells[place] for place in places) for cells in told]


def brought(layout: Layout, taken: Sequence[Taken], columns: Sequence[str]) -> list[str]:
    """Columns of their tables that the version lacks and that tell something: not an empty one, nor one that says class or split again."""
    found: list[str] = []
    for place, column in enumerate(layout.columns):
        if place_of(column, [*columns, *found]) is None:
            cells = [layout.metadata(sample.path)[place].strip() for sample in taken]
            if any(cells) and not is_class(cells, taken) and not is_split(column, cells):
                found.append(column)
    return found


def is_class(cells: Sequence[str], taken: Sequence[Taken]) -> bool:
    """Whether a column says of each image the class that it is added to."""
    return all(same(cell) == same(sample.label) for cell, sample in zip(cells, taken, strict=True))


def is_split(column: str, cells: Sequence[str]) -> bool:
    """Whether a column is called as splits are, and says nothing else."""
    return column_word(column) in SPLIT_COLUMNS and all(split_value(cell) for cell in cells if cell)


def with_notes(
    columns: Sequence[str],
    cells: Sequence[Cells],
    paths: Sequence[str],
    fields: Sequence[str],
    notes: Mapping[str, Cells],
    kept: Collection[str],
) -> tuple[list[str], list[Cells]]:
    """The same with what cameras noted: `notes` has the cells of `fields` by path, where there are any; of the fields that are `kept`
    the version has columns already. Where a camera noted nothing, what a table says there stays."""
    every = list(columns)
    for field in fields:
        name = column_of(field, every, field in kept)
        every += [] if name in every else [name]
    places = [every.index(column_of(field, columns, field in kept)) for field in fields]
    rows = [[*row, *[""] * (len(every) - len(row))] for row in cells]
    for path, row in zip(paths, rows, strict=True):
        for place, cell in zip(places, notes.get(path, ()), strict=False):  # none of a file that says nothing
            row[place] = cell or row[place]
    return every, [tuple(row) for row in rows]


def column_of(field: str, columns: Collection[str], is_kept: bool) -> str:
    """Where a camera's note stands: in its column, or in one beside a table's of that name."""
    name = COLUMNS[field]
    beside = f"{name}_of_file"
    if is_kept:
        return beside if beside in columns else name
    return beside if name in columns else name
