"""What every kind of job offers to the loop that runs it."""

from __future__ import annotations

import resource
import sys
from abc import ABC, abstractmethod
from pathlib import Path

from classifier.spec.events import Event
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job


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
