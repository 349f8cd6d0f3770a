"""Asking again, for a while, where that may help."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from classifier.data.remote.download import WAITS_SECONDS
from classifier.data.remote.line import Passing
from classifier.spec.events import OnEvent

T = TypeVar("T")
WARN_SECONDS = 5.0


class Patience:
    """Of one copy: what several pieces meet at the same time is told once."""

    def __init__(self, on_event: OnEvent) -> None:
        self.on_event = on_event
        self.warned = 0.0

    async def tried(self, what: Callable[[], Awaitable[T]], seconds: float) -> T:
        """The answer, within so many seconds; what may pass is tried again."""
        for pause in (*WAITS_SECONDS, None):
            try:
                return await asyncio.wait_for(what(), seconds)
            except (Passing, TimeoutError) as error:
                trouble = error if isinstance(error, Passing) else Passing(f"no whole answer came within {seconds:.0f} s")
                if pause is None:
                    raise trouble from None
                self.warn(trouble)
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def warn(self, trouble: Exception) -> None:
        """Once for all pieces that meet the same."""
        if time.monotonic() - self.warned > WARN_SECONDS:
            self.warned = time.monotonic()
            self.on_event({"event": "log", "level": "warning", "message": f"The copy stopped: {trouble}. It is tried again."})
