"""From a zip, tar or folder to a dataset on disk: all of it, or nothing."""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from re import Pattern
from typing import Any

import numpy as np

from classifier.data import exif
from classifier.data.archive import Source, open_source
from classifier.data.collect import READING_SHARE, Collected, Collector, Progress
from classifier.data.dataset import id_of_rows
from classifier.data.duplicates import background_classes, similar_classes
from classifier.data.earlier import TakeOver, how_read, is_gone_on_with, made_whole
from classifier.data.elsewhere import Elsewhere, among_rows
from classifier.data.grouped import doubt, grouped, words
from classifier.data.hashes import Hashes
from classifier.data.journal import Journal
from classifier.data.layouts.arrange import found_layout, readable_names
from classifier.data.layouts.base import Layout
from classifier.data.layouts.choose import Choice
from classifier.data.layouts.unread import in_place_of_images
from classifier.data.limits import Limit
from classifier.data.pack import PackWriter
from classifier.data.problems import Problem
from classifier.data.publish import abandoned, staged_for, staging, write_dataset
from classifier.data.rows import (
    assign,
    counts_of,
    empty_classes,
    group_warnings,
    grouping,
    learnable,
    limited,
    meet,
    place,
    repeats,
    require_classes,
    require_groups,
    short_classes,
    staying,
    unplaced,
    without_samples,
)
from classifier.data.samples import Groups, Samples
from classifier.data.split import Ties, check_shares, group_pattern
from classifier.data.survey import STOPPED, Survey, survey
from classifier.data.texts import Listed
from classifier.data.together import alike, part_of_whole
from classifier.spec.errors import ClassifierError, Interrupted
from classifier.spec.events import SPLITS, OnEvent, ShouldStop, Split, ignore, never
from classifier.spec.faces import require_detector
from classifier.spec.packfile import FORMAT_VERSION

Metadata = Callable[[str], Sequence[str]]
READING_AND_LOOKING = 0.8  # of the whole is behind when the images are read, where they are looked at once more
KEPT = "Interrupted; what was read of it is kept. Run the same command again to go on."
NO_MEMORY = "There was not enough memory to import {source}; nothing of it was kept. End other programs, or import it in parts."


