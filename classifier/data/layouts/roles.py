"""Which column of a table is which: the image, its class, its split, its group."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from classifier.data.layouts.spaced import is_number
from classifier.data.layouts.tables import Table
from classifier.data.layouts.words import GROUP_COLUMNS, LABEL_COLUMNS, PARTITIONS, SPLIT_COLUMNS, column_word, split_value, words_in
from classifier.spec.errors import InputError
from classifier.spec.events import Split

LAST_WORDS = re.compile(r".+_(label|class|classname|category|species|breed|variety|diagnosis|disease)")
NO_CLASS = {"split", "partition", "phase", "usage", "fold", "url", "link"}  # columns that say no class, whatever their cells are
SYNSET = re.compile(r"n\d{8}")
YES_SPLITS: dict[str, Split] = {  # columns, and what yes is; no is train, and of one that asks about train test
    "is_valid": "validation",
    "is_val": "validation",
    "is_test": "test",
    "test": "test",
    "is_train": "train",
    "is_training": "train",
}
YES, NO = {"true", "1", "yes", "1.0"}, {"false", "0", "no", "0.0"}
UNASSIGNED = {"unassigned"}  # in place of a split
FEWEST, MOST_SHARE = 2, 0.5  # different cells of a column that no name gives away as the label
ONE_SHARE = 0.9  # of the rows of a table with a column a class, that are of one class
ANSWERS = YES | NO | {"-1", "+1", "-1.0", ""}
OWN_ROWS, OWN_SHARE = 10, 0.9  # rows, and the share of different cells among them, with which each image has a cell of its own


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
        hot = one_hot(first, rest) if table.header else ()
        label = None if hot else by_last_word(table, first, rest)
        named = label is not None
        label = label if label is not None or hot else unnamed_label(table, first, rest, path)
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
    """The column called so whose cells are splits; of columns that nobody named, the one of such cells (TRAIN,gs://…,daisy)."""
    if table.header:
        place = by_name(table, SPLIT_COLUMNS, {path})
        if place is not None and (are_splits(first, place) or are_mostly_splits(first, place)):
            return place
        asked = by_name(table, tuple(YES_SPLITS), {path})
        return asked if asked is not None and {row[asked].strip().casefold() for row in first} <= YES | NO else None
    return next((place for place in range(len(table.columns)) if place != path and are_splits(first, place)), None)


def yes_split(column: str, cell: str) -> Split | None:
    """The split of a row by a column that asks whether it is of one (fastai's is_valid)."""
    yes = YES_SPLITS.get(column_word(column))
    return yes and (yes if cell.strip().casefold() in YES else "test" if yes == "train" else "train")


def are_splits(first: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column's cells are splits; those to be cut yet may be called so too."""
    cells = {word for row in first if (word := row[place].strip())}
    cells = {word for word in cells if word.casefold() not in UNASSIGNED}
    return bool(cells) and all(split_value(word) for word in cells)


def are_mostly_splits(first: Sequence[Sequence[str]], place: int) -> bool:
    """Whether half of what a column says or more are splits, train among them: what else it says of an image is told, row by row."""
    words = [word for row in first if (word := row[place].strip())]
    known = [split for word in words if (split := split_value(word))]
    return "train" in known and 2 * len(known) >= len(words)


def strange_split(table: Table, place: int, cell: str) -> str:
    """What a cell of the column of splits says, where that is none and no sign of an image that is to be cut yet."""
    word = cell.strip()
    asks = column_word(table.columns[place]) in YES_SPLITS and word.casefold() in YES | NO
    return "" if asks or split_value(word) or word.casefold() in UNASSIGNED else word


def listed_label(table: Table, path: int) -> int | None:
    """The label's column of MXNet's and SageMaker's lists: number, label, path. With more numbers between an image has several."""
    return 1 if PurePosixPath(table.path.lower()).suffix == ".lst" and len(table.columns) == 3 and path == 2 else None


def one_hot(first: Sequence[Sequence[str]], rest: Sequence[int]) -> tuple[int, ...]:
    """The columns of 0 and 1 of which nearly each row has exactly one 1."""
    hot = tuple(place for place in rest if all(number_of(row[place]) in (0.0, 1.0) for row in first))
    right = sum(sum(number_of(row[place]) for place in hot) == 1 for row in first)
    return hot if len(hot) > 1 and first and right >= ONE_SHARE * len(first) else ()


def questions(table: Table) -> list[str]:
    """The columns that answer by 1 and 0 or -1 whether something is there: of several an image may show any number."""
    first = table.first
    found = [place for place in range(len(table.columns)) if first and {row[place].strip().casefold() for row in first} <= ANSWERS]
    return [table.columns[place] for place in found] if table.header and len(found) > 1 else []


def own_cells(cells: Sequence[str]) -> bool:
    """Whether nearly every row has a cell of its own."""
    return len(cells) >= OWN_ROWS and len(set(cells)) > OWN_SHARE * len(cells)


def is_yes_or_no(cells: Sequence[str]) -> bool:
    """Whether a column says by 1 and -1 (0: hard to say) if something is there: CelebA's attributes, Pascal VOC's lists."""
    kinds = {cell.strip() for cell in cells}
    return "-1" in kinds and kinds <= {"-1", "0", "1", "+1"}


def is_put_together(first: Sequence[Sequence[str]], place: int) -> bool:
    """Whether cells are lists or objects of a document, such as boxes."""
    return any(row[place].startswith(("[", "{")) for row in first)


def number_of(text: str) -> float:
    """1 also of what pandas and people write in its place (True, yes), and 0 likewise."""
    word = text.strip().casefold()
    return 1.0 if word in YES else 0.0 if word in NO else float(text) if is_number(text) else -1.0


def by_last_word(table: Table, first: Sequence[Sequence[str]], rest: Sequence[int]) -> int | None:
    """The column whose name ends in a word for the class (masterCategory, cell_class), where its cells come again."""
    for place in rest if table.header else ():
        told = LAST_WORDS.fullmatch(column_word(table.columns[place]))
        if told and not own_cells([row[place] for row in first]):
            return place
    return None


def unnamed_label(table: Table, first: Sequence[Sequence[str]], rest: Sequence[int], path: int) -> int | None:
    """The label's column where no name gives it away: synset ids, the only one, or that of the fewest different words. None is one of
    splits, of yes and no (1 and -1), or one that differs from image to image, as addresses and captions do."""
    if not table.header and not PARTITIONS.isdisjoint(words_in(PurePosixPath(table.path).stem)):
        return None
    if not table.header and (listed := listed_label(table, path)) is not None:
        return listed
    synsets = [place for place in rest if first and all(SYNSET.match(row[place]) for row in first)]
    if synsets:
        return synsets[0]
    rest = [place for place in rest if not (table.header and column_word(table.columns[place]) in NO_CLASS)]
    rest = [place for place in rest if not is_yes_or_no([row[place] for row in first]) and not is_put_together(first, place)]
    if len(rest) == 1:
        looked = own_cells([row[rest[0]] for row in first])
        return None if looked and own_cells([row[rest[0]] for row in table.rows()]) else rest[0]
    kinds = {place: {row[place] for row in first} for place in rest}
    fit = [place for place in rest if FEWEST <= len(kinds[place]) <= max(FEWEST, MOST_SHARE * len(first))]
    words = [place for place in fit if not all(is_number(text) for text in kinds[place])]  # numbers may be anything, such as boxes
    asking = [place for place in words if {text.strip().casefold() for text in kinds[place]} <= ANSWERS]
    words = [place for place in words if place not in asking] if len(asking) > 1 else words  # several of them may be true of an image
    return min(words, key=lambda place: len(kinds[place]), default=None)
