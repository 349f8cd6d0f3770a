"""Child processes that cannot outlive their supervisor, each with a log file and a session of its own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path

import psutil

from webapp.core.home import CHECKOUT

LOG_BYTES, LOGS_KEPT = 5_000_000, 3
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None  # loaded before any fork
EXEC_SECONDS = 0.02  # longer than a process takes to become another program
MARK = "SYNSET_TREE"  # environment variable by which a tree finds its own


def die_with(parent: int) -> Callable[[], None]:
    """For preexec_fn: the kernel sends SIGTERM when the parent's thread ends, however it ends (Linux; elsewhere nothing)."""

    def prepare() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it ended between fork and here
                os._exit(1)

    return prepare


def rotate(log: Path) -> None:
    """Keeps log files bounded: a large NAME.log becomes NAME.log.1, and so on."""
    if not log.exists() or log.stat().st_size < LOG_BYTES:
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{log}.{number}").replace(f"{log}.{number + 1}")
    log.replace(f"{log}.1")


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log file."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return b"\n".join(file.read().splitlines()[-lines:]).decode(errors="replace")


class Child:
    """One process of the tree; it may be started again after it ended."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name, self.command, self.log, self.environment = name, command, log, environment
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0  # monotonic seconds

    def start(self) -> None:
        """Starts it; call it from the thread that lives as long as the tree."""
        rotate(self.log)
        self.started_at = time.monotonic()
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=CHECKOUT,
                env=dict(self.environment),
                start_new_session=True,  # the terminal's Ctrl-C reaches the supervisor alone
                preexec_fn=die_with(os.getpid()),
            )

    @property
    def pid(self) -> int:
        """Its process id; 0 when it was never started."""
        return self.process.pid if self.process else 0

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self.process.poll() if self.process else 0

    def signal(self, number: int) -> None:
        """To the process alone: it stops its own children in order."""
        if self.process and self.status is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL to its whole session, without a wait."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def wait_for(children: Sequence[Child], seconds: float, hurry: Callable[[], bool]) -> list[Child]:
    """Waits until all have ended, the time is up or `hurry()`; gives those that still run."""
    end = time.monotonic() + seconds
    while running := [child for child in children if child.status is None]:
        if time.monotonic() > end or hurry():
            break
        time.sleep(0.02)
    return running


def sweep(mark: str, spare: Sequence[int] = ()) -> int:
    """Kills every process whose environment carries the tree's mark (a rank in a session of its own, an orphan); how many."""
    killed: set[int] = set()
    while found := marked(mark, {*spare, *killed}) or look_again(mark, {*spare, *killed}):
        for process in found:
            killed.add(process.pid)
            with contextlib.suppress(psutil.Error):
                process.kill()
    return len(killed)


def marked(mark: str, spare: Set[int]) -> list[psutil.Process]:
    """The living processes that carry the mark. Others' processes cannot be looked into."""
    return [process for process in psutil.process_iter() if process.pid not in spare | {os.getpid()} and carries(process, mark)]


def carries(process: psutil.Process, mark: str) -> bool:
    """Whether the process lives and has the tree's mark in its environment."""
    with contextlib.suppress(psutil.Error, OSError):
        return process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE
    return False


def look_again(mark: str, spare: Set[int]) -> list[psutil.Process]:
    """A second look: between fork and the end of execve a process shows an empty environment."""
    time.sleep(EXEC_SECONDS)
    return marked(mark, spare)
