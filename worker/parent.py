"""Dying with the process that started us, by the kernel's own means where it has them."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping

PR_SET_PDEATHSIG = 1
NICE = 5  # a training takes what pages, heartbeats and the keeper leave of the processor; alone it loses nothing
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """The kernel is to kill this process when its parent dies. Elsewhere than on Linux the pipe on stdin serves alone."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def begin_child(limits: Mapping[int, int]) -> None:
    """Between fork and exec of a job's child: dies with us, hears Ctrl-C again (a pool process ignores it), is kept within limits."""
    die_with_parent()
    os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (wanted, wanted))


def die_with(parent: int) -> None:
    """As `die_with_parent`, and at once where the parent is gone already."""
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)
