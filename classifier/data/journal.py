"""What an import has read and is on the disk for good: told line by line beside its pack, so that the next try goes on from there.

pack/journal.jsonl begins with a line of what decides how a file is read (of which source, by which options and programs) and on which
machine it is written. Each further line is of some files, in the order of the source: the row of each that was taken, what was said of
single ones, when each was changed last where it lies in a folder, and how long the files of the pack were then. It is written once
those bytes are on disk; so a line that is whole speaks of images that are whole, and what lies behind them is cut off. The journal goes
before the dataset gets its place.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Protocol, Self

from classifier.data.pack import PackWriter
from classifier.data.problems import Problem
from classifier.data.publish import sync
from classifier.spec.packfile import JOURNAL_FILE

FORMAT = 2  # of the journal itself
KEEP_SECONDS = 1.0  # between two lines, at least
COST_SHARE = 0.02  # of the time may go into bringing lines to the disk; on a slow one they come more rarely
BOOT = Path("/proc/sys/kernel/random/boot_id")


class Files(Protocol):
    """What became of some files: `classifier.data.collect.Read`."""

    paths: list[str]  # of the images
    problems: list[Problem]
    bytes_read: int


class Outcome(NamedTuple):
    """What an earlier try made of a file."""

    row: int | None  # of the pack; None where it could not be taken
    changed: int  # when it was last, as `classifier.data.archive.Entry` has it
    problems: list[Problem]


class Journal:
    """Writes the journal of one pack, new or taken over, and tells what is in it already."""

    def __init__(self, writer: PackWriter, about: dict[str, Any]) -> None:
        self.writer, self.path = writer, writer.folder / JOURNAL_FILE
        self.kept = Kept(self.path)
        self.file: IO[bytes] = self.path.open("ab")
        if not self.file.tell():
            self.file.write(head(about))
            self.file.flush()
            self.to_be_found()
        self.paths: list[str] = []  # of the next line
        self.rows: list[int] = []
        self.problems: list[Problem] = []
        self.bytes_read = 0
        self.changed: dict[str, int] = {}  # when each file that is being read was last
        self.due_at = time.monotonic() + KEEP_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """What was read is kept also where the import is interrupted now."""
        try:
            with contextlib.suppress(OSError) if kind else contextlib.nullcontext():
                self.keep()
        finally:
            with contextlib.suppress(OSError):
                self.file.close()

    def to_be_found(self) -> None:
        """Its own name, and those of the folders above it, on the disk."""
        for folder in (self.path.parent, self.path.parent.parent, self.path.parent.parent.parent):
            sync(folder)

    def find(self, path: str, changed: int) -> Outcome | None:
        """What an earlier try made of the next file of the source; None where it is to be read, as one that is another since."""
        found = self.kept.find(path)
        if found is not None and found.changed == changed:
            return found
        if changed:
            self.changed[path] = changed
        return None

    def note(self, files: Files, rows: Sequence[int]) -> None:
        """These were read, and are in the pack."""
        self.paths += files.paths
        self.rows += rows
        self.problems += files.problems
        self.bytes_read += files.bytes_read
        if time.monotonic() >= self.due_at:
            self.keep()

    def keep(self) -> None:
        """All that was noted on the disk for good: the images first."""
        if not self.paths and not self.problems:
            return
        began = time.monotonic()
        line = {"paths": self.paths, "rows": self.rows, "problems": self.problems, "bytes": self.bytes_read, "ends": self.writer.sync()}
        changed = [self.changed.pop(path, 0) for path in files_of(line)]
        line |= {"changed": changed} if any(changed) else {}
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.paths, self.rows, self.problems, self.bytes_read = [], [], [], 0
        now = time.monotonic()
        self.due_at = now + max(KEEP_SECONDS, (now - began) / COST_SHARE)


class Line(NamedTuple):
    """What became of the files of one line that were not asked for yet."""

    rows: dict[str, int | None]
    changed: dict[str, int]
    problems: dict[str, list[Problem]]


class Kept:
    """What the journal holds when it is opened, file by file; two lines at a time in memory."""

    def __init__(self, path: Path) -> None:
        self.lines = records(path, path.stat().st_size if path.exists() else 0)  # not those that are written from now on
        self.bytes_read = 0  # of the files of all lines so far
        self.line, self.following = self.next_line(), self.next_line()

    def find(self, path: str) -> Outcome | None:
        """What became of the next file of the source; None where it was not read yet, as all are behind the last, or one that is new."""
        if path not in self.line.rows and path in self.following.rows:
            self.line, self.following = self.following, self.next_line()
        if path not in self.line.rows:
            return None
        return Outcome(self.line.rows.pop(path), self.line.changed.pop(path, 0), self.line.problems.pop(path, []))

    def next_line(self) -> Line:
        """An empty one behind the last."""
        found = next(self.lines, None)
        if found is None:
            return Line({}, {}, {})
        self.bytes_read += found["bytes"]
        problems: defaultdict[str, list[Problem]] = defaultdict(list)
        for problem in found["problems"]:
            problems[problem["file"]].append(problem)
        changed = dict(zip(files_of(found), found.get("changed", ()), strict="changed" in found))
        return Line(dict.fromkeys(left_out(found), None) | dict(zip(found["paths"], found["rows"], strict=True)), changed, problems)


def left_out(line: dict[str, Any]) -> Iterator[str]:
    """The files of a line that could not be taken."""
    return (problem["file"] for problem in line["problems"] if not problem["taken"])


def files_of(line: dict[str, Any]) -> list[str]:
    """All files of a line."""
    return [*left_out(line), *line["paths"]]


def head(about: dict[str, Any]) -> bytes:
    """A journal's first line."""
    return json.dumps({"format": FORMAT, "about": about, "machine": this_machine()}).encode() + b"\n"


def this_machine() -> str:
    """Another one after each start; empty where the system does not tell."""
    try:
        return BOOT.read_text().strip()
    except OSError:
        return ""


def parsed(line: bytes) -> dict[str, Any] | None:
    """None for a line that was being written when its process died."""
    try:
        found = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def records(path: Path, length: int) -> Iterator[dict[str, Any]]:
    """The lines behind the first that lie within so many bytes; none where there is no journal."""
    if not length:
        return
    with path.open("rb") as file:
        length -= len(file.readline())
        while length > 0 and (found := parsed(line := file.readline())) is not None:
            length -= len(line)
            yield found


class Durable(NamedTuple):
    """What a journal vouches for."""

    files: int
    length: int  # of the journal itself, in bytes
    ends: dict[str, int]  # of the files of the pack
    machine: str  # that wrote it


def durable(pack: Path, about: dict[str, Any]) -> Durable | None:
    """What is to be had of a pack; None where there is nothing, or it was read in another way, or less is there than its journal says."""
    try:
        with (pack / JOURNAL_FILE).open("rb") as file:
            first = parsed(file.readline()) or {}
            if (first.get("format"), first.get("about")) != (FORMAT, about):
                return None
            files, length, ends = 0, file.tell(), {}
            for line in file:
                if (found := parsed(line)) is None:
                    break
                files += len(files_of(found))
                length, ends = length + len(line), found["ends"]
        if not files or any((pack / name).stat().st_size < end for name, end in ends.items()):
            return None
    except (OSError, KeyError, TypeError, AttributeError):
        return None
    return Durable(files, length, ends, str(first.get("machine", "")))
