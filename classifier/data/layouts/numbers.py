"""Lists that call images by numbers, and the one that says which image has which number: CUB-200's and NABirds' images.txt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from classifier.data.layouts.compare import AGREE, MOST
from classifier.data.layouts.keys import best_key, naming_columns
from classifier.data.layouts.tables import Table
from classifier.data.layouts.words import words_in

TRAIN_OR_NOT = {"1": "train", "0": "test"}  # in train_test_split.txt


def by_path(tables: Mapping[str, Table], sample: Sequence[str]) -> dict[str, Table]:
    """The same tables; those that call images by the numbers of another name them by their paths."""
    pairs = {path: table for path, table in tables.items() if not table.header and len(table.columns) == 2}
    numbers = next((found for table in pairs.values() if (found := numbered_paths(table, sample))), {})
    if not numbers:
        return dict(tables)
    named = {path: renamed(table, numbers) for path, table in pairs.items()}
    return {path: named.get(path) or table for path, table in tables.items()}


def numbered_paths(table: Table, sample: Sequence[str]) -> dict[str, str]:
    """{number: path} of a list that gives each image one; empty where it is none."""
    if 1 not in naming_columns(table, table.first):
        return {}
    named = best_key(table, sample, [1])
    if named is None or named[2] < MOST or best_key(table, sample, [0]):
        return {}
    rows = list(table.rows())
    found = {row[0].strip(): row[1].strip() for row in rows}
    return found if len(found) == len(rows) else {}


def renamed(table: Table, numbers: Mapping[str, str]) -> Table | None:
    """A list by number as a table by path; None for one of other numbers or of a few, or that says only which image each is."""
    rows = [(row[0].strip(), row[1].strip()) for row in table.rows()]
    known = [(numbers[number], cell) for number, cell in rows if number in numbers]
    few = len(known) < max(AGREE * len(rows), MOST * len(numbers))  # the classes are numbered from 1, too
    if few or all(path == cell for path, cell in known):
        return None
    column = "label"
    if {"train", "test"} <= set(words_in(PurePosixPath(table.path).stem)) and {cell for _, cell in known} <= TRAIN_OR_NOT.keys():
        column, known = "split", [(path, TRAIN_OR_NOT[cell]) for path, cell in known]
    text = "".join(f"{path}\t{cell}\n" for path, cell in known)
    return replace(table, columns=("path", column), header=True, delimiter="\t", text=f"path\t{column}\n{text}", bad={})
