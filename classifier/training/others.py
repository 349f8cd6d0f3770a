"""How much of the processor other work holds: what is measured beside it says little of a machine that is free."""

from __future__ import annotations

import os
import time
from pathlib import Path

STAT = Path("/proc/stat")
BUSY = 0.5  # cores of other work, below which a machine counts as free
IDLE = (3, 4)  # of a line of /proc/stat: idle, and waiting for a disk


class OtherWork:
    """Looks from its making on."""

    def __init__(self) -> None:
        self.ticks, self.own, self.began = busy_ticks(), time.process_time(), time.perf_counter()

    def cores(self) -> float:
        """How many cores other processes kept busy meanwhile; 0 where the system does not tell."""
        ticks, seconds = busy_ticks() - self.ticks, max(time.perf_counter() - self.began, 1e-9)
        return max(0.0, (ticks / os.sysconf("SC_CLK_TCK") - (time.process_time() - self.own)) / seconds)


def others_busy(seconds: float) -> float:
    """As `OtherWork.cores`, of the seconds that come, in which this process waits."""
    others = OtherWork()
    time.sleep(seconds)
    return others.cores()


def busy_ticks() -> int:
    """Ticks that all cores worked since the machine began."""
    try:
        times = [int(ticks) for ticks in STAT.read_text().splitlines()[0].split()[1:9]]
    except (OSError, ValueError, IndexError):
        return 0
    return sum(ticks for place, ticks in enumerate(times) if place not in IDLE)
