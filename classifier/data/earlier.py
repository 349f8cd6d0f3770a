"""Takes over what an earlier try of the same import had read, once it was killed or interrupted.

Whoever made it may live on without knowing that it lost the work: its machine was cut off, its process stood still. So its files become
ours by another name only where the system vouches that it has ended: its folder's lock, where this machine gave it or alone can have the
disk. Else what is durable of them is copied, and whatever the other writes goes into files that nobody reads.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import PIL

from classifier.data.journal import Durable, durable, head, this_machine
from classifier.data.problems import Problem
from classifier.data.publish import lock, sync, unlock
from classifier.data.survey import STOPPED
from classifier.data.told import Problems
from classifier.spec.aboutfile import described, problems
from classifier.spec.errors import ClassifierError, Interrupted
from classifier.spec.events import OnEvent, ShouldStop
from classifier.spec.packfile import FORMAT_VERSION, JOURNAL_FILE

BLOCK_BYTES = 8 << 20
EVENT_SECONDS = 1.0  # while much is copied
TOLD = {"id", "counts", "names", "images", "ignored"}  # what an import says at its end, besides its problems
COPYING = "Copying what an earlier try had read"
ANEW = "What an earlier try had read cannot be taken over ({}); it is read again."
# What decides an image's bytes in the pack.
DECODER = ("decode.py", "markers.py", "convert.py", "faces.py", "batches.py", "pack.py", "thumbnails.py")
MOUNTS = Path("/proc/self/mountinfo")
OWN_DISKS = {"ext2", "ext3", "ext4", "xfs", "f2fs", "zfs", "tmpfs"}  # file systems that are never shared, as the kernel names them
PASSING = ("lost_process", "no_process")  # codes of errors that are the machine's


def how_read(source: Path, choice: object, blur_faces: bool) -> dict[str, Any]:
    """What decides how the files of a source are read; tries that have the same may go on from each other."""
    about = source.stat()
    place: list[Any] = [str(source.resolve())] if source.is_dir() else [about.st_size, about.st_mtime_ns]
    return {"source": place, "choice": repr(choice), "blur_faces": blur_faces, "pack": FORMAT_VERSION, "decoder": decoder()}


def decoder() -> str:
    """Another one where images may be read in another way: after an update, half of them would be of each."""
    told = hashlib.sha256(PIL.__version__.encode())
    for name in DECODER:
        told.update(Path(__file__).with_name(name).read_bytes())
    return told.hexdigest()


def is_gone_on_with(error: BaseException) -> bool:
    """Whether another try of the same import may come to its end where this one met that error."""
    return isinstance(error, Interrupted) or (isinstance(error, ClassifierError) and error.code in PASSING)


def made_whole(earlier: Sequence[Path], out: Path, options: dict[str, Any], on_event: OnEvent) -> dict[str, Any] | None:
    """dataset.json of an earlier try that had come to its end, by those options: it becomes `out`, and its problems are told again.

    None where there is no such one. It is whole or not there, and nobody writes into it any more.
    """
    for folder in earlier:
        about = come_to_its_end(folder, options)
        if about is None or not moved(folder, out):
            continue
        for problem in about["problems"]:
            on_event({"event": "problem", **problem})
        return about
    return None


def come_to_its_end(folder: Path, options: dict[str, Any]) -> dict[str, Any] | None:
    """What the dataset.json of a try by those options says, its problems too: all of it is read before anything is moved or told, since
    what cannot be taken over is to be read again in the same place."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        about = described(folder / "dataset.json")
        if about["format"] != FORMAT_VERSION or not about.keys() >= TOLD:
            return None
        known = {name: value for name, value in about["options"].items() if name != "column"}  # found in the source, not asked for
        if known == options:
            told = cast("Iterator[Problem]", problems(folder / "dataset.json"))  # of others' making: a key that lacks ends it here
            return about | {"problems": Problems(told)}
    return None


def moved(folder: Path, out: Path) -> bool:
    """Whether it has the other name now, for good."""
    try:
        folder.rename(out)
    except OSError:
        return False
    sync(out.parent)
    return True


