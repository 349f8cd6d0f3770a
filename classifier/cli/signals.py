"""How the program is asked to end: by signal, by a word of its parent's, or by the end of its parent's pipe."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import BinaryIO

from classifier.spec.errors import EXIT_INTERRUPTED


class StopSignal:
    """Turns true at the first SIGINT or SIGTERM; the work then ends at its next step. A second SIGINT ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked

    def install(self) -> None:
        """Takes both signals; call it in the main thread, before anything slow."""
        signal.signal(signal.SIGINT, self.on_signal)
        signal.signal(signal.SIGTERM, self.on_signal)

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            os._exit(EXIT_INTERRUPTED)  # no clean-up: it was asked for twice
        self.asked = True


class FinishSignal:
    """Turns true once the parent has written `finish`: the work comes to its end early, with its result."""

    WORD = b"finish\n"

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked


def heed_parent_pipe(finish: FinishSignal) -> None:
    """With SYNSET_WATCH_STDIN=1, reads standard input, hears `finish` there, and ends this process group when it closes.

    The worker holds the other end, so a training never outlives it; typed by a person, nothing is read.
    """
    if os.environ.get("SYNSET_WATCH_STDIN") == "1":
        raw = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115  # a buffered read would hold its lock at the end
        threading.Thread(target=end_at_eof, args=(raw, finish), name="watch-stdin", daemon=True).start()


def end_at_eof(stream: BinaryIO, finish: FinishSignal) -> None:
    """Reads until the end, then kills the group that this process leads (itself alone where it leads none)."""
    while line := stream.readline():
        finish.asked |= line == FinishSignal.WORD
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(EXIT_INTERRUPTED)
