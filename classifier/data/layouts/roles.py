"""Which column of a table is which: the image, its class, its split, its group."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifier.data.layouts.tables import Table, is_number
from classifier.data.layouts.words import GROUP_COLUMNS, LABEL_COLUMNS, SPLIT_COLUMNS, column_word, split_value
from classifier.spec.errors import InputError

SYNSET = re.compile(r"n\d{8}")
FEWEST, MOST_SHARE = 2, 0.5  # different cells of a column that no name gives away as the label


@dataclass(frozen=True)
class Roles:
    """Columns by number; None for what the table does not say."""

    path: int
    label: int | None
    split: int | None
    group: int | None
    one_hot: tuple[int, ...] = ()  # columns of 0 and 1 that are the classes themselves, in place of `label`
    named: bool = False  # whether the label's column is called so

    def used(self) -> set[int]:
        return {place for place in (self.path, self.label, self.split, self.group, *self.one_hot) if place is not None}


def roles(table: Table, path: int, chosen: Mapping[str, str | None]) -> Roles:
    """The roles of a table's columns beside the one that names the images; `chosen` decides where it speaks. With None for its label
    the table says no class, and what it tells besides stays metadata."""
    first = table.first
    wanted = {role: column_of(table, name) for role, name in chosen.items() if name is not None}
    split = wanted.get("split", None if "split" in chosen else split_column(table, first, path))
    if "label" in chosen and chosen["label"] is None:
        group = wanted.get("group", None if "group" in chosen else by_name(table, GROUP_COLUMNS, {path, split}))
        return Roles(path, None, split, group)
    label = wanted.get("label", by_name(table, LABEL_COLUMNS, {path, split, wanted.get("group")}))
    hot: tuple[int, ...] = ()
    named = label is not None
    group = wanted.get("group", None if "group" in chosen else by_name(table, GROUP_COLUMNS, {path, split, label}))
    if label is None:
        rest = [place for place in range(len(table.columns)) if place not in (path, split, group)]
        hot = one_hot(first, rest)
        label = None if hot else unnamed_label(first, rest)
    if label is None and not hot and "group" not in wanted:
        label, group = group, None  # "product" alone beside the image is what it shows
    return Roles(path, label, split, group, hot, named or bool(hot))


def column_of(table: Table, name: str) -> int:
    """A column by its name; raises InputError with those that there are."""
    if name not in table.columns:
        there = ", ".join(table.columns[:20])
        raise InputError(f"{table.path} has no column '{name[:60]}'; its columns are {there}.", code="choose")
    return table.columns.index(name)


def by_name(table: Table, names: Sequence[str], taken: set[int | None]) -> int | None:
    words = {column_word(column): place for place, column in reversed(list(enumerate(table.columns))) if place not in taken}
    return next((words[name] for name in names if name in words), None) if table.header else None


def split_column(table: Table, first: Sequence[Sequence[str]], path: int) -> int | None:
    """The column called so whose cells are splits."""
    place = by_name(table, SPLIT_COLUMNS, {path})
    cells = {row[place] for row in first if row[place].strip()} if place is not None else set()
    return place if cells and all(split_value(cell) for cell in cells) else None


def one_hot(first: Sequence[Sequence[str]], rest: Sequence[int]) -> tuple[int, ...]:
    """The columns of 0 and 1 of which each row has exactly one 1."""
    hot = tuple(place for place in rest if all(number_of(row[place]) in (0.0, 1.0) for row in first))
    right = len(hot) > 1 and all(sum(number_of(row[place]) for place in hot) == 1 for row in first)
    return hot if right else ()


def number_of(text: str) -> float:
    return float(text) if is_number(text) else -1.0


def unnamed_label(first: Sequence[Sequence[str]], rest: Sequence[int]) -> int | None:
    """The label's column where no name gives it away: synset ids, the only one, or that of the fewest different words."""
    synsets = [place for place in rest if first and all(SYNSET.match(row[place]) for row in first)]
    if synsets:
        return synsets[0]
    if len(rest) == 1:
        return rest[0]
    kinds = {place: {row[place] for row in first} for place in rest}
    fit = [place for place in rest if FEWEST <= len(kinds[place]) <= max(FEWEST, MOST_SHARE * len(first))]
    words = [place for place in fit if not all(is_number(text) for text in kinds[place])]  # numbers may be anything, such as boxes
    return min(words, key=lambda place: len(kinds[place]), default=None)
