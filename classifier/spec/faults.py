"""A hook for tests of hard faults: FAULT=point:action makes a process die, hang or fail at a named point.

`FAULT=step@120:kill` acts the 120th time the point "step" is reached in this process; without @N, the first time.
Without the variable the hook costs one look into the environment.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections import Counter

ACTIONS = ("kill", "exit", "hang", "raise", "memory", "full", "lost")
_reached: Counter[str] = Counter()


def parse(text: str) -> tuple[str, int, str]:
    """(point, which time it is reached, action) of `point[@N]:action`; raises ValueError on anything else."""
    place, _, action = text.partition(":")
    point, _, times = place.partition("@")
    if not point or action not in ACTIONS or not (times or "1").isdecimal():
        raise ValueError(f"FAULT must be point:action or point@N:action with one of {', '.join(ACTIONS)}; {text!r} came")
    return point, int(times or 1), action


def fault(point: str) -> None:
    """Acts when FAULT names this point and it is reached for the wanted time."""
    wanted = os.environ.get("FAULT")
    if not wanted:
        return
    name, times, action = parse(wanted)
    if name != point:
        return
    _reached[point] += 1
    if _reached[point] == times:
        act(point, action)


def act(point: str, action: str) -> None:
    """Does it: kill as the kernel would, leave without clean-up, hang for good, raise, or find memory or disk used up or the GPU gone."""
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "exit":
        os._exit(3)
    while action == "hang":
        time.sleep(3600)
    if action == "memory":
        raise MemoryError(f"fault injected at {point}")
    if action == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), point)
    if action == "lost":
        raise RuntimeError(f"CUDA error: unspecified launch failure, injected at {point}")
    raise RuntimeError(f"fault injected at {point}")
