"""A table that says what each image shows."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.keys import Key, best_key
from classifier.data.layouts.roles import SYNSET, Roles, by_name, column_of, roles
from classifier.data.layouts.tables import Table
from classifier.data.layouts.words import GROUP_COLUMNS, split_in, split_of, split_value
from classifier.data.problems import Problem, left_out, warned
from classifier.spec.events import SPLITS, Split

NAMED_MISSING = 1000  # rows without a file that are named one by one
NONE = -1


@dataclass
class Manifest(Layout):
    """The rows of one table, by the key of the image that they are about. Labels, splits and groups are numbers into short lists."""

    table: Table
    key: Key
    roles: Roles
    scope: Scope
    rows: dict[str, int] = field(default_factory=dict)
    labels: array[int] = field(default_factory=lambda: array("l"))
    splits: array[int] = field(default_factory=lambda: array("b"))
    groups: list[str | None] = field(default_factory=list)
    cells: list[tuple[str, ...]] = field(default_factory=list)
    vocabulary: list[str] = field(default_factory=list)
    met: bytearray = field(default_factory=bytearray)
    doubts: list[Problem] = field(default_factory=list)

    kind = "manifest"

    def __post_init__(self) -> None:
        self.used = frozenset([self.table.path])
        taken = self.roles.used() - {self.roles.group}  # by what images are grouped is told too, so that splits can be cut by it anew
        self.extra = [place for place in range(len(self.table.columns)) if place not in taken]
        self.columns = tuple(self.table.columns[place] for place in self.extra)
        self.group_column = "" if self.roles.group is None else self.table.columns[self.roles.group]
        self.fill()

    def fill(self) -> None:
        """Reads the table once; equal texts are kept once, so that a million rows stay small."""
        known: dict[str, str] = {}
        same_cells: dict[tuple[str, ...], tuple[str, ...]] = {}
        numbers: dict[str, int] = {}
        twice: list[tuple[str, int]] = []
        for row in self.table.rows():
            key = self.key.of_cell(row[self.roles.path])
            if not key:
                continue
            label = self.label_of(row)
            number = numbers.setdefault(label, len(numbers)) if label else NONE
            if key in self.rows:
                if number not in (self.labels[self.rows[key]], NONE):
                    twice.append((key, number))
                continue
            self.rows[key] = len(self.labels)
            self.labels.append(number)
            split = cell_split(row[self.roles.split]) if self.roles.split is not None else self.scope.split
            self.splits.append(SPLITS.index(split) if split else NONE)
            group = row[self.roles.group].strip() if self.roles.group is not None else ""
            self.groups.append(known.setdefault(group, group) or None)
            cells = tuple(row[place] for place in self.extra)
            self.cells.append(same_cells.setdefault(cells, cells))
        self.vocabulary = list(numbers)
        self.doubts = [self.doubt(key, number) for key, number in twice]
        self.met = bytearray(len(self.labels))

    def label_of(self, row: Sequence[str]) -> str:
        """The class of a row; empty where it says none."""
        if self.roles.one_hot:
            hot = [place for place in self.roles.one_hot if row[place].strip().startswith("1")]
            return self.table.columns[hot[0]] if len(hot) == 1 else ""
        text = row[self.roles.label].strip() if self.roles.label is not None else ""
        word = text.partition(" ")[0]
        return word if SYNSET.fullmatch(word) else text  # ImageNet's solutions name boxes behind the class

    def doubt(self, key: str, number: int) -> Problem:
        taken = self.labels[self.rows[key]]
        first, other = self.vocabulary[taken] if taken != NONE else "", self.vocabulary[number]
        message = f"is listed in {self.table.path} as '{first}' and as '{other}'; the first was taken"
        return warned(key, "two_labels", message)

    def row(self, path: str) -> int | None:
        """The number of an image's row."""
        return self.rows.get(self.key.of_file(path)) if self.scope.holds(path) else None

    def place(self, path: str) -> Place | None:
        row = self.row(path)
        if row is None:
            return None
        self.met[row] = 1
        label, split = self.labels[row], self.splits[row]
        return None if label == NONE else Place(self.vocabulary[label], None if split == NONE else SPLITS[split])

    @property
    def labelled(self) -> bool:
        """Whether it names classes; a list of the images of one split does not."""
        return bool(self.vocabulary)

    def split_for(self, path: str) -> Split | None:
        row = self.row(path)
        if row is None or self.splits[row] == NONE:
            return None
        self.met[row] = 1
        return SPLITS[self.splits[row]]

    def group(self, path: str) -> str | None:
        row = self.row(path)
        return None if row is None else self.groups[row]

    def metadata(self, path: str) -> Sequence[str]:
        row = self.row(path)
        return ("",) * len(self.columns) if row is None else self.cells[row]

    def concerns(self, path: str) -> bool:
        return self.row(path) is not None

    def unplaced(self, path: str) -> Problem:
        if self.row(path) is not None:
            return left_out(path, "no_label", f"has no label in its row of {self.table.path}")
        return left_out(path, "not_listed", f"is not listed in {self.table.path}, so nothing says what it shows")

    def missing(self) -> list[Problem]:
        """Rows that name no image of the source."""
        lost = [key for key, row in self.rows.items() if not self.met[row]]
        said = f"is listed in {self.table.path}, but there is no such image"
        found = [left_out(key, "missing_file", said) for key in lost[:NAMED_MISSING]]
        if rest := len(lost) - len(found):
            found.append(left_out(self.table.path, "missing_file", f"lists {rest:,} more images that are not there"))
        return [*self.doubts, *found]


