"""How far a check is: each stage by what it is expected to cost, the time left by what was measured."""

from __future__ import annotations

import time
from collections.abc import Mapping

from classifier.spec.errors import Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop

TICK_SECONDS = 0.25  # at most four events a second
STOPPED = "Interrupted while the dataset was checked; nothing was kept."
SURE = 0.02  # of the whole; before that no time left is told


class Steps:
    """Tells the stages and how much of them is done; ends the work, with the words of `stopped`, where it was asked to stop."""

    def __init__(self, costs: Mapping[str, float], on_event: OnEvent, should_stop: ShouldStop, stopped: str = STOPPED) -> None:
        self.costs, self.on_event, self.should_stop, self.stopped = dict(costs), on_event, should_stop, stopped
        self.began = time.monotonic()
        self.newest, self.behind, self.stage, self.stage_began = 0.0, 0.0, "", self.began

    def begin(self, stage: str, message: str) -> None:
        """The next stage; the one before it is behind."""
        self.behind += self.costs.get(self.stage, 0.0)
        self.stage, self.stage_began = stage, time.monotonic()
        self.on_event({"event": "stage", "stage": stage, "message": message})
        self.told(0, 1, "parts")

    def told(self, done: int, total: int, unit: str = "images") -> None:
        """So much of this stage is done. Raises Interrupted when asked to stop."""
        if self.should_stop():
            raise Interrupted(self.stopped)
        now = time.monotonic()
        if now - self.newest < TICK_SECONDS:
            return
        self.newest = now
        share = (self.behind + self.costs.get(self.stage, 0.0) * done / max(1, total)) / max(1e-9, sum(self.costs.values()))
        left = (now - self.began) * (1 - share) / share if share >= SURE else None
        rate = done / (now - self.stage_began) if done and now > self.stage_began else None
        event: Event = {"event": "progress", "stage": self.stage, "done": done, "total": total, "unit": unit}
        self.on_event(
            event
            | {"fraction": round(min(1.0, share), 4)}
            | {"eta_seconds": None if left is None else round(left, 1), "rate": None if rate is None else round(rate, 2)}
        )
