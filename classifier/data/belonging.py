"""Where added images belong: a group that the version has already draws them to its side, so that no patient stands on two.

A group is known by a pattern over paths, or by what stands in a column of the tables that came along; the same words in the version's
column and in the added images' are the same group, also where the version was imported long before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifier.data.changes import Change
from classifier.data.dataset import Dataset
from classifier.data.duplicates import Taken
from classifier.data.layouts.base import Layout
from classifier.data.layouts.words import GROUP_COLUMNS, column_word
from classifier.data.problems import Problem, warned
from classifier.data.resplit import cells_of
from classifier.data.split import group_pattern, groups_of
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS
from classifier.spec.packfile import IN_NO_SPLIT

if TYPE_CHECKING:
    from classifier.data.additions import Addition
    from classifier.data.revise import Revision

NOTHING = "no added image has anything in a column {!r}; their tables have {}."


class By(NamedTuple):
    """What images are grouped by: a pattern, or a column; with neither, what their own layout says."""

    pattern: re.Pattern[str] | None = None
    column: str = ""
    asked: bool = False  # the change itself names the column
    let_go: bool = False  # the newest cut keeps nothing together, so that no group of the version counts


def by_what(change: Change, base: Dataset) -> By:
    """As the change says, else as the version's newest cut or its import did."""
    options, pattern, column = base.about.get("options", {}), change.get("group"), change.get("column")
    if pattern and column:
        raise InputError("added images are grouped by a pattern or by a column, not by both; leave one of them out.")
    if pattern or column:
        return By(group_pattern(pattern), column or "", asked=bool(column))
    pattern, let_go = group_pattern(options.get("group")), options.get("column", "") is None and not options.get("group")
    column = options["column"] if "column" in options else group_column(base.about.get("columns", ()))
    return By(pattern, column or "", let_go=let_go)


def group_column(columns: Sequence[str]) -> str:
    """The one of these that is called as groups are; empty where none is."""
    words = {column_word(column): column for column in reversed(columns)}
    return next((words[name] for name in GROUP_COLUMNS if name in words), "")


def place_of(column: str, columns: Sequence[str]) -> int | None:
    """Where among these the column is, whatever its case: "Patient ID" is "patient_id"; in other scripts by its very name."""
    if column in columns:
        return columns.index(column)
    word = column_word(column)
    return next((place for place, name in enumerate(columns) if word and column_word(name) == word), None)


def named(layout: Layout, by: By, paths: Sequence[str]) -> tuple[list[str | None], By]:
    """(the group of each path, by what it was found). A pattern that matches none of them says nothing, and their table speaks."""
    if by.pattern is not None and any(names := groups_of(paths, by.pattern)):
        return names, by
    if by.pattern is None and by.column and any(names := in_column(layout, by.column, paths)):
        return names, by
    if by.asked:
        raise InputError(NOTHING.format(by.column[:60], ", ".join(layout.columns[:20]) or "no other columns"))
    return [layout.group(path) for path in paths], By(column="" if by.let_go else layout.group_column)


def in_column(layout: Layout, column: str, paths: Sequence[str]) -> list[str | None]:
    """What stands there of each path; None for an empty cell."""
    place = place_of(column, layout.columns)
    return [None] * len(paths) if place is None else [layout.metadata(path)[place].strip() or None for path in paths]


def beside(revision: Revision, addition: Addition, taken: Sequence[Taken], twins: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """(the split of each added sample, the first one that it must stay with). One whose group is known goes to its side, unless the
    source gives it a split. twins: {group: a sample of the version that shows the same image as one of it}."""
    start, splits, stays = len(revision.images), [SPLITS.index(sample.split) for sample in taken], list[int]()
    first = {**twins, **first_of_groups(revision, addition.by)} if addition.groups else {}
    sides = {name: int(revision.splits[position]) for name, position in first.items()}
    for place, sample in enumerate(taken):
        if sample.path in addition.given and sample.path in addition.groups:
            sides.setdefault(addition.groups[sample.path], splits[place])
    torn = []
    for place, sample in enumerate(taken):
        name = addition.groups.get(sample.path)
        with_it = start + place if name is None else first.setdefault(name, start + place)
        stays.append(int(revision.stays[with_it]) if with_it < start and revision.stays is not None else with_it)
        if name is None or splits[place] == sides.get(name, splits[place]):
            continue
        if sample.path in addition.given:
            there = revision.path(with_it) if with_it < start else taken[with_it - start].path
            torn.append(apart(sample, name, there, SPLITS[sides[name]]))
        else:
            splits[place] = sides[name]
    addition.tell(torn)
    return splits, stays


def apart(sample: Taken, name: str, there: str, split: str) -> Problem:
    """Of an image to which its source gave another split than its group has."""
    return warned(sample.path, "leak", f"belongs to group '{name}' in {sample.split}, and {there} does in {split}; figures will flatter")


def first_of_groups(revision: Revision, by: By) -> dict[str, int]:
    """{group: the first sample of the version that is of it}."""
    kept = np.flatnonzero(revision.splits != IN_NO_SPLIT).tolist()
    names: Sequence[str | None]
    if by.pattern is not None:
        names = groups_of((revision.path(position) for position in kept), by.pattern)
    else:
        place = place_of(by.column, revision.columns)
        every = cells_of(revision, revision.columns[place]) if place is not None else [None] * len(revision.splits)
        names = [every[position] for position in kept]
    return {name: position for position, name in reversed(list(zip(kept, names, strict=True))) if name is not None}
