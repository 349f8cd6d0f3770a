"""How far a command is that has several parts: each counts by the seconds that it is expected to take, the time left is measured."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from classifier.spec.events import Event, OnEvent

EVENT_SECONDS = 0.25  # between two progress events
MEASURED_SECONDS = 0.5  # before which nothing is said of the time left
EACH = 5_000  # rows between two looks at the clock

Row = TypeVar("Row")


class Whole:
    """Hears its parts, and tells of all of them together."""

    def __init__(self, on_event: OnEvent, seconds: float) -> None:
        self.on_event, self.seconds = on_event, max(seconds, 1e-6)
        self.begun = 0.0  # seconds of the parts that have begun
        self.fraction = 0.0
        self.started = time.monotonic()

    def part(self, seconds: float) -> OnEvent:
        """Who is told of the next part, by the fractions of that part alone; those before it are behind."""
        begin = self.begun
        self.begun += seconds

        def tell(event: Event) -> None:
            self.on_event(event | self.place(begin + seconds * event["fraction"]) if event["event"] == "progress" else event)

        return tell

    def place(self, at: float) -> dict[str, Any]:
        """The share of the whole that is behind after so many of its seconds, and the time left."""
        self.fraction = max(self.fraction, min(1.0, at / self.seconds))
        spent = time.monotonic() - self.started
        known = spent > MEASURED_SECONDS and self.fraction > 0
        return {"fraction": self.fraction, "eta_seconds": spent * (1 - self.fraction) / self.fraction if known else None}


class Count:
    """Tells of a part how many are done, at most four times a second."""

    def __init__(self, tell: OnEvent, stage: str, unit: str, total: int) -> None:
        self.tell, self.stage, self.unit, self.total = tell, stage, unit, total
        self.started = self.sent = time.monotonic()

    def at(self, done: int) -> None:
        now = time.monotonic()
        if now - self.sent < EVENT_SECONDS:
            return
        self.sent = now
        known = {"stage": self.stage, "done": done, "total": self.total, "unit": self.unit, "rate": done / (now - self.started)}
        self.tell({"event": "progress", **known, "fraction": done / max(1, self.total), "eta_seconds": None})

    def over(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, counted as they are taken."""
        for done, row in enumerate(rows):
            if done % EACH == 0:
                self.at(done)
            yield row
