"""Whether this worker was asked to stop: one byte that its main process and its pool processes share."""

from __future__ import annotations

import mmap

_FLAG = mmap.mmap(-1, 1)  # anonymous and shared: made before the pool forks


def stop() -> None:
    """Asked to stop: running jobs keep a checkpoint and go back to the queue, nothing new is taken."""
    _FLAG[0] = 1


def is_stopping() -> bool:
    """Whether `stop` was called in any of the processes."""
    return _FLAG[0] == 1


def go_on() -> None:
    """As at the start."""
    _FLAG[0] = 0
