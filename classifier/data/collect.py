"""Reading a source into a pack: members in order, decoded by processes, a bounded few at a time, and written by this one."""

from __future__ import annotations

import contextlib
import os
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from classifier.data.archive import MAX_TOTAL_BYTES, MEGABYTE, Entry, Source
from classifier.data.batches import Images
from classifier.data.decode import decode, one_large_image
from classifier.data.decoders import Decoders
from classifier.data.faces import blurred
from classifier.data.journal import Journal, Outcome
from classifier.data.known import Names
from classifier.data.pack import PackWriter, content_hash, encode
from classifier.data.problems import Problem, Unreadable, left_out
from classifier.data.survey import STOPPED, Survey
from classifier.data.texts import Texts
from classifier.data.told import Problems
from classifier.data.turns import Turn
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.events import OnEvent, ShouldStop
from classifier.spec.faults import fault

CHUNK_FILES = 64  # one task: small enough to spread evenly, large enough that handing it over costs little
CHUNK_BYTES = MEGABYTE
PART_BYTES = MEGABYTE  # of a task's result, which comes in parts where it is larger
LARGE_BYTES = 32 * MEGABYTE  # members above are read one at a time, so that memory stays bounded on many cores
EVENT_SECONDS = 0.25  # between two progress events
READING_SHARE = 0.97  # of the whole command

one_large_member = Turn()
NOTHING = contextlib.nullcontext()


# One file to read, for whoever has the source open: (path, bytes it will take, by what the source reads it, its bytes where they come
# with it). A plain tuple: to hand over a named one takes three times as long.
File = tuple[str, int, Any, bytes]


@dataclass
class Read:
    """What became of several files, in their order."""

    files: int = 0
    bytes_read: int = 0
    paths: list[str] = field(default_factory=list)  # of the images
    images: Images = field(default_factory=Images)
    problems: list[Problem] = field(default_factory=list)

    @property
    def held_bytes(self) -> int:
        return self.images.held_bytes


class Progress:
    """Progress events at most four a second; the time left comes from the rate measured so far."""

    def __init__(self, on_event: OnEvent, total: int | None, streamed: Callable[[], float | None]) -> None:
        self.on_event = on_event
        self.total = total
        self.streamed = streamed
        self.done = 0
        self.kept = 0  # of the done: read by an earlier try
        self.before = 0.0  # the share of the whole that those were
        self.started = time.monotonic()  # of the rest
        self.sent = 0.0
        self.fraction = 0.0
        self.share = READING_SHARE  # what reading is of the whole

    def step(self, files: int) -> None:
        self.done += files
        if time.monotonic() - self.sent >= EVENT_SECONDS:
            self.send()

    def pass_over(self) -> None:
        """A file that was read before; the rate is of those behind it."""
        self.kept += 1
        self.step(1)
        self.started, self.before = time.monotonic(), self.whole()

    def whole(self) -> float:
        """The share of the whole command that is done."""
        share = self.streamed() if self.total is None else self.done / max(1, self.total)
        return self.share * min(1.0, share or 0.0)

    def finish(self) -> None:
        self.share = 1.0
        self.send()

    def send(self) -> None:
        self.sent = time.monotonic()
        seconds = self.sent - self.started
        self.fraction = max(self.fraction, self.whole())
        known = seconds > 0.5 and self.fraction > self.before
        self.on_event(
            {
                "event": "progress",
                "stage": "decoding",
                "done": self.done,
                "total": self.total,
                "unit": "files",
                "fraction": self.fraction,
                "eta_seconds": seconds * (1 - self.fraction) / (self.fraction - self.before) if known else None,
                "rate": (self.done - self.kept) / seconds if seconds > 0 else None,
            }
            | ({"kept": self.kept} if self.kept else {})
        )


@dataclass
class Collected:
    """Everything that was read, in the order of the source: `paths[i]` lies in row `rows[i]` of the pack."""

    paths: Texts = field(default_factory=Texts)
    rows: array[int] = field(default_factory=lambda: array("I"))
    problems: Problems = field(default_factory=Problems)
    ignored: int = 0
    bytes_read: int = 0
    survey: Survey = field(default_factory=Survey)


