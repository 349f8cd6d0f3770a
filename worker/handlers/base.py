"""What every kind of job offers to the loop that runs it."""

from __future__ import annotations

import resource
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

from classifier.spec.events import Event, OnEvent, ignore
from webapp.datasets.browsing.progress import ROWS, Told
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job

EVENT_SECONDS = 0.25  # between two words of how far it is


class Gone(Exception):
    """What the job was for was deleted while it waited."""


class Work(ABC):
    """One job's command and rows. A subclass is made from the job and raises Gone when its own row is missing.

    What `prepare` and `before_end` write is fenced by themselves, with the claim; `rows` and `end` are called inside
    transactions that are.
    """

    noun = "job"  # "The training process was killed …"
    last_event = ""  # the kind of the command's last line when it went well

    def __init__(self, job: Job, claim: Claim) -> None:
        self.job, self.claim = job, claim
        self.on_event: OnEvent = ignore  # who is told how far `before_end` is
        self.rows_seconds = 0.0  # that `before_end` is expected to take
        self.share = 1.0  # of all the work, what the command does

    @property
    @abstractmethod
    def log(self) -> Path:
        """Where the command's error stream goes."""

    @abstractmethod
    def arguments(self) -> list[str]:
        """The words after `python -m classifier`."""

    def environment(self) -> dict[str, str]:
        """Variables of the command, for what must not stand among its words. Raises InputError where it may not run."""
        return {}

    def limits(self) -> dict[int, int]:
        """What the command may use at most, by the numbers of `resource`."""
        return {resource.RLIMIT_CORE: 0}  # a crash writes no gigabytes

    def prepare(self) -> None:
        """Before the command starts: clears what an attempt that was killed may have left."""

    def rows(self, events: list[Event]) -> None:
        """Rows for some events, inside the transaction that records them."""

    def before_end(self, last: Event) -> None:
        """Long writes in short transactions, before the one that ends the job."""

    def end(self, last: Event) -> None:
        """What came of it, inside the transaction that ends the job."""

    def scaled(self, event: Event) -> Event:
        """The command's progress as that of all the work."""
        left = event.get("eta_seconds")
        more = {"fraction": self.share * (event.get("fraction") or 0.0), "eta_seconds": None if left is None else left + self.rows_seconds}
        return event | more if self.share < 1 else event

    def counting(self) -> Told:
        """What `before_end` tells of index files and of rows: how many of how many are written; heard at most four times a second."""
        first: tuple[float, int, str] | None = None  # when so many were written: what came before is not of this stage
        sent = 0.0

        def tell(done: int, total: int, stage: str = ROWS) -> None:
            nonlocal first, sent
            now = time.monotonic()
            first = first if first is not None and first[2] == stage and first[1] <= done else (now, done, stage)
            if now - sent < EVENT_SECONDS:
                return
            sent, seconds, fresh = now, now - first[0], done - first[1]
            rate = fresh / seconds if fresh and seconds else None
            event = {"event": "progress", "stage": stage, "done": done, "total": total, "unit": "images", "rate": rate}
            left = None if rate is None or stage != ROWS else (total - done) / rate  # behind an index there is more
            written = done / max(1, total) if stage == ROWS else 0.0
            self.on_event(event | {"fraction": self.share + (1 - self.share) * written, "eta_seconds": left})

        return tell

    def clear(self) -> None:
        """After the attempt, however it ended: whatever of its own files nobody will need."""

    def make_room(self) -> None:
        """The disk is full: none of its own files is worth what it takes."""
        self.clear()

    def told(self, message: str) -> str:
        """The command's own sentence, in the terms of those who read it in a browser."""
        return message

    def command(self) -> list[str]:
        """The whole command, as a person could type it."""
        return [sys.executable, "-m", "classifier", *self.arguments(), "--json"]
