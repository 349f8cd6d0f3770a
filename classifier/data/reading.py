"""How far a look at a source is: entries passed, how many a second, and the time left where it is known how many there are."""

from __future__ import annotations

import time
from collections.abc import Callable

from classifier.spec.events import OnEvent

EVENT_SECONDS = 0.25  # at most four events a second
SURE_SECONDS = 0.5  # before that no time left is told


class Reading:
    """Tells of a part of the look, the share from `begin` to `end` of it: `total` units, or where nobody knows how many there are what
    `streamed` says of a stream, if it says anything."""

    def __init__(
        self,
        on_event: OnEvent,
        total: int | None,
        streamed: Callable[[], float | None],
        begin: float = 0.0,
        end: float = 1.0,
        unit: str = "files",
    ) -> None:
        self.on_event, self.total, self.streamed, self.begin, self.end, self.unit = on_event, total, streamed, begin, end, unit
        self.started = self.sent = time.monotonic()

    def share(self, done: int) -> float | None:
        """Of this part; None where nobody knows how much there is, as in a folder."""
        return min(1.0, done / self.total) if self.total else self.streamed()

    def passed(self, done: int) -> None:
        """So many are behind."""
        if time.monotonic() - self.sent >= EVENT_SECONDS:
            self.tell(done, self.share(done))

    def tell(self, done: int, share: float | None) -> None:
        self.sent = time.monotonic()
        seconds = self.sent - self.started
        whole = self.begin + (self.end - self.begin) * (share or 0.0)
        known = seconds > SURE_SECONDS and whole > self.begin
        self.on_event(
            {
                "event": "progress",
                "stage": "reading",
                "done": done,
                "total": self.total,
                "unit": self.unit,
                "fraction": whole,
                "eta_seconds": seconds * (1.0 - whole) / (whole - self.begin) if known else None,
                "rate": done / seconds if seconds > 0 else None,
            }
        )
