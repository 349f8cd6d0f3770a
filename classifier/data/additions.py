"""Images that a version gains: each is decoded once, into the pack that all versions share, and takes a position after the last.

A pack only grows, so the versions that read it meanwhile see nothing of it. One process at a time makes it grow.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.data.archive import Source, open_source
from classifier.data.collect import Collected, Collector, Progress
from classifier.data.duplicates import Taken
from classifier.data.layouts.arrange import found_layout
from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.choose import choice_of
from classifier.data.pack import PackWriter
from classifier.data.problems import Problem, left_out
from classifier.data.publish import lock, unlock
from classifier.data.rows import Placed, assign, grouping, place, staying, unplaced, without_samples
from classifier.data.split import check_shares, group_pattern
from classifier.data.survey import Survey, survey
from classifier.spec.errors import ClassifierError, InputError
from classifier.spec.events import SPLITS, OnEvent, ShouldStop
from classifier.spec.words import plural

SHARES = (70.0, 15.0, 15.0)


class OneClass(Layout):
    """Every image is of the class that was said."""

    kind = "one class"

    def __init__(self, label: str) -> None:
        self.label = label

    def place(self, path: str) -> Place:
        return Place(self.label, None)


@dataclass
class Addition:
    """One source with what is said of it (as `classifier.data.changes` has it), and who listens."""

    source: Path
    said: dict[str, Any]
    on_event: OnEvent
    should_stop: ShouldStop
    blur_faces: bool = False  # as the dataset was imported
    problems: list[Problem] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)  # of the paths that have one, once they are read
    given: set[str] = field(default_factory=set)  # paths whose split the source gives
    found: Survey | None = None  # what the names say, where they were looked at before

    def into(self, pack: Path, there: Callable[[int], str | None], erased: Collection[int] = ()) -> list[Taken]:
        """The samples, by the order of their paths, their images decoded into the pack; `there` gives the path of a sample of the
        version that shows a row of the pack already, and rows that are `erased` stay so.

        InputError where nothing of it can be added.
        """
        opened = open_source(self.source)
        try:
            with growing(pack), PackWriter(pack) as writer:
                collected, layout = self.collected(opened, writer)
                digests = list(writer.rows)
        finally:
            opened.close()
        placed = self.as_said(self.placed(collected, layout), digests)
        shares = self.said.get("shares", SHARES)
        check_shares(shares)
        names = grouping(layout, group_pattern(self.said.get("group")))([image.path for image in placed])
        self.groups = {image.path: name for image, name in zip(placed, names, strict=True) if name is not None}
        self.given = {image.path for image in placed if image.split is not None}
        stays = staying(placed, digests, names, None)
        taken = assign(placed, digests, dict(zip(SPLITS, shares, strict=True)), self.said.get("seed", 0), stays) if placed else []
        fresh = self.without_known(self.without_erased(taken, erased), there)
        if not fresh:
            raise self.nothing()
        return fresh

    def placed(self, collected: Collected, layout: Layout) -> list[Placed]:
        """The images that have a class, by the order of their paths."""
        placed, outside = place(collected, layout)
        placed, copies = without_samples(placed)
        self.tell([*outside, *copies])
        return placed

    def as_said(self, placed: Sequence[Placed], digests: Sequence[bytes]) -> list[Placed]:
        """The same with what is said of single images, by their content hash: another class, or none. InputError where none is left."""
        said, only, became = self.said.get("images", {}), self.said.get("only", False), self.said.get("labels", {})
        of_all = (None if only else became.get(image.label, image.label) for image in placed)
        labels = (said.get(digests[image.row].hex(), label) for image, label in zip(placed, of_all, strict=True))
        kept = [image._replace(label=label) for image, label in zip(placed, labels, strict=True) if label is not None]
        if self.blur_faces and (lost := said.keys() - {digests[image.row].hex() for image in placed}):
            # with faces blurred the hash is that of what is kept, which another machine may have blurred in another way
            which = plural(len(lost), "image")
            raise InputError(f"What was said of {which} of {self.source.name} fits none of them. Take the upload back instead.")
        if placed and not kept:
            raise InputError(f"Every image of {self.source.name} was taken out of what is added. Take the upload back instead.")
        return kept

    def collector(self, *known: Any, **more: Any) -> Collector:
        """What reads the source, of these arguments."""
        return Collector(*known, **more)

    def collected(self, opened: Source, writer: PackWriter) -> tuple[Collected, Layout]:
        """The images as they lie in the pack now, and what each of them is."""
        label = self.said.get("label")
        layout: Layout | None = OneClass(label) if label else None
        choice = choice_of(self.said.get("choose"))
        total = None
        found = self.found or (survey(opened, self.should_stop) if opened.rewindable else None)
        if found is not None:
            total = found.images
            layout = layout or (found_layout(found, self.source.name, choice) if found.images else None)
        progress = Progress(self.on_event, total, opened.fraction)
        known = (opened, writer, lambda path: unplaced(layout, path), progress, self.should_stop)
        collected = self.collector(*known, blur_faces=self.blur_faces).run()
        self.problems += collected.problems
        if not collected.rows:
            raise self.nothing()
        return collected, layout or found_layout(found or collected.survey, self.source.name, choice)

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
                message = f"is the same image as {twin}, which the dataset has already; it was not added again"
                self.tell([left_out(sample.path, "already_there", message)])
        return list(fresh.values())

    def tell(self, problems: Sequence[Problem]) -> None:
        self.problems += problems
        for problem in problems:
            self.on_event({"event": "problem", **problem})

    def nothing(self) -> InputError:
        lost = [problem for problem in self.problems if not problem["taken"]]
        said = f" {len(lost):,} left out, the first: {lost[0]['file']}: {lost[0]['message'].rstrip('.')}." if lost else ""
        return InputError(f"No image of {self.source.name} can be added.{said}")


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
