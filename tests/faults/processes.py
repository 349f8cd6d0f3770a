"""Real processes: found by what their environment says, stopped, let go on, killed; and waits that say what they waited for."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from typing import Any

import psutil

from webapp.jobs.models import Job
from worker.child import MARK


def processes_with(name: str, value: str) -> list[psutil.Process]:
    """Living processes whose environment says so, this one apart."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(name) == value and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def children_of(job: Job, fence: int | None = None) -> list[psutil.Process]:
    """The job's child processes of a fence, the newest unless named."""
    return processes_with(MARK, f"{job.id}.{job.fence if fence is None else fence}")


def wait_for(there: Callable[[], Any], seconds: float, otherwise: Callable[[], str]) -> None:
    """Looks ten times a second until it is so."""
    end_at = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end_at, otherwise()
        time.sleep(0.1)


def is_gone(process: psutil.Process) -> bool:
    """Whether it has ended, waited for by its parent or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def whole(*started: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes with all that they have started, pool and children."""
    roots = [psutil.Process(process.pid) for process in started if process.poll() is None]
    return [each for root in roots for each in (root, *root.children(recursive=True))]


def freeze(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Stops them as a machine that hangs would; gives them for `go_on`."""
    frozen = list(processes)
    for process in frozen:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()
    return frozen


def go_on(processes: Iterable[psutil.Process]) -> None:
    """Lets them go on as if nothing had been."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


def kill_session(*processes: subprocess.Popen[bytes]) -> None:
    """Each process and its pool, at once."""
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def end(process: subprocess.Popen[bytes]) -> int:
    """Stops it in good order; its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(30)
