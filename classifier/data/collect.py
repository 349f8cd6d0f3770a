"""Reading a source into a pack: members in order, decoded by threads (Pillow releases the GIL), a bounded few at a time."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

from classifier.data.archive import MAX_TOTAL_BYTES, MEGABYTE, Entry, Source
from classifier.data.decode import decode
from classifier.data.pack import Encoded, PackWriter, content_hash, encode
from classifier.data.problems import Problem, Unreadable, left_out
from classifier.data.survey import STOPPED, Survey
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.events import OnEvent, ShouldStop

CHUNK_FILES = 16  # one task: small enough to spread evenly, large enough that handing it over costs little
CHUNK_BYTES = 4 * MEGABYTE
WAITING_BYTES = 256 * MEGABYTE  # of a stream's members, read and not yet decoded
LARGE_BYTES = 32 * MEGABYTE  # members above are read one at a time, so that memory stays bounded on many cores
EVENT_SECONDS = 0.25  # between two progress events
READING_SHARE = 0.97  # of the whole command

one_large_member = threading.Lock()


class Read(NamedTuple):
    """What became of one file."""

    path: str
    digest: bytes
    bytes_read: int
    encoded: Encoded | None  # None where it was left out
    problems: list[Problem]


class Progress:
    """Progress events at most four a second; the time left comes from the rate measured so far."""

    def __init__(self, on_event: OnEvent, total: int | None, streamed: Callable[[], float | None]) -> None:
        self.on_event = on_event
        self.total = total
        self.streamed = streamed
        self.done = 0
        self.started = time.monotonic()
        self.sent = 0.0
        self.fraction = 0.0
        self.share = READING_SHARE  # what reading is of the whole

    def step(self, files: int) -> None:
        self.done += files
        if time.monotonic() - self.sent >= EVENT_SECONDS:
            self.send()

    def finish(self) -> None:
        self.share = 1.0
        self.send()

    def send(self) -> None:
        self.sent = time.monotonic()
        seconds = self.sent - self.started
        share = self.streamed() if self.total is None else self.done / max(1, self.total)
        self.fraction = max(self.fraction, self.share * min(1.0, share or 0.0))
        known = seconds > 0.5 and self.fraction > 0
        self.on_event(
            {
                "event": "progress",
                "stage": "decoding",
                "done": self.done,
                "total": self.total,
                "unit": "files",
                "fraction": self.fraction,
                "eta_seconds": seconds * (1 - self.fraction) / self.fraction if known else None,
                "rate": self.done / seconds if seconds > 0 else None,
            }
        )


@dataclass
class Collected:
    """Everything that was read: `paths[i]` lies in row `rows[i]` of the pack."""

    paths: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0
    bytes_read: int = 0
    survey: Survey = field(default_factory=Survey)


class Collector:
    """Walks a source once; problems are told as they are found."""

    def __init__(
        self, source: Source, writer: PackWriter, refuse: Callable[[str], Problem | None], progress: Progress, should_stop: ShouldStop
    ) -> None:
        self.source = source
        self.writer = writer
        self.refuse = refuse  # a problem for a path that no class folder holds, before it is opened
        self.progress = progress
        self.should_stop = should_stop
        self.result = Collected()
        self.waiting: deque[tuple[Future[list[Read]], int]] = deque()

    def run(self) -> Collected:
        workers = worker_count()
        pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        try:
            for chunk in self.chunks():
                held = sum(entry.held_bytes for entry in chunk)
                self.waiting.append((pool.submit(read_chunk, chunk), held))
                while len(self.waiting) > 2 * workers or sum(size for _, size in self.waiting) > WAITING_BYTES:
                    self.take_one()
            while self.waiting:
                self.take_one()
            self.progress.send()
        finally:
            pool.shutdown(cancel_futures=True)
        return self.result

    def take_one(self) -> None:
        """The oldest chunk, so that the pack's order is the source's."""
        future, _ = self.waiting.popleft()
        reads = future.result()
        for read in reads:
            self.take(read)
        self.progress.step(len(reads))

    def take(self, read: Read) -> None:
        self.result.bytes_read += read.bytes_read
        if self.result.bytes_read > MAX_TOTAL_BYTES:
            raise InputError(f"{self.source.path} holds over {MAX_TOTAL_BYTES // MEGABYTE:,} MB of images, the most that are taken.")
        for problem in read.problems:
            self.tell(problem)
        if read.encoded is not None:
            self.result.paths.append(read.path)
            self.result.rows.append(self.writer.append(read.encoded, read.digest))

    def tell(self, problem: Problem) -> None:
        self.result.problems.append(problem)
        self.progress.on_event({"event": "problem", **problem})

    def chunks(self) -> Iterator[list[Entry]]:
        chunk: list[Entry] = []
        for entry in self.images():
            chunk.append(entry)
            if len(chunk) == CHUNK_FILES or sum(entry.held_bytes for entry in chunk) > CHUNK_BYTES:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def images(self) -> Iterator[Entry]:
        """The entries to decode; everything else is noted on the way."""
        seen: set[str] = set()
        for entry in self.source.entries():
            if self.should_stop():
                raise Interrupted(STOPPED)
            if entry.kind == "litter":
                self.result.ignored += 1
                self.result.survey.note(entry)
            elif entry.kind == "refused":
                self.tell(left_out(entry.path, entry.rule, entry.message))
            elif entry.kind == "image" and entry.path in seen:
                self.tell(left_out(entry.path, "duplicate_name", "has the name of an earlier file in the archive; the first was taken"))
            else:
                self.result.survey.note(entry)
                if entry.kind == "image":
                    seen.add(entry.path)
                    yield from self.placed(entry)

    def placed(self, entry: Entry) -> Iterator[Entry]:
        problem = self.refuse(entry.path)
        if problem is None:
            yield entry
        else:
            self.tell(problem)
            self.progress.step(1)


def worker_count() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: the cores this process may use
    return min(32, len(affinity(0)) if affinity else os.cpu_count() or 1)


def read_chunk(entries: list[Entry]) -> list[Read]:
    return [read_one(entry) for entry in entries]


def read_one(entry: Entry) -> Read:
    """Reads, decodes and encodes one file; what is wrong with it becomes its problem, never an error of the import."""
    data = b""
    with one_large_member if entry.size_bytes > LARGE_BYTES else contextlib.nullcontext():
        try:
            data = entry.read() if entry.read else b""
            decoded = decode(data, entry.path)
            return Read(entry.path, content_hash(data), len(data), encode(decoded), decoded.warnings)
        except Unreadable as error:
            rule, message = error.rule, error.message
        except MemoryError:
            rule, message = "too_large", "needs more memory than there is"
    return Read(entry.path, b"", len(data), None, [left_out(entry.path, rule, message)])