class Collector:
    """Walks a source once; problems are told as they are found. What the journal holds is walked past and not read again."""

    def __init__(
        self,
        source: Source,
        writer: PackWriter,
        refuse: Callable[[str], Problem | None],
        progress: Progress,
        should_stop: ShouldStop,
        known: Survey | None = None,
        blur_faces: bool = False,
        journal: Journal | None = None,
    ) -> None:
        self.source = source
        self.writer = writer
        self.refuse = refuse  # a problem for a path that no class folder holds, before it is opened
        self.progress = progress
        self.should_stop = should_stop
        self.result = Collected(survey=known or Survey())
        self.blur_faces = blur_faces
        self.journal = journal
        self.known = known is not None  # what the names say, for they were looked at already

    def run(self) -> Collected:
        one_large_member.among_processes()
        one_large_image.among_processes()
        with Decoders(lambda files: read_files(files, self.source, self.blur_faces), worker_count()) as decoders:
            for read in decoders.ordered(self.chunks()):
                self.take(read)
        self.progress.send()
        return self.result

    def take(self, read: Read) -> None:
        self.result.bytes_read += read.bytes_read
        if self.result.bytes_read + (self.journal.kept.bytes_read if self.journal else 0) > MAX_TOTAL_BYTES:
            raise InputError(f"{self.source.path} holds over {MAX_TOTAL_BYTES // MEGABYTE:,} MB of images, the most that are taken.")
        for problem in read.problems:
            self.tell(problem)
        rows = self.writer.extend(read.images)
        self.result.paths.extend(read.paths)
        self.result.rows.extend(rows)
        if self.journal is not None:
            self.journal.note(read, rows)
        fault("import")
        self.progress.step(read.files)

    def tell(self, problem: Problem) -> None:
        self.result.problems.append(problem)
        self.progress.on_event({"event": "problem", **problem})

    def chunks(self) -> Iterator[list[File]]:
        files: list[File] = []
        size = held = 0
        for entry in self.images():
            try:
                data = entry.read() if entry.key is None and entry.read else b""
            except Unreadable as error:
                self.refused(left_out(entry.path, error.rule, error.message))
                continue
            if self.journal is not None and (before := self.journal.find(entry.path, entry.changed)) is not None:
                self.pass_over(entry.path, before)
                continue
            files.append((entry.path, entry.size_bytes, entry.key, data))
            size += entry.size_bytes
            held += len(data)
            if len(files) == CHUNK_FILES or max(size, held) > CHUNK_BYTES:
                yield files
                files, size, held = [], 0, 0
        if files:
            yield files

    def pass_over(self, path: str, before: Outcome) -> None:
        """What an earlier try made of a file."""
        for problem in before.problems:
            self.tell(problem)
        if before.row is not None:
            self.result.paths.append(path)
            self.result.rows.append(before.row)
        self.progress.pass_over()

    def images(self) -> Iterator[Entry]:
        """The entries to decode; everything else is noted on the way."""
        seen = Names()
        for entry in self.source.entries():
            if self.should_stop():
                raise Interrupted(STOPPED)
            if entry.kind == "litter":
                self.result.ignored += 1
                self.note(entry)
            elif entry.kind == "refused":
                self.tell(left_out(entry.path, entry.rule, entry.message))
            elif entry.kind == "image" and not seen.is_new(entry.path):
                self.tell(left_out(entry.path, "duplicate_name", "has the name of an earlier file in the archive; the first was taken"))
            else:
                self.note(entry)
                if entry.kind == "image":
                    if problem := self.refuse(entry.path):
                        self.refused(problem)
                    else:
                        yield entry

    def note(self, entry: Entry) -> None:
        if not self.known:
            self.result.survey.note(entry)

    def refused(self, problem: Problem) -> None:
        self.tell(problem)
        self.progress.step(1)


def worker_count() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: the cores this process may use
    return min(32, len(affinity(0)) if affinity else os.cpu_count() or 1)


def read_files(files: list[File], source: Source, blur_faces: bool = False) -> Iterator[Read]:
    """Reads, decodes and encodes files, a part of the result at a time."""
    part = Read()
    for file in files:
        read_one(file, source, part, blur_faces)
        if part.held_bytes > PART_BYTES:
            yield part
            part = Read()
    yield part


def read_one(file: File, source: Source, into: Read, blur_faces: bool) -> None:
    """One file; what is wrong with it becomes its problem, never an error of the import."""
    path, size_bytes, key, data = file
    into.files += 1
    with one_large_member if size_bytes > LARGE_BYTES else NOTHING:
        try:
            data = data if key is None else source.read(key)
            into.bytes_read += len(data)
            decoded, digest = decode(data, path), content_hash(data)
            if blur_faces and (shown := blurred(decoded, path)) is not decoded:
                decoded, digest = shown, content_hash(shown.pixels.tobytes())  # another image than the file's
            into.images.add(encode(decoded), digest)
            into.paths.append(path)
            into.problems += decoded.warnings
            return
        except Unreadable as error:
            rule, message = error.rule, error.message
        except MemoryError:
            rule, message = "too_large", "needs more memory than there is"
    into.problems.append(left_out(path, rule, message))
