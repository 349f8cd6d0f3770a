"""Images that a version gains: each is decoded once, into the pack that all versions share, and takes a position after the last.

A pack only grows, so the versions that read it meanwhile see nothing of it. One process at a time makes it grow, by what was read
beside it (`classifier.data.adding`).
"""

from __future__ import annotations

import contextlib
import os
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.data import exif
from classifier.data.adding import Adding, copied
from classifier.data.archive import Source, open_source
from classifier.data.belonging import By, named
from classifier.data.collect import READING_SHARE, Collected, Collector, Progress
from classifier.data.described import Cells, by_tables, with_notes
from classifier.data.duplicates import Taken
from classifier.data.earlier import how_read
from classifier.data.elsewhere import Elsewhere, among_rows
from classifier.data.hashes import Hashes
from classifier.data.journal import Journal
from classifier.data.layouts.arrange import found_layout
from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.choose import choice_of
from classifier.data.layouts.fitting import about_images
from classifier.data.layouts.gather import read_tables
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.words import same
from classifier.data.pack import PackWriter
from classifier.data.problems import Problem, left_out
from classifier.data.publish import lock, unlock
from classifier.data.rows import assign, empty_classes, meet, place, staying, unplaced, without_samples
from classifier.data.samples import Groups, Placed, Samples
from classifier.data.split import check_shares
from classifier.data.survey import STOPPED, Survey, survey
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.events import SPLITS, Event, OnEvent, ShouldStop
from classifier.spec.exif import of_addition
from classifier.spec.faults import fault
from classifier.spec.words import plural

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
    found: Survey | None = None  # what the names say, where they were looked at before

    def into(
        self,
        pack: Path,
        adding: Adding,
        there: Callable[[int], str | None],
        erased: Collection[int] = (),
        paths: Iterable[str] = (),
    ) -> list[Taken]:
        """The samples, by the order of their paths, their images read where `adding` says and then copied into the pack; `there` gives the
        path of a sample of the version that shows a row of the pack already, rows that are `erased` stay so, and `paths` are all that
        the version has.

        InputError where nothing of it can be added.
        """
        opened = open_source(self.source, self.encoding)
        try:
            about = how_read(self.source, self.encoding, self.blur_faces)
            with adding.pack(about, self.on_event, self.should_stop) as (reader, journal):
                collected, self.layout = self.collected(opened, reader, journal)
        finally:
            opened.close()
        with growing(pack), PackWriter(pack) as writer:
            rows = copied(reader.folder, writer, self.should_stop)
        fault("grown")
        collected.rows = array("I", (rows[row] for row in collected.rows))
        hashes = Hashes(pack)
        placed, labels = self.placed(collected, self.layout)
        self.tell([*without_any(collected, self.layout, labels), *missing(self.layout, paths)])
        self.ignored = collected.ignored - len(self.layout.used & collected.survey.tables.keys())
        placed = self.as_said(placed, hashes)
        shares = self.said.get("shares", SHARES)
        check_shares(shares)
        names, self.by = named(self.layout, self.by, [image.path for image in placed])
        self.groups = {image.path: name for image, name in zip(placed, names, strict=True) if name is not None}
        self.given = given_splits(placed, shares)
        taken = self.cut(Samples.of(placed), hashes, shares, Groups.of(names)) if placed else []
        fresh = self.without_known(self.without_erased(taken, erased), there)
        if not fresh:
            raise self.nothing()
        return fresh

    def cut(self, placed: Samples, hashes: Hashes, shares: Sequence[float], names: Groups) -> list[Taken]:
        """The same images, each in a split."""
        stays = staying(placed, names, None)
        samples = assign(placed, hashes, dict(zip(SPLITS, shares, strict=True)), self.said.get("seed", 0), stays)
        return [samples.taken(place) for place in range(len(samples))]

    def placed(self, collected: Collected, layout: Layout) -> tuple[list[Placed], set[str]]:
        """(the images that have a class, by the order of their paths, all classes that some have, "sample" too)."""
        placed, outside = place(collected, layout)
        meet(collected.problems, layout)
        labels = set(placed.present())
        placed, copies = without_samples(placed)
        self.tell([*outside, *copies])
        return list(placed), labels

    def as_said(self, placed: Sequence[Placed], digests: Hashes | Sequence[bytes]) -> list[Placed]:
        """The same with what is said of single images, by their content hash: another class, or none. InputError where none is left."""
        said, only = self.said.get("images", {}), self.said.get("only", False)
        became = {same(label): to for label, to in self.said.get("labels", {}).items()}  # an older version may have another Unicode form
        of_all = (None if only else became.get(same(image.label), image.label) for image in placed)
        labels = (said.get(digests[image.row].hex(), label) for image, label in zip(placed, of_all, strict=True))
        kept = [image._replace(label=label) for image, label in zip(placed, labels, strict=True) if label is not None]
        if self.blur_faces and (lost := said.keys() - {digests[image.row].hex() for image in placed}):
            # with faces blurred the hash is that of what is kept, which another machine may have blurred in another way
            which = plural(len(lost), "image")
            raise InputError(f"What was said of {which} of {self.source.name} fits none of them. Take the upload back instead.")
        if placed and not kept:
            raise InputError(f"Every image of {self.source.name} was taken out of what is added. Take the upload back instead.")
        return kept

    def to_read(self, found: Survey) -> int:
        """How many images are decoded, unless something is wrong with them."""
        return found.images

    def collector(self, *known: Any, **more: Any) -> Collector:
        """What reads the source, of these arguments."""
        return Collector(*known, **more)

    def collected(self, opened: Source, writer: PackWriter, journal: Journal | None = None) -> tuple[Collected, Layout]:
        """The images as they lie in the pack now, and what each of them is; what the journal has is not read again."""
        label = self.said.get("label")
        layout: Layout | None = OneClass(label) if label else None
        choice = choice_of(self.said.get("choose"))
        total = None
        found = self.found or (survey(opened, self.should_stop) if opened.rewindable else None)
        if found is not None:
            total = self.to_read(found)
            found.is_copy = Elsewhere(self.source, self.encoding, self.should_stop, STOPPED)
            layout = layout or (found_layout(found, self.source.name, choice) if found.images else None)
        progress = Progress(self.told, total, opened.fraction)
        known = (opened, writer, lambda path: unplaced(layout, path), progress, self.should_stop)
        collected = self.collector(*known, blur_faces=self.blur_faces, journal=journal).run()
        self.problems += collected.problems
        if not collected.rows:
            raise self.nothing()
        names = self.found or collected.survey  # all of them, where a part alone was read
        names.is_copy = among_rows(collected.paths, collected.rows) if found is None else names.is_copy
        if isinstance(layout, OneClass):
            layout.read(names)
        return collected, layout or found_layout(names, self.source.name, choice)

    @property
    def encoding(self) -> str:
        """Of names that do not say theirs; empty: the one in which they read best."""
        return str(self.said.get("encoding") or choice_of(self.said.get("choose")).encoding)

    def described(self, columns: Sequence[str], taken: Sequence[Taken], options: dict[str, Any]) -> tuple[list[str], list[Cells]]:
        """(the version's columns with those that come, what is known of those samples in them): what its tables say, and what cameras
        noted where that was asked for. `options` are the version's, and get what it keeps of EXIF that its import did not."""
        assert self.layout is not None
        columns, cells = by_tables(self.layout, taken, columns)
        imported, later = options.get("exif", ()), options.get("exif_added", ())
        fields = of_addition(self.said.get("exif", ""), imported)
        if not fields:
            return columns, cells
        self.on_event({"event": "stage", "stage": "reading", "message": "Reading what cameras noted"})
        paths = [sample.path for sample in taken]
        notes = exif.gathered(self.source, paths, fields, self.on_event, self.should_stop, READING_SHARE, self.encoding)
        if fresh := [field for field in fields if field not in imported and field not in later]:
            options["exif_added"] = [*later, *fresh]
        return with_notes(columns, cells, paths, fields, notes, {*imported, *later})

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


def without_any(collected: Collected, layout: Layout, labels: set[str]) -> list[Problem]:
    """Folders that name a class of which no image was added; `labels` are those of which some were."""
    folders = empty_classes(collected.survey, layout, labels)
    return [left_out(folder["file"], "empty_class", "holds no image that could be added") for folder in folders]


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
