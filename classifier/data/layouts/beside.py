"""Tables beside what says the classes: they give splits, groups and metadata."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from classifier.data.layouts.base import Doubts, Layout, Place, Together, cells_of, group_of
from classifier.data.layouts.compare import MOST, Compared, by_columns, compared, share_known
from classifier.data.layouts.gather import Columns, Tables
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.others import Wrapped
from classifier.data.problems import Problem, warned
from classifier.data.survey import Survey

FEW = "it names {:.0%} of the images that were looked at, and a table that tells of them names {:.0%} at least"
NOTHING = "it says nothing of these images that is not known without it"
OTHERWISE = "says other classes: '{}' where '{}' was taken; the label of a table counts where --choose or the preview says so"


class Beside(Wrapped):
    """Another layout says what images show; tables say more of them."""

    def __init__(self, inner: Layout, tables: Sequence[Manifest], cutting: Collection[str], said: Sequence[Problem]) -> None:
        super().__init__(inner)
        self.tables = Together(tables) if tables else None
        self.cutting, self.said = frozenset(cutting), list(said)  # paths of the tables whose splits count
        if self.tables:
            self.columns = tuple(dict.fromkeys((*inner.columns, *self.tables.columns)))
            self.used = inner.used | self.tables.used
            self.group_column = inner.group_column or self.tables.group_column
        self.doubts = Doubts()

    def about(self, path: str) -> list[Layout]:
        return self.tables.about(path) if self.tables else []

    def place(self, path: str) -> Place | None:
        place = self.inner.place(path)
        splits = [(table, table.split_for(path)) for table in self.about(path)]  # each is asked, and so knows which rows have an image
        given = [(table, split) for table, split in splits if split and table.used <= self.cutting]
        if not place or not given:
            return place
        (first, taken), *others = given
        for table, split in others:
            if split != taken:
                self.doubts.splits(path, (first, taken), (table, split))
        return place._replace(split=taken)

    def group(self, path: str) -> str | None:
        return group_of(path, [self.inner, *self.about(path)])

    def metadata(self, path: str) -> Sequence[str]:
        return cells_of(path, [self.inner, *self.about(path)], self.columns)

    def missing(self) -> list[Problem]:
        tables = self.tables.missing() if self.tables else []
        return [*self.inner.missing(), *tables, *self.doubts.told(), *self.said]

    def parts(self) -> Collection[Layout]:
        return [*self.inner.parts(), *(self.tables.layouts if self.tables else ())]


def with_tables(base: Layout, tables: Tables, found: Survey, asked: Columns, only: str | None = None) -> Layout:
    """What says the classes, with the tables beside it that know these images, that have a column which was `asked` for, or the `only`
    one that was. What is not used is told with its reason."""
    placed = [path for path in found.sample if base.place(path)]
    parts = {id(part) for part in base.parts()}
    judged = judged_by(base, [manifest for manifest in tables.made if id(manifest) not in parts], placed)
    wanted, aside = {name for name in asked.values() if name}, judged.aside
    sure = judged.alike | {m.table.path for m in judged.tables if m.table.path == only or wanted & set(m.table.columns)}
    cutting = cutting_tables(base, judged.tables, placed, sure, asked)
    used: list[Manifest] = []
    for family in by_columns(judged.tables):
        share = share_known(family, placed)
        for manifest in family:
            path = manifest.table.path
            if path in cutting or (manifest.describes and (path in sure or share >= MOST)):
                used.append(manifest)
            else:
                aside[path] = NOTHING if path in sure or share >= MOST else FEW.format(share, MOST)
    said = [*tables.said, *judged.said]
    layout = Beside(base, used, cutting, said) if used or said else base
    layout.aside = {**tables.aside, **aside}
    return layout


@dataclass
class Judged:
    """Tables as they stand beside what says the classes, and what is said of them."""

    tables: list[Manifest] = field(default_factory=list)
    alike: set[str] = field(default_factory=set)  # paths of those that say the same classes, in whatever words
    said: list[Problem] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)


def judged_by(base: Layout, tables: Sequence[Manifest], placed: list[str]) -> Judged:
    """A column that was taken for the label stays so where it says the classes; where it does not, it is metadata as any other."""
    found = Judged()
    for family in by_columns(tables):
        labelled = [manifest for manifest in family if manifest.labelled]
        seen = compared(base, Together(labelled), placed) if labelled else Compared([], 0.0, {})
        alike = bool(seen.both) and (seen.same or len(seen.taken_over) > 1)
        told = None if alike or share_known(family, placed) < MOST or row_numbers(family[0], seen) else first_difference(seen)
        for manifest in family:
            stands = manifest.without_label() if manifest.labelled and manifest.table.header and not alike else manifest
            if told and manifest.labelled and not manifest.guessed:
                found.said.append(warned(manifest.table.path, "other_classes", OTHERWISE.format(*told)))
                if not stands.says_besides(manifest.roles):
                    found.aside[manifest.table.path] = "it " + OTHERWISE.format(*told)
                    continue
            found.tables.append(stands)
            if alike and manifest.labelled:
                found.alike.add(manifest.table.path)
    return found


def row_numbers(manifest: Manifest, seen: Compared) -> bool:
    """Whether what was taken for the labels of a list without a header differs by image (ImageNet's train_cls.txt): it is no class."""
    return not manifest.table.header and len({table.label for _, table in seen.both}) > len(seen.both) / 2


def first_difference(seen: Compared) -> tuple[str, str] | None:
    """(the table's label, the one that was taken) of an image."""
    return next(((table.label, taken.label) for taken, table in seen.both if taken.label != table.label), None)


def cutting_tables(base: Layout, tables: Sequence[Manifest], placed: list[str], sure: Collection[str], asked: Columns) -> set[str]:
    """The paths of the tables whose splits count: lists of most images where nothing else gives a split, and columns that were asked
    for or stand beside the same classes."""
    if "split" in asked and asked["split"] is None:
        return set()
    given = any(place.split for path in placed if (place := base.place(path)))
    fit = [m for m in tables if m.splits_any and (not given or (m.roles.split is not None and m.table.path in sure))]
    if not any(m.gives("train") for m in fit):  # the name of "test_metadata.csv" makes no test split of all images
        fit = [m for m in fit if m.roles.split is not None or not m.describes]
    listed = Together(fit) if fit else None
    most = listed is not None and sum(listed.split_for(path) is not None for path in placed) >= MOST * max(1, len(placed))
    return {m.table.path for m in fit if most or m.table.path in sure}