def import_dataset(
    source: Path,
    out: Path,
    *,
    shares: Sequence[float] = (70.0, 15.0, 15.0),
    seed: int = 0,
    group: str | None = None,
    alike: bool = False,
    least: int | None = None,
    most: int | None = None,
    blur_faces: bool = False,
    exif: Sequence[str] = (),
    choice: Choice | None = None,
    earlier: Sequence[Path] = (),
    keep: bool = False,
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """Imports `source` into `out`, which must be missing or empty; gives the "imported" event that ends the command.

    `shares` are train, validation and test; `group` is a regular expression over paths; with `alike` images that look nearly the same
    stay in one split; `least` and `most` images a class are kept; with `blur_faces` what is kept of faces that are found tells nobody's
    (`classifier.data.faces`); `exif` are the camera's notes that become columns (`classifier.spec.exif`); `choice` corrects the layout.
    What a killed import to the same `out`, or to one of `earlier`, had read of the same source is taken over; with `keep` an
    interrupted one leaves it too.
    Raises InputError where nothing can be made of it, Interrupted where should_stop() turns true; `out` is then as it was.
    """
    source, out = Path(source), Path(out)
    check_shares(shares)
    limit = Limit(least, most, seed)
    limit.check()
    if blur_faces:
        require_detector()
    wanted = dict(zip(SPLITS, shares, strict=True))
    work = Import(wanted, seed, group_pattern(group), alike, limit, blur_faces, tuple(exif), choice or Choice(), on_event, should_stop)
    about = made_whole(earlier, out, work.options(source), on_event) or made(work, source, out, earlier, keep)
    said = {"event": "imported", "id": about["id"], "classes": about["counts"]}
    return said | {key: about[key] for key in ("names", "images", "problems", "ignored")}


def made(work: Import, source: Path, out: Path, earlier: Sequence[Path], keep: bool) -> dict[str, Any]:
    """dataset.json of what the import makes."""
    opened = open_source(source, work.choice.encoding)
    try:
        with staging(source, out, keep=lambda error: keep and is_gone_on_with(error)) as folder:
            begun = [*abandoned(out), *(folder for place in earlier for folder in staged_for(place))]
            return work.run(opened, folder, begun)
    except MemoryError:
        raise ClassifierError(NO_MEMORY.format(source=source), code="out_of_memory") from None
    except Interrupted:
        raise Interrupted(KEPT if keep else STOPPED) from None
    finally:
        opened.close()


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's search for cycles, which would walk over all rows again and again while they are made; they have none."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


@dataclass
class Import:
    """One import: its options and who listens."""

    shares: dict[Split, float]
    seed: int
    group: Pattern[str] | None
    alike: bool
    limit: Limit
    blur_faces: bool
    exif: tuple[str, ...]
    choice: Choice
    on_event: OnEvent
    should_stop: ShouldStop

    def run(self, source: Source, folder: Path, begun: Sequence[Path]) -> dict[str, Any]:
        """Fills the folder; gives what stands in dataset.json. `begun` are folders of earlier tries, which are gone then."""
        self.stage("reading", f"Reading {source.path.name}")
        found, layout = self.look_ahead(source)
        about = how_read(source.path, self.choice, self.blur_faces)
        kept = TakeOver(about, self.on_event, self.should_stop).best_of(begun, folder / "pack")
        total = found.images if found else None
        self.stage("decoding", f"Decoding images. It goes on at image {place_after(kept, total)}" if kept else "Decoding images")
        progress = Progress(self.on_event, total, source.fraction)
        progress.share = READING_AND_LOOKING if self.alike else progress.share
        with PackWriter(folder / "pack", ours=True) as writer, Journal(writer, about) as journal:
            refuse = functools.partial(unplaced, layout)
            collected = Collector(source, writer, refuse, progress, self.should_stop, found, self.blur_faces, journal).run()
        del writer, journal  # what they knew of each image is needed no more
        self.stage("splitting", "Cutting the splits")
        if not collected.rows:
            require_classes(
                (), collected.problems, str(source.path), told="" if collected.survey.images else in_place_of_images(collected.survey)
            )
        with uncollected():
            collected.survey.is_copy = among_rows(collected.paths, collected.rows)
            layout = layout or found_layout(collected.survey, str(source.path), self.choice)
            samples, stays = self.samples(collected, layout, folder, str(source.path))
            if self.should_stop():
                raise Interrupted(STOPPED)
            about = self.about(source, samples, folder, collected, layout)
            write_dataset(folder, about, samples, self.metadata(source, samples, layout, about), stays)
        progress.finish()
        return about

    def metadata(self, source: Source, samples: Samples, layout: Layout, about: dict[str, Any]) -> Metadata:
        """What gives a path its cells: those of tables, then what its camera noted, where asked for; `about` gets the columns' names."""
        if not self.exif:
            return layout.metadata
        self.stage("reading", "Reading what cameras noted")
        notes = exif.gathered(source.path, samples.paths, self.exif, self.on_event, self.should_stop, READING_SHARE, self.choice.encoding)
        about["columns"] += exif.named(self.exif, about["columns"])
        blank = ("",) * len(self.exif)
        return lambda path: (*layout.metadata(path), *notes.get(path, blank))

    def stage(self, stage: str, message: str) -> None:
        self.on_event({"event": "stage", "stage": stage, "message": message})

    def look_ahead(self, source: Source) -> tuple[Survey | None, Layout | None]:
        """(what the names say, layout), where they can be known before the data; else (None, None)."""
        if not source.rewindable:
            return None, None
        found = survey(source, self.should_stop)
        found.is_copy = Elsewhere(source.path, self.choice.encoding, self.should_stop, STOPPED)
        return found, found_layout(found, str(source.path), self.choice) if found.images else None

    def samples(self, collected: Collected, layout: Layout, folder: Path, source: str) -> tuple[Samples, np.ndarray | None]:
        """(the dataset's rows; for each the first that stays with it, where groups or looks say so). Adds to the collected problems."""
        hashes = Hashes(folder / "pack")
        placed, outside = place(collected, layout)
        meet(collected.problems, layout)
        empty = empty_classes(collected.survey, layout, placed.present())
        placed, copies = without_samples(placed)
        placed, sized = limited(placed, hashes, self.limit)
        labels = placed.present()
        placed, unlearnable = learnable(placed)
        self.tell(collected, chain(outside, copies, sized, unlearnable, empty, layout.missing()))
        fewest = 1 if layout.kind == "unlabelled" else 2
        require_classes(placed.present(), collected.problems, source, fewest)
        names = grouping(layout, self.group)(placed.paths)
        require_groups(placed, names, self.group.pattern if self.group else "")
        self.tell_groups(placed.paths, names)
        stays = staying(placed, names, self.ties(placed, folder))
        samples = assign(placed, hashes, self.shares, self.seed, stays)
        self.tell(collected, short_classes(counts_of(samples), self.wanted(samples)))
        self.tell(collected, chain(similar_classes(labels), background_classes(labels), repeats(samples), group_warnings(samples, names)))
        return samples, stays

    def tell_groups(self, paths: Listed[str], names: Groups) -> None:
        """What the pattern, or a column of a table, keeps together."""
        found = grouped(paths, names)
        if found["groups"]:
            why = doubt(found)
            message = f"Kept together: {words(found, named=False)}{why and f' {why}'}"
            self.on_event({"event": "log", "level": "warning" if why else "info", "message": message})

    def ties(self, placed: Samples, folder: Path) -> Ties | None:
        """Images that look nearly the same; None where that was not asked for."""
        if not self.alike:
            return None
        told = part_of_whole(self.on_event, READING_AND_LOOKING, READING_SHARE)
        return alike(folder / "pack", placed.rows.astype(np.int64), told, self.should_stop, STOPPED)

    def wanted(self, samples: Samples) -> list[Split]:
        """The splits that every class should be in."""
        given = samples.given()
        return [split for split in SPLITS if self.shares[split] > 0 or split in given]

    def tell(self, collected: Collected, problems: Iterable[Problem]) -> None:
        for problem in problems:
            collected.problems.append(problem)
            self.on_event({"event": "problem", **problem})

    def about(self, source: Source, samples: Samples, folder: Path, collected: Collected, layout: Layout) -> dict[str, Any]:
        """dataset.json, as `classifier.data.dataset` describes it."""
        counts = counts_of(samples)
        return {
            "format": FORMAT_VERSION,
            "id": id_of(samples, Hashes(folder / "pack")),
            "classes": list(counts),
            "names": readable_names(list(counts), layout, collected.survey),
            "counts": counts,
            "images": len(samples),
            "problems": collected.problems,
            "ignored": collected.ignored - len(layout.used & collected.survey.tables.keys()),
            "layout": layout.kind,
            "columns": list(layout.columns),
            "options": self.options(source.path) | self.grouped_by(layout),
        }

    def options(self, source: Path) -> dict[str, Any]:
        """How it is imported."""
        options: dict[str, Any] = {"split": list(self.shares.values()), "seed": self.seed, "group": self.group and self.group.pattern}
        options |= {"alike": True} if self.alike else {}
        options |= {"blur_faces": True} if self.blur_faces else {}
        options |= {"exif": list(self.exif)} if self.exif else {}
        options |= {name: count for name, count in (("least", self.limit.least), ("most", self.limit.most)) if count is not None}
        return {**options, "source": source.name}

    def grouped_by(self, layout: Layout) -> dict[str, str]:
        """The column that the source groups its images by, where no pattern was asked for: known once it was read."""
        return {"column": layout.group_column} if self.group is None and layout.group_column else {}


def id_of(samples: Samples, hashes: Hashes) -> str:
    """The id of the dataset that they make."""
    names = [(label, split) for label in samples.classes for split in SPLITS]
    codes = samples.labels * np.uint32(len(SPLITS)) + samples.splits
    return id_of_rows(hashes.blocks, samples.rows, codes, names)


def place_after(kept: int, total: int | None) -> str:
    """ "12,001 of 50,000"; of a stream nobody knows how many there are."""
    return f"{kept + 1:,}" if total is None else f"{min(kept + 1, total):,} of {total:,}"
