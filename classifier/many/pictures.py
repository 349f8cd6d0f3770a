"""The pictures to classify, in a pack: read from a zip, a tar or a folder whatever its layout, or taken over from earlier answers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.data.archive import Source, open_source
from classifier.data.collect import Collector, Progress
from classifier.data.earlier import TakeOver, how_read
from classifier.data.journal import Journal
from classifier.data.layouts.choose import Choice
from classifier.data.layouts.unread import in_place_of_images
from classifier.data.pack import PackWriter
from classifier.data.problems import Problem, left_out
from classifier.data.survey import survey
from classifier.data.texts import Texts
from classifier.metrics import answers
from classifier.spec.errors import InputError
from classifier.spec.events import OnEvent, ShouldStop
from classifier.spec.packfile import JOURNAL_FILE

READING_SHARE = 0.4  # of the whole command
MOST_TOLD = 3  # files that are named where none could be read


@dataclass
class Pictures:
    """What is in a pack: the file `names[i]` shows the image `rows[i]`; `ignored` are files that are no pictures."""

    names: Texts
    rows: array[int]
    refused: list[Problem]
    ignored: int


def packed(source: Path, folder: Path, begun: Sequence[Path], on_event: OnEvent, should_stop: ShouldStop) -> Pictures:
    """Reads every image of the source into folder/pack, going on from the best of the tries in the folders `begun`, which are gone then.

    Raises InputError where none can be read, Interrupted when asked to stop.
    """
    opened = open_source(source)
    try:
        return Reading(opened, on_event, should_stop).into(folder, begun)
    finally:
        opened.close()


@dataclass
class Reading:
    """One source, and who listens."""

    source: Source
    on_event: OnEvent
    should_stop: ShouldStop

    def into(self, folder: Path, begun: Sequence[Path]) -> Pictures:
        """As `packed`."""
        found = survey(self.source, self.should_stop) if self.source.rewindable else None
        about = how_read(self.source.path, Choice(), False)
        kept = TakeOver(about, self.on_event, self.should_stop).best_of(begun, folder / "pack")
        message = f"Reading the pictures. It goes on behind {kept:,} files that were read before" if kept else "Reading the pictures"
        self.on_event({"event": "stage", "stage": "decoding", "message": message})
        progress = Progress(self.on_event, found.images if found else None, self.source.fraction)
        progress.share = READING_SHARE
        with PackWriter(folder / "pack", ours=True) as writer, Journal(writer, about) as journal:
            read = Collector(self.source, writer, lambda path: None, progress, self.should_stop, found, journal=journal).run()
        refused = [problem for problem in read.problems if not problem["taken"]]
        if not read.rows:
            raise nothing(self.source.path, refused, in_place_of_images(read.survey))
        return Pictures(read.paths, read.rows, refused, read.ignored)


def nothing(source: Path, refused: Sequence[Problem], why: str) -> InputError:
    """There is no picture in it."""
    named = "".join(f" {problem['file']}: {problem['message']}" for problem in refused[:MOST_TOLD])
    return InputError(f"There is no picture in {source.name} that can be read.{why}{named} Send PNG, JPEG, WebP, GIF, BMP, TIFF or PPM.")


def is_answers(source: Path) -> bool:
    """Whether it is a folder that this command made."""
    return (source / answers.ABOUT).is_file()


def taken_over(source: Path, folder: Path) -> Pictures:
    """The pictures of earlier answers, by a second name on the same disk where that can be had. Raises InputError where they are gone."""
    try:
        known = answers.Answers(source)
        (folder / "pack").mkdir(exist_ok=True)
        for file in sorted((source / "pack").iterdir()):
            if file.name != JOURNAL_FILE and not (folder / "pack" / file.name).exists():
                second_name(file, folder / "pack" / file.name)
        data, ends = (source / answers.NAMES).read_bytes(), np.asarray(known.ends)
        lines = (source / answers.REFUSED).read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"The pictures of {source.name} cannot be read any more ({error}). Send them again.") from None
    names = Texts()
    names.data += data
    names.ends.extend(ends.tolist())
    refused = [left_out(one["file"], one["rule"], one["message"]) for one in map(json.loads, lines)]
    pictures = Pictures(names, array("I", np.asarray(known.rows["image"]).tolist()), refused, known.about["ignored"])
    return without_erased(pictures, np.asarray(known.told) == answers.GONE)


def without_erased(pictures: Pictures, gone: NDArray[np.bool_]) -> Pictures:
    """Without those that were erased since: of them there is nothing to classify."""
    if not gone.any():
        return pictures
    kept = np.flatnonzero(~gone).tolist()
    names, rows = Texts(pictures.names[place] for place in kept), array("I", (pictures.rows[place] for place in kept))
    return Pictures(names, rows, pictures.refused, pictures.ignored)


def second_name(file: Path, place: Path) -> None:
    """The same file there; a copy where the disk has no second names. Nobody ever writes to either."""
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)


def write_lists(folder: Path, pictures: Pictures) -> None:
    """The files' names, and those that were refused."""
    (folder / answers.NAMES).write_bytes(pictures.names.data)
    np.save(folder / answers.ENDS, np.frombuffer(pictures.names.ends, np.uint64)[1:])
    with (folder / answers.REFUSED).open("w", encoding="utf-8") as file:
        file.writelines(map(line, pictures.refused))


def line(problem: Problem) -> str:
    """One that was refused."""
    return json.dumps({name: problem[name] for name in ("file", "rule", "message")}) + "\n"


def forget(folders: Iterable[Path]) -> None:
    """Folders of tries that nothing is taken from."""
    for folder in folders:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