@functools.lru_cache(1000)
def cell_split(text: str) -> Split | None:
    return split_value(text)


@dataclass(frozen=True)
class Scope:
    """Which images a table can be about: those of its split's folders, and those below its own folder, where there are any."""

    split: Split | None  # that the table's name or folder means
    folder: str = ""
    by_split: bool = False

    def holds(self, path: str) -> bool:
        if self.folder and not path.startswith(f"{self.folder}/"):
            return False
        return not self.by_split or any(split_of(part) == self.split for part in path.split("/")[:-1])


def scope_of(table: Table, sample: Sequence[str]) -> Scope:
    folder, _, name = table.path.rpartition("/")
    split = split_in(name) or next((found for part in reversed(folder.split("/")) if (found := split_of(part))), None)
    own = folder if folder and any(path.startswith(f"{folder}/") for path in sample) else ""
    by_split = Scope(split, own, by_split=True)
    return by_split if split and any(by_split.holds(path) for path in sample) else Scope(split, own)


def about_images(table: Table, sample: Sequence[str]) -> Manifest | None:
    """The table as what says something of these images, though not what they show; None where it names none of them."""
    scope = scope_of(table, sample)
    found = best_key(table, [path for path in sample if scope.holds(path)], None)
    if found is None:
        return None
    column, key, _ = found
    return Manifest(table, key, Roles(column, None, None, by_name(table, GROUP_COLUMNS, {column})), scope)


def manifest_of(table: Table, sample: Sequence[str], chosen: Mapping[str, str | None]) -> Manifest | None:
    """The table as what says where images belong; None where it names none of them, or no class."""
    scope = scope_of(table, sample)
    within = [path for path in sample if scope.holds(path)]
    only = [column_of(table, name)] if (name := chosen.get("path")) else None
    found = best_key(table, within, only)
    if found is None:
        return None
    column, key, _ = found
    columns = roles(table, column, {role: name for role, name in chosen.items() if role in ("label", "split", "group")})
    labelled = columns.label is not None or bool(columns.one_hot)
    if not labelled and columns.split is None and scope.split is None:
        return None
    made = Manifest(table, key, columns, scope)
    return made if made.vocabulary or not labelled else None
