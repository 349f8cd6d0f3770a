"""A table that says what each image shows."""

from __future__ import annotations

import functools
import operator
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice

from classifier.data.known import Numbered
from classifier.data.layouts.base import MOST_NAMED, Layout, Place
from classifier.data.layouts.exports import TOGETHER
from classifier.data.layouts.keys import Key
from classifier.data.layouts.roles import SYNSET, Roles, number_of, roles, strange_split, yes_split
from classifier.data.layouts.scope import Scope
from classifier.data.layouts.several import several_labels
from classifier.data.layouts.tables import Table
from classifier.data.layouts.words import column_word, split_value
from classifier.data.problems import Problem, left_out, warned
from classifier.data.texts import Column
from classifier.spec.events import SPLITS, Split
from classifier.spec.words import plural

NAMED_MISSING = 1000  # rows without a file that are named one by one
NONE = -1
SEVERAL = -2  # in place of a label's number, of an image that shows several classes
SEVERAL_SAID = "shows several classes by {}, and an image has one here; boxes are not cut out. Write one class for it, or leave it out"
MANY, MANY_SHARE = 5, 0.2  # images, and their share, that a table calls differently in several rows not by mistake
BOXES = {"xmin", "ymin", "xmax", "ymax"}  # columns of a table with a row an object
OPEN_IMAGES = {"ImageID", "LabelName", "Confidence"}
OTHERS = "…"  # in place of further words
UNKNOWN_SPLIT = "says '{}' of {} as their split, which is neither train, validation nor test; they are cut as images without a split are"
WHOLE = re.compile(r"(\d+)(?:\.0*)?")


