"""The child process that does a job's work: `python -m classifier …` in a session of its own."""

from __future__ import annotations

import contextlib
import functools
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from webapp.core.home import CHECKOUT
from worker.parent import begin_child

MARK = "SYNSET_JOB"  # in its environment and in that of all it starts: JOB.FENCE
FINISH = b"finish\n"  # on its standard input
CHUNK_BYTES = 1 << 20
WORDS_BYTES = 2_000
END_SECONDS = 60.0  # within which a killed process is gone, its memory freed; one that is not stands in a driver or a disk's queue
LINE_BYTES = 64 << 20  # a longer line is no event of ours
# big blocks stay with the process in place of going back to the system after every batch
MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


class Child:
    """A running command: its event lines, and the ways to end it.

    Its standard input is a pipe that we hold open: it kills itself when that closes, that is when we die. Its error
    stream goes straight into the log file. `limits` are what it may use at most, by the numbers of `resource`.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        mark: str,
        environment: Mapping[str, str],
        limits: Mapping[int, int],
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        own = {"SYNSET_WATCH_STDIN": "1", "PYTHONUNBUFFERED": "1", MARK: mark}
        self.log = log
        with log.open("ab") as errors:
            self.log_from = errors.tell()  # what is before that was another's
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                cwd=CHECKOUT,
                env={**MEMORY, **os.environ, **environment, **own},
                preexec_fn=functools.partial(begin_child, limits),
            )
        assert self.process.stdout is not None
        self.pipe = self.process.stdout.fileno()
        os.set_blocking(self.pipe, False)
        self.rest = b""
        self.open = True

    def lines(self, seconds: float) -> list[bytes]:
        """Whole lines that came within so many seconds; returns as soon as there is anything."""
        if not self.open:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
            return []
        select.select([self.pipe], [], [], seconds)
        *lines, self.rest = (self.rest + self.available()).split(b"\n")
        if len(self.rest) > LINE_BYTES:
            self.rest = b""
        return [line for line in lines if line.strip()]

    def available(self) -> bytes:
        """What the pipe holds now. Never waits: a stray grandchild may keep it open for ever."""
        chunks = []
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self.pipe, CHUNK_BYTES):
                chunks.append(chunk)
            self.open = False
        return b"".join(chunks)

    def last_lines(self) -> list[bytes]:
        """After its end: what the pipe still holds, a last line without its end included."""
        lines = [*self.lines(0.0), self.rest]
        self.rest = b""
        return [line for line in lines if line.strip()]

    def last_words(self) -> str:
        """The last line of its error stream, empty where it said nothing there."""
        with self.log.open("rb") as file:
            file.seek(max(self.log_from, file.seek(0, os.SEEK_END) - WORDS_BYTES))
            lines = file.read().decode(errors="replace").replace("\0", "").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self.process.poll()

    def interrupt(self) -> None:
        """Asks it to stop: it keeps a checkpoint and exits with 130."""
        self.signal(signal.SIGINT)

    def finish(self) -> None:
        """Asks it to come to its end early, with a result; only a training understands."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.write(FINISH)
                self.process.stdin.flush()

    def kill(self) -> None:
        """Ends it and its group at once."""
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Signals the group, unless its leader was waited for and the number may be another's by now."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def close(self) -> None:
        """Leaves neither process nor pipe behind; what cannot be ended, since it hangs in the kernel, is not waited for without end."""
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
