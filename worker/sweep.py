"""Strays of a job on this host, found by the mark in their environment."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Collection

import psutil

from worker.child import MARK

logger = logging.getLogger(__name__)
END_SECONDS = 5.0
LOOKS, EXEC_SECONDS = 2, 0.02  # between fork and the end of execve a process shows an empty environment


def sweep(job_id: str, *, older_than: int | None = None) -> list[int]:
    """Kills processes of that job, or only those of fences below `older_than`; gives their numbers."""
    ended: dict[int, psutil.Process] = {}
    for look in range(LOOKS):
        time.sleep(look * EXEC_SECONDS)
        for process in psutil.process_iter():
            if process.pid not in ended and is_stray(process, job_id, older_than):
                logger.warning("Ending process %s, a stray of job %s", process.pid, job_id)
                ended[process.pid] = process
                with contextlib.suppress(psutil.Error):
                    process.kill()
    wait_for_end(ended.values())
    return list(ended)


def wait_for_end(processes: Collection[psutil.Process]) -> None:
    """Until none of them runs any more. One whose parent does not wait for it (it may stand still) has ended all the same."""
    give_up_at = time.monotonic() + END_SECONDS
    while any(map(runs, processes)) and time.monotonic() < give_up_at:
        time.sleep(EXEC_SECONDS)


def runs(process: psutil.Process) -> bool:
    """Whether it can still do anything."""
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def is_stray(process: psutil.Process, job_id: str, older_than: int | None) -> bool:
    """Whether the process carries the job's mark, of an old enough fence. Others' processes cannot be looked into."""
    try:
        job, _, fence = process.environ().get(MARK, "").partition(".")
    except (psutil.Error, OSError):
        return False
    return process.pid != os.getpid() and job == job_id and (older_than is None or int(fence or 0) < older_than)
