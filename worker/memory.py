"""Whether the kernel killed a process because memory ran out: it counts that, and nobody else sends such a signal by rule."""

from __future__ import annotations

from pathlib import Path

COUNTERS = Path("/proc/vmstat")  # of the whole machine, Linux alone


def kernel_kills(counters: Path = COUNTERS) -> int:
    """How often the kernel has killed for want of memory since it started; 0 where it does not say."""
    try:
        lines = counters.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