@dataclass(frozen=True)
class TakeOver:
    """From the folder of an earlier try to a pack that we write; `about` is what `how_read` says of the source."""

    about: dict[str, Any]
    on_event: OnEvent
    should_stop: ShouldStop

    def best_of(self, earlier: Sequence[Path], pack: Path) -> int:
        """Brings what the best of the tries had read to `pack`, which must be missing; gives how many files that are, 0 for none.

        `earlier` are folders in the making, which are gone then.
        """
        tries = {folder: found for folder in earlier if (found := durable(folder / "pack", self.about)) is not None}
        best = max(tries, key=lambda folder: tries[folder].files, default=None)
        taken = 0
        if best is not None:
            try:
                self.bring(best, pack, tries[best])
                taken = tries[best].files
            except OSError as error:  # it is gone meanwhile, or there is no room for two
                shutil.rmtree(pack, ignore_errors=True)
                self.on_event({"event": "log", "level": "warning", "message": ANEW.format(error.strerror or error)})
        for folder in earlier:
            shutil.rmtree(folder, ignore_errors=True)
        return taken

    def bring(self, folder: Path, ours: Path, kept: Durable) -> None:
        """Its pack becomes ours, up to where it is durable."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            here = bool(kept.machine) and kept.machine == this_machine()
            if lock(descriptor) and (here or is_own_disk(folder)):
                for name, end in [*kept.ends.items(), (JOURNAL_FILE, kept.length)]:
                    os.truncate(folder / "pack" / name, end)
                (folder / "pack").rename(ours)
                sync(ours.parent)
            else:
                self.copy(folder / "pack", ours, kept)
        finally:
            unlock(descriptor)

    def copy(self, theirs: Path, ours: Path, kept: Durable) -> None:
        """The journal last: a copy that breaks off vouches for nothing."""
        ours.mkdir()
        self.on_event({"event": "stage", "stage": "copying", "message": COPYING})
        copying = Copying(self.on_event, self.should_stop, sum(kept.ends.values()))
        for name, end in kept.ends.items():
            with (theirs / name).open("rb") as source, (ours / name).open("wb") as target:
                copying.copy(source, target, end)
        with (theirs / JOURNAL_FILE).open("rb") as source, (ours / JOURNAL_FILE).open("wb") as target:
            first = source.readline()
            target.write(head(self.about))
            copying.copy(source, target, kept.length - len(first))


def is_own_disk(folder: Path) -> bool:
    """Whether its disk is of a kind that one machine alone can have: then nobody lives on whose lock is free, also after a new start."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = MOUNTS.read_text().splitlines()
    except OSError:
        return False
    kinds = {rest.split()[0] for line in mounts for place, _, rest in [line.partition(" - ")] if place.split()[2] == number}
    return bool(kinds) and kinds <= OWN_DISKS


class Copying:
    """Copies files and says how far it is."""

    def __init__(self, on_event: OnEvent, should_stop: ShouldStop, total: int) -> None:
        self.on_event, self.should_stop, self.total = on_event, should_stop, total
        self.done, self.due_at = 0, 0.0

    def copy(self, source: IO[bytes], target: IO[bytes], length: int) -> None:
        """The next bytes of a file, on the disk for good. Raises OSError where there are fewer, Interrupted where it is asked to stop."""
        while length:
            if self.should_stop():
                raise Interrupted(STOPPED)
            block = source.read(min(length, BLOCK_BYTES))
            if not block:
                raise OSError("it became shorter")
            target.write(block)
            length -= len(block)
            self.done += len(block)
            self.tell()
        target.flush()
        os.fsync(target.fileno())

    def tell(self) -> None:
        if time.monotonic() >= self.due_at:
            self.due_at = time.monotonic() + EVENT_SECONDS
            event = {"event": "progress", "stage": "copying", "done": self.done, "total": self.total, "unit": "bytes"}
            self.on_event(event | {"fraction": 0.0, "eta_seconds": None, "rate": None})
