"""What memory this host has, and whether the kernel killed a process because it ran out: it counts that, and nobody else sends such
a signal by rule."""

from __future__ import annotations

from pathlib import Path

import psutil

COUNTERS = Path("/proc/vmstat")  # of the whole machine, Linux alone
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container


def host_bytes(limit: Path = LIMIT) -> int:
    """The memory of the machine, or of the container that this is."""
    there = int(psutil.virtual_memory().total)
    try:
        told = limit.read_text().strip()
    except OSError:
        return there
    return min(there, int(told)) if told.isdecimal() else there


def kernel_kills(counters: Path = COUNTERS) -> int:
    """How often the kernel has killed for want of memory since it started; 0 where it does not say."""
    try:
        lines = counters.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