@dataclass
class Manifest(Layout):
    """The rows of one table, by the key of the image that they are about. All of them are numbers and texts in columns: a million rows of
    Python's own strings and tuples took 600 MB."""

    table: Table
    key: Key
    roles: Roles
    scope: Scope
    asked: Mapping[str, str | None] = field(default_factory=dict)  # columns that were chosen, by role
    trusted: bool = False  # of a few rows, none of them about the images that were looked at: a table of the same columns fits
    rows: Numbered = field(default_factory=Numbered)
    labels: array[int] = field(default_factory=lambda: array("l"))
    splits: array[int] = field(default_factory=lambda: array("b"))
    groups: Column = field(default_factory=Column)  # empty: of no group
    cells: list[Column] = field(default_factory=list)  # of each column of metadata
    vocabulary: list[str] = field(default_factory=list)
    met: array[int] = field(default_factory=lambda: array("q"))  # by row: the mark of its image, 0 for none
    shared: dict[int, str] = field(default_factory=dict)  # row → a second image that it speaks for
    doubts: list[Problem] = field(default_factory=list)
    several: list[Problem] = field(default_factory=list)
    strange: Counter[str] = field(default_factory=Counter)  # what rows say of their split that is none
    refuted: int | None = None  # the column whose 0 says that an image does not show the row's class

    kind = "manifest"

    def __post_init__(self) -> None:
        self.used = frozenset([self.table.path])
        self.folder = self.scope.folder
        taken = self.roles.used() - {self.roles.group}  # by what images are grouped is told too, so that splits can be cut by it anew
        self.extra = [place for place in range(len(self.table.columns)) if place not in taken]
        self.columns = tuple(self.table.columns[place] for place in self.extra)
        self.refuted = self.table.columns.index("Confidence") if set(self.table.columns) >= OPEN_IMAGES else None
        self.group_column = "" if self.roles.group is None else self.table.columns[self.roles.group]
        self.fill()

    def fill(self) -> None:
        """Reads the table once."""
        numbers: dict[str, int] = {}
        self.cells = [Column() for _ in self.extra]
        again = array("I"), array("l"), array("b")  # of each later row of an image: its place, label and split
        for row in self.table.rows():
            key = self.key.of_cell(row[self.roles.path])
            if not key:
                continue
            label = self.label_of(row)
            number = SEVERAL if TOGETHER in label else numbers.setdefault(label, len(numbers)) if label else NONE
            split = self.split_in(row)
            if (place := self.rows.number(key)) < len(self.labels):
                self.fill_in(place, number, split)
                for column, value in zip(again, (place, number, split), strict=True):
                    column.append(value)
                continue
            self.labels.append(number)
            self.splits.append(split)
            if self.roles.group is not None:
                self.groups.append(row[self.roles.group].strip())
            for cells, place in zip(self.cells, self.extra, strict=True):
                cells.append(row[place])
        self.vocabulary = whole(list(numbers))
        self.several = self.told_of_several()
        self.leave_several(zip(*again[:2], strict=True))
        self.doubts = self.all_doubts(zip(*again, strict=True))
        self.met = array("q", bytes(8 * len(self.labels)))

    def leave_several(self, again: Iterable[tuple[int, int]]) -> None:
        """A table with a row an object, and not an image, names several classes of many images: those have no one class."""
        several = bytearray(len(self.labels))
        for place, number in again:
            several[place] |= number not in (self.labels[place], NONE)
        if sum(several) >= max(MANY, MANY_SHARE * len(self.rows)) or {column_word(column) for column in self.table.columns} >= BOXES:
            for place in (place for place, is_so in enumerate(several) if is_so):
                self.labels[place] = SEVERAL

    def all_doubts(self, again: Iterable[tuple[int, int, int]]) -> list[Problem]:
        """What later rows say otherwise: of each rule the first by name, all others by number."""
        found, told = list[Problem](), Counter[str]()
        for row in again:
            for problem in self.doubted(*row):
                if told[problem["rule"]] < MOST_NAMED:
                    found.append(problem)
                told[problem["rule"]] += 1
        more = {rule: count - MOST_NAMED for rule, count in told.items() if count > MOST_NAMED}
        return [*found, *(warned(self.table.path, rule, f"contradicts itself in {count:,} more rows") for rule, count in more.items())]

    def told_of_several(self) -> list[Problem]:
        column = "" if self.roles.label is None else column_word(self.table.columns[self.roles.label])
        said = several_labels(self.vocabulary, column)
        return [warned(self.table.path, "several_labels", said)] if said else []

    def split_in(self, row: Sequence[str]) -> int:
        place = self.roles.split
        split = self.scope.split if place is None else cell_split(row[place]) or yes_split(self.table.columns[place], row[place])
        if place is not None and (word := strange_split(self.table, place, row[place])):
            self.strange[word if word in self.strange or len(self.strange) < MOST_NAMED else OTHERS] += 1
        return SPLITS.index(split) if split else NONE

    def told_of_splits(self) -> list[Problem]:
        return [
            warned(self.table.path, "unknown_split", UNKNOWN_SPLIT.format(word, plural(count, "image")))
            for word, count in self.strange.items()
        ]

    def fill_in(self, place: int, number: int, split: int) -> None:
        """What an image's first row leaves open, a later one says."""
        self.labels[place] = number if self.labels[place] == NONE else self.labels[place]
        self.splits[place] = split if self.splits[place] == NONE else self.splits[place]

    def doubted(self, place: int, number: int, split: int) -> list[Problem]:
        """What a later row of an image says otherwise than the first."""
        key, found = self.rows.texts[place], []
        if number not in (self.labels[place], NONE) and self.labels[place] != SEVERAL:
            first = self.vocabulary[self.labels[place]]
            other = "of several classes" if number == SEVERAL else f"as '{self.vocabulary[number]}'"
            message = f"is listed in {self.table.path} as '{first}' and {other}; the first was taken"
            found.append(warned(key, "two_labels", message))
        if split not in (self.splits[place], NONE):
            first, other = SPLITS[self.splits[place]], SPLITS[split]
            message = f"is listed in {self.table.path} for {first} and for {other}; {first} was taken"
            found.append(warned(key, "two_splits", message))
        return found

    def label_of(self, row: Sequence[str]) -> str:
        """The class of a row; empty where it says none, or of Open Images' that says what an image does not show."""
        if self.refuted is not None and row[self.refuted].strip() in ("0", "0.0"):
            return ""
        if self.roles.one_hot:
            hot = [place for place in self.roles.one_hot if number_of(row[place]) == 1]
            return TOGETHER.join(self.table.columns[place] for place in hot)
        text = row[self.roles.label].strip() if self.roles.label is not None else ""
        word = text.partition(" ")[0]
        return word if SYNSET.fullmatch(word) else text  # ImageNet's solutions name boxes behind the class

    def row(self, path: str) -> int | None:
        """The number of an image's row."""
        row = self.rows.find(self.key.of_file(path)) if self.scope.holds(path) else None
        if row is not None:
            self.meet(row, path)
        return row

    def meet(self, row: int, path: str) -> None:
        """Notes that a row has an image, and where it has two: "1.png" of a table may mean a/1.png and b/1.png."""
        mark = hash(path) or 1
        if not self.met[row]:
            self.met[row] = mark
        elif self.met[row] != mark and len(self.shared) < MOST_NAMED:
            self.shared.setdefault(row, path)

    def place(self, path: str) -> Place | None:
        row = self.row(path)
        if row is None:
            return None
        label, split = self.labels[row], self.splits[row]
        return None if label < 0 else Place(self.vocabulary[label], None if split == NONE else SPLITS[split])

    @property
    def labelled(self) -> bool:
        """Whether it names classes; a list of the images of one split does not."""
        return bool(self.vocabulary)

    @property
    def tells(self) -> bool:
        """Whether it is of use: what was meant to name classes and names none is not."""
        says_class = self.roles.label is not None or bool(self.roles.one_hot)
        return self.labelled or (not says_class and (self.splits_any or self.describes))

    @property
    def shows_several(self) -> bool:
        """Whether images are of several classes by it."""
        return SEVERAL in self.labels

    @property
    def guessed(self) -> bool:
        """Whether a column is its label that gives away by neither its name nor its cells that it is one, such as an age's."""
        unnamed = self.labelled and self.table.header and not self.roles.named
        return unnamed and not all(SYNSET.fullmatch(label) for label in self.vocabulary)

    @property
    def describes(self) -> bool:
        """Whether it tells a group or metadata; columns that nobody named are none."""
        return self.roles.group is not None or (self.table.header and bool(self.columns))

    def says_besides(self, other: Roles) -> bool:
        """Whether it tells more than what another reading of it took for the label."""
        labels = {self.table.columns[place] for place in (other.label, *other.one_hot) if place is not None}
        return self.splits_any or self.roles.group is not None or (self.table.header and bool(set(self.columns) - labels))

    def gives(self, split: Split) -> bool:
        return SPLITS.index(split) in self.splits

    @property
    def splits_any(self) -> bool:
        return any(split != NONE for split in self.splits)

    def without_label(self) -> Manifest:
        """The same table, its label a column of metadata like others: what shows a class is said elsewhere."""
        asked = {**self.asked, "label": None}
        return Manifest(self.table, self.key, roles(self.table, self.roles.path, asked), self.scope, asked, self.trusted)

    def with_label(self, place: int) -> Manifest | None:
        """The same table with another of its columns as the label; None where that says what an image's own cell is."""
        if place >= len(self.table.columns) or place == self.roles.path:
            return None
        asked = {**self.asked, "label": self.table.columns[place]}
        return Manifest(self.table, self.key, roles(self.table, self.roles.path, asked), self.scope, asked)

    def split_for(self, path: str) -> Split | None:
        row = self.row(path)
        return None if row is None or self.splits[row] == NONE else SPLITS[self.splits[row]]

    def group(self, path: str) -> str | None:
        row = self.row(path)
        return None if row is None or self.roles.group is None else self.groups[row] or None

    def metadata(self, path: str) -> Sequence[str]:
        row = self.row(path)
        return ("",) * len(self.columns) if row is None else tuple(column[row] for column in self.cells)

    def concerns(self, path: str) -> bool:
        return self.row(path) is not None

    def unplaced(self, path: str) -> Problem:
        if (row := self.row(path)) is not None and self.labels[row] == SEVERAL:
            return left_out(path, "several_classes", SEVERAL_SAID.format(self.table.path))
        if row is not None:
            return left_out(path, "no_label", f"has no label in its row of {self.table.path}")
        return left_out(path, "not_listed", f"is not listed in {self.table.path}, so nothing says what it shows")

    def missing(self) -> list[Problem]:
        """Rows that name no image of the source, and those that name two."""
        lost = self.met.count(0)
        if self.trusted and lost == len(self.rows):
            return self.table.bad_rows()
        named = NAMED_MISSING if self.labelled or self.splits_any else 0  # a table of patients or weather may be of more than these images
        said = f"is listed in {self.table.path}, but there is no such image"
        found = [left_out(key, "missing_file", said) for key in islice(compress(self.rows, map(operator.not_, self.met)), named)]
        if rest := lost - len(found):
            more = "more images" if found else "images"
            found.append(left_out(self.table.path, "missing_file", f"lists {rest:,} {more} that are not there"))
        message = f"has the name of another image, and one row of {self.table.path} speaks for both; its folder must stand there too"
        shared = (warned(path, "ambiguous_name", message) for path in self.shared.values())
        return [*self.doubts, *found, *shared, *self.several, *self.told_of_splits(), *self.table.bad_rows()]


def whole(labels: list[str]) -> list[str]:
    """Classes that are numbers as whole ones, where a program wrote "1.000000"."""
    cut = [WHOLE.fullmatch(label) for label in labels]
    return [found[1] for found in cut if found] if all(cut) else labels


@functools.lru_cache(1000)
def cell_split(text: str) -> Split | None:
    return split_value(text)
