"""Images that a version gains: each is decoded once, into the pack that all versions share, and takes a position after the last.

A pack only grows, so the versions that read it meanwhile see nothing of it. One process at a time makes it grow.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.data.archive import Source, open_source
from classifier.data.belonging import By, cells_for, named
from classifier.data.collect import Collected, Collector, Progress
from classifier.data.duplicates import Taken
from classifier.data.layouts.arrange import found_layout, read_tables
from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.choose import choice_of
from classifier.data.layouts.manifest import Manifest, about_images
from classifier.data.layouts.words import same
from classifier.data.pack import PackWriter
from classifier.data.problems import Problem, left_out
from classifier.data.publish import lock, unlock
from classifier.data.rows import Placed, assign, empty_classes, meet, place, staying, unplaced, without_samples
from classifier.data.split import check_shares
from classifier.data.survey import Survey, survey
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.events import SPLITS, Event, OnEvent, ShouldStop

SHARES = (70.0, 15.0, 15.0)
LOST = "missing_file"  # the rule of a row without an image


class OneClass(Layout):
    """Every image is of the class that was said; a table that came along tells groups and metadata."""

    kind = "one class"

    def __init__(self, label: str) -> None:
        self.label = same(label)
        self.table: Manifest | None = None

    def read(self, found: Survey) -> None:
        """Takes the first table that names these images."""
        made = (about_images(table, found) for table in read_tables(found).values())
        self.table = next((table for table in made if table is not None), None)
        if self.table is not None:
            self.columns, self.group_column, self.used = self.table.columns, self.table.group_column, self.table.used

    def place(self, path: str) -> Place:
        if self.table:
            self.table.place(path)  # asked, and so knows which rows have an image
        return Place(self.label, None)

    def group(self, path: str) -> str | None:
        return self.table.group(path) if self.table else None

    def metadata(self, path: str) -> Sequence[str]:
        return self.table.metadata(path) if self.table else ()

    def missing(self) -> list[Problem]:
        return self.table.missing() if self.table else []


@dataclass
class Addition:
    """One source with what is said of it (as `classifier.data.changes` has it), and who listens."""

    source: Path
    said: dict[str, Any]
    on_event: OnEvent
    should_stop: ShouldStop
    blur_faces: bool = False  # as the dataset was imported
    problems: list[Problem] = field(default_factory=list)
    by: By = field(default_factory=By)  # what its images are grouped by
    layout: Layout | None = None  # once it is read, as are those below
    groups: dict[str, str] = field(default_factory=dict)  # of the paths that have one
    given: set[str] = field(default_factory=set)  # paths whose split the source gives
    known: list[Taken] = field(default_factory=list)  # left out, since the version or an earlier file shows them
    ignored: int = 0  # files that are no data

    def into(self, pack: Path, there: Callable[[int], str | None], erased: Collection[int] = (), paths: Iterable[str] = ()) -> list[Taken]:
        """The samples, by the order of their paths, their images decoded into the pack; `there` gives the path of a sample of the
        version that shows a row of the pack already, rows that are `erased` stay so, and `paths` are all that the version has.

        InputError where nothing of it can be added.
        """
        opened = open_source(self.source, choice_of(self.said.get("choose")).encoding)
        try:
            with growing(pack), PackWriter(pack) as writer:
                collected, self.layout = self.collected(opened, writer)
                digests = list(writer.rows)
        finally:
            opened.close()
        placed, outside = place(collected, self.layout)
        meet(collected.problems, self.layout)
        empty = empty_classes(collected.survey, self.layout, {image.label for image in placed})
        placed, copies = without_samples(placed)
        gained = [left_out(folder["file"], "empty_class", "holds no image that could be added") for folder in empty]
        self.tell([*outside, *copies, *gained, *missing(self.layout, paths)])
        self.ignored = collected.ignored - len(self.layout.used & collected.survey.tables.keys())
        shares = self.said.get("shares", SHARES)
        check_shares(shares)
        names, self.by = named(self.layout, self.by, [image.path for image in placed])
        self.groups = {image.path: name for image, name in zip(placed, names, strict=True) if name is not None}
        self.given = given_splits(placed, shares)
        stays = staying(placed, digests, names, None)
        taken = assign(placed, digests, dict(zip(SPLITS, shares, strict=True)), self.said.get("seed", 0), stays) if placed else []
        fresh = self.without_known(self.without_erased(taken, erased), there)
        if not fresh:
            raise self.nothing()
        return fresh

    def collected(self, opened: Source, writer: PackWriter) -> tuple[Collected, Layout]:
        """The images as they lie in the pack now, and what each of them is."""
        label = self.said.get("label")
        layout: Layout | None = OneClass(label) if label else None
        choice = choice_of(self.said.get("choose"))
        total = None
        if opened.rewindable:
            found = survey(opened, self.should_stop)
            total = found.images
            layout = layout or (found_layout(found, self.source.name, choice) if found.images else None)
        progress = Progress(self.told, total, opened.fraction)
        collector = Collector(opened, writer, lambda path: unplaced(layout, path), progress, self.should_stop, blur_faces=self.blur_faces)
        collected = collector.run()
        self.problems += collected.problems
        if not collected.rows:
            raise self.nothing()
        if isinstance(layout, OneClass):
            layout.read(collected.survey)
        return collected, layout or found_layout(collected.survey, self.source.name, choice)

    def cells(self, columns: Sequence[str], taken: Sequence[Taken]) -> list[tuple[str, ...]]:
        """What its tables say of those samples in columns that the version has."""
        assert self.layout is not None
        return cells_for(self.layout, columns, [sample.path for sample in taken])

    def without_erased(self, taken: Sequence[Taken], erased: Collection[int]) -> list[Taken]:
        """Without images that somebody had erased from the dataset."""
        gone = "was erased from this dataset for good; it is not added again"
        self.tell([left_out(sample.path, "erased", gone) for sample in taken if sample.row in erased])
        return [sample for sample in taken if sample.row not in erased]

    def without_known(self, taken: Sequence[Taken], there: Callable[[int], str | None]) -> list[Taken]:
        """Without images that the version, or an earlier file of this source, shows already: twins count double, or stand on both sides."""
        fresh: dict[int, Taken] = {}
        for sample in taken:
            twin = fresh[sample.row].path if sample.row in fresh else there(sample.row)
            if twin is None:
                fresh[sample.row] = sample
            else:
                self.known.append(sample)
                message = f"is the same image as {twin}, which the dataset has already; it was not added again"
                self.tell([left_out(sample.path, "already_there", message)])
        return list(fresh.values())

    def tell(self, problems: Sequence[Problem]) -> None:
        self.problems += problems
        for problem in problems:
            self.told({"event": "problem", **problem})

    def told(self, event: Event) -> None:
        """Of a file it is told too what it came in: two sources may have one of the same name."""
        self.on_event(event | {"source": self.source.name} if event["event"] == "problem" else event)

    def nothing(self) -> InputError:
        lost = [problem for problem in self.problems if not problem["taken"]]
        said = f" {len(lost):,} left out, the first: {lost[0]['file']}: {lost[0]['message'].rstrip('.')}." if lost else ""
        return InputError(f"No image of {self.source.name} can be added.{said}")


def given_splits(placed: Sequence[Placed], shares: Sequence[float]) -> set[str]:
    """The images whose split stays what the source gives: train does not where another split is cut from it."""
    there = {image.split for image in placed}
    whole = all(split in there for split, share in zip(SPLITS, shares, strict=True) if share > 0 and split != "train")
    return {image.path for image in placed if image.split is not None and (image.split != "train" or whole)}


def missing(layout: Layout, paths: Iterable[str]) -> list[Problem]:
    """What a table lists and neither the source holds nor the version: whole tables are sent again together with what is new."""
    said = layout.missing()
    told = [problem for problem in said if problem["rule"] != LOST]
    if len(told) == len(said):
        return told
    for path in paths:
        layout.place(path)  # its row is met; whatever else that says is of no image that comes now
    return told + [problem for problem in layout.missing() if problem["rule"] == LOST]


@contextlib.contextmanager
def growing(pack: Path) -> Iterator[None]:
    """The pack grows by this process alone; ClassifierError, to be tried again, where another one is at it."""
    descriptor = os.open(pack, os.O_RDONLY)
    try:
        if not lock(descriptor):
            raise ClassifierError(
                "Another process is just adding images to this dataset. Try again once it has ended.", retry=True, code="busy"
            )
        yield
    finally:
        unlock(descriptor)
