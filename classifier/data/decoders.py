"""Processes that decode, a few chunks of files ahead of the one that writes.

Processes and not threads: of a small file's time nearly all is Python's own, which one lock lets a single thread run. They are
forked when there is work for them, so they have the open source and know what their parent knew; they end when it does.
"""

from __future__ import annotations

import multiprocessing
import pickle
import resource
import selectors
import signal
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from classifier.spec.errors import ClassifierError

MEGABYTE = 1 << 20
STATUS = Path("/proc/self/status")
AHEAD = 4  # chunks a process that may be on their way, waiting ones included
IN_HAND = 2  # chunks that a process has at once, where they are light: it begins the next one while we take the last one's result
LIGHT_BYTES = 32 << 10  # a pipe takes it at once; with more each end could wait for the other to read
HELD_BYTES = 64 * MEGABYTE  # of results that came before their turn; above, those who made them wait
LEAST_MEMORY_BYTES = 1024 * MEGABYTE  # of a process that decodes, for whatever is not read one at a time
LOST = "A process that decodes images was ended by the system ({}), as it does where memory is short. End other programs, then try again."
NO_PROCESS = "The system starts no process that decodes images ({}). End other programs, then try again."

# Python 3.12 warns of forks beside threads. Ours read and decode, and touch nothing that another thread could have locked.
warnings.filterwarnings("ignore", r"This process .* is multi-threaded", DeprecationWarning)


class Weighed(Protocol):
    """A part of a chunk's result."""

    @property
    def held_bytes(self) -> int: ...


Part = TypeVar("Part", bound=Weighed)
Work = Callable[[list[Any]], Iterator[Part]]


class Process:
    """One of them, seen from the parent."""

    def __init__(self, work: Work[Any], others: Iterable[Process], share: int) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe()
        ends = [self.pipe, *(other.pipe for other in others)]
        self.process = context.Process(target=serve, args=(theirs, ends, work, share), name="decode", daemon=True)
        self.in_hand: list[int] = []  # numbers of chunks
        try:
            self.process.start()
        except OSError:
            self.pipe.close()
            raise
        finally:
            theirs.close()

    def send(self, number: int, chunk: bytes) -> None:
        self.in_hand.append(number)
        try:
            self.pipe.send_bytes(chunk)
        except OSError:
            raise self.lost() from None

    def receive(self) -> tuple[int, Any]:
        """(number of a chunk, a part of its result; None behind its last)."""
        try:
            number, part = self.pipe.recv()
        except (EOFError, OSError):
            raise self.lost() from None
        if isinstance(part, Exception):
            raise part
        if part is None:
            self.in_hand.remove(number)
        return number, part

    def lost(self) -> ClassifierError:
        """What is to be raised where it is gone."""
        self.process.join(1)
        code = self.process.exitcode or 0
        return ClassifierError(LOST.format(f"signal {-code}" if code < 0 else f"exit code {code}"), retry=True, code="lost_process")

    def close(self, kill: bool) -> None:
        self.pipe.close()
        if kill:
            self.process.kill()
        self.process.join()
        self.process.close()


class Decoders(Generic[Part]):
    """At most so many processes that do `work` on chunks of files."""

    def __init__(self, work: Work[Part], most: int) -> None:
        self.work, self.most = work, most
        self.processes: list[Process] = []
        self.selector = selectors.DefaultSelector()
        self.parts: dict[int, list[Part]] = {}  # what came of a chunk, and was not given out yet
        self.held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self.processes:
            process.close(kill=kind is not None)
        self.selector.close()

    def ordered(self, chunks: Iterable[list[Any]]) -> Iterator[Part]:
        """What comes of the chunks of files, in their order."""
        waiting, rest = b"", (pickle.dumps(chunk, pickle.HIGHEST_PROTOCOL) for chunk in enumerate(chunks))
        first = number = 0  # of the chunks under way, and of the next one
        ended: set[int] = set()
        while True:
            while number - first < AHEAD * self.most and (waiting := waiting or next(rest, b"")):
                process = self.free(IN_HAND if len(waiting) <= LIGHT_BYTES else 1)
                if process is None:
                    break
                process.send(number, waiting)
                waiting, number = b"", number + 1
            if first == number:
                return
            self.hear(first, ended)
            yield from self.given(first)
            while first in ended:
                ended.remove(first)
                first += 1
                yield from self.given(first)

    def free(self, most: int) -> Process | None:
        """One that has fewer chunks in hand; a new one where each has some."""
        best = min(self.processes, key=lambda process: len(process.in_hand), default=None)
        if len(self.processes) < self.most and (best is None or best.in_hand) and (made := self.another()):
            return made
        return best if best is not None and len(best.in_hand) < most else None

    def another(self) -> Process | None:
        """One more process; None where the system gives none, and there is one."""
        try:
            process = Process(self.work, self.processes, self.most)
        except OSError as error:
            self.most = len(self.processes)
            if not self.processes:
                raise ClassifierError(NO_PROCESS.format(error.strerror), retry=True, code="no_process") from None
            return None
        self.processes.append(process)
        self.selector.register(process.pipe, selectors.EVENT_READ, process)
        return process

    def hear(self, first: int, ended: set[int]) -> None:
        """Takes in what is ready; where much waits already, of the first chunk alone."""
        if self.held > HELD_BYTES:
            ready = [next(process for process in self.processes if first in process.in_hand)]
        else:
            ready = [key.data for key, _ in self.selector.select()]
        for process in ready:
            number, part = process.receive()
            if part is None:
                ended.add(number)
            else:
                self.parts.setdefault(number, []).append(part)
                self.held += part.held_bytes

    def given(self, number: int) -> Iterator[Part]:
        for part in self.parts.pop(number, ()):
            self.held -= part.held_bytes
            yield part


def serve(pipe: Connection, ends: Iterable[Connection], work: Work[Any], share: int) -> None:
    """What such a process does until its parent closes the pipe, or is gone. Signals are the parent's to heed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for end in ends:  # while somebody holds one, its other end never hears of the parent's death
        end.close()
    share_memory(share)
    with suppress(EOFError, OSError):
        while True:
            number, files = pipe.recv()
            for part in tried(work, files):
                pipe.send_bytes(pickle.dumps((number, part), pickle.HIGHEST_PROTOCOL))
            pipe.send_bytes(pickle.dumps((number, None)))


def tried(work: Work[Any], files: list[Any]) -> Iterator[Any]:
    """What comes of the files, or the error that the parent is to raise."""
    try:
        yield from work(files)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent raises it
        error.add_note(traceback.format_exc())
        yield error


def share_memory(share: int) -> None:
    """Of the memory that the parent may take, each has a part; while it reads what is read one at a time (`Turn`) all of it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_DATA, (min(soft, inherited_bytes() + max(LEAST_MEMORY_BYTES, soft // share)), hard))


def inherited_bytes() -> int:
    """What counts against the limit already: what the parent held when it was forked; 0 where the system does not tell."""
    try:
        told = STATUS.read_text()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in told.splitlines() if line.startswith("VmData:")), 0)
