"""How far a training is and how long it will still take, from measured steps."""

from __future__ import annotations

import time
from dataclasses import dataclass

from classifier.spec.events import Event, OnEvent
from classifier.spec.work import FORWARD_SHARE

TICK_SECONDS = 0.25  # at most four progress events a second
HEAD_SHARE = 0.005  # of a step's work that the head alone is, where features are computed once


@dataclass(frozen=True)
class Work:
    """What a whole training consists of, in images."""

    epochs: int
    steps_per_epoch: int
    train_images: int
    validation_images: int
    test_images: int
    looks: int = 0  # of a frozen backbone at each training image, once for good (and at its mirror); steps are then of the head alone
    finetuned: int = 0  # epochs at the end that are of the whole network all the same

    @property
    def steps(self) -> int:
        """Optimiser steps in all."""
        return self.epochs * self.steps_per_epoch

    @property
    def total(self) -> float:
        """All the work, in units of training one image."""
        return self.done(self.steps, self.epochs, self.test_images)

    def done(self, steps: int, validations: float, tested: int = 0) -> float:
        """The work behind so many steps, validation passes and tested images, in units of training one image."""
        trained = steps / max(1, self.steps_per_epoch) * self.train_images
        if self.looks:
            cheap = self.epochs - self.finetuned
            head, looked = min(trained, cheap * self.train_images), min(validations, cheap)
            seen = self.looks * self.train_images + self.validation_images + tested
            light = FORWARD_SHARE * seen + HEAD_SHARE * (head + looked * self.validation_images)
            return light + trained - head + FORWARD_SHARE * (validations - looked) * self.validation_images
        return trained + FORWARD_SHARE * (validations * self.validation_images + tested)


class Progress:
    """Sends progress events, at most four a second; the fraction never falls."""

    def __init__(self, work: Work, on_event: OnEvent) -> None:
        self.work, self.on_event = work, on_event
        self.fraction = 0.0
        self.told = 0.0
        self.first: tuple[float, float] | None = None  # when this process began to work, and how much was done then

    def due(self) -> bool:
        """Whether it is time to tell again; only then may the loop read numbers back from the device."""
        return time.monotonic() - self.told >= TICK_SECONDS

    def start(self, done: float) -> None:
        """The clock starts at this much work done (more than none after a resume); once it runs it is left alone."""
        self.first = self.first or (time.monotonic(), done)

    def left_seconds(self, done: float) -> float | None:
        """Time left at the pace so far; None until enough was measured."""
        if self.first is None or done <= self.first[1]:
            return None
        pace = (time.monotonic() - self.first[0]) / (done - self.first[1])
        return round(pace * max(0.0, self.work.total - done), 1)

    def tell(self, stage: str, done: float, *, count: int, total: int, unit: str, rate: float | None, **more: object) -> None:
        """Sends the event: `done` is work in all, `count` of `total` what this stage has done."""
        self.told = time.monotonic()
        self.fraction = max(self.fraction, min(1.0, done / max(1e-9, self.work.total)))
        event: Event = {"event": "progress", "stage": stage, "done": count, "total": total, "unit": unit}
        self.on_event(event | {"fraction": round(self.fraction, 4), "eta_seconds": self.left_seconds(done), "rate": rate} | more)
