"""Keeping a claim: the lease is renewed, a cancel is heard, and the work ends before the lease does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from webapp.jobs import actions
from webapp.jobs.actions import Asked, Claim, LostClaim

logger = logging.getLogger(__name__)
DATABASE_AWAY = (OperationalError, InterfaceError)
LOOK_SECONDS = 1.0  # a cancel acts within about this
WATCH_SECONDS = 0.2
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps


def now() -> float:
    """Seconds of a clock that nobody sets."""
    return time.clock_gettime(CLOCK)


class Hold:
    """A claim in two threads: one renews and looks for a cancel, one watches that the lease is not over.

    `claimed_at` is when the claim was asked for, by `now`: a lease may run out before anything here has begun. The two
    are apart because a database that hangs would hold up a watch in the same thread. Without a renewal in time
    `on_lost` is called before the lease ends, so that nobody else can hold the job while we still work on it.
    """

    def __init__(self, claim: Claim, on_lost: Callable[[], None], *, claimed_at: float) -> None:
        self.claim, self.on_lost = claim, on_lost
        self.lease: float = settings.JOB_LEASE_SECONDS
        self.good_until = claimed_at + self.lease * 0.9
        self.asked = Asked()
        self.lost = False
        self.over = threading.Event()
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.beat, self.watch)]

    def __enter__(self) -> Hold:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.over.set()
        self.threads[1].join()
        self.threads[0].join(timeout=1.0)  # it may hang in the database; it ends by itself

    def beat(self) -> None:
        """Renews at each beat and looks in between, until the job is over or lost."""
        due = 0.0
        while not self.over.is_set():
            try:
                due = self.renew_or_look(due)
            except LostClaim:
                self.lose("it was given to another worker, or ended")
            except DATABASE_AWAY as error:
                logger.warning("The lease of job %s could not be renewed yet: %s", self.claim.job_id, error)
                connection.close()
            self.over.wait(min(LOOK_SECONDS, settings.JOB_BEAT_SECONDS))
        connection.close()

    def renew_or_look(self, due: float) -> float:
        """One turn; gives when the next renewal is due."""
        began = now()
        if began < due:
            self.asked = actions.look(self.claim)
            return due
        self.asked = actions.renew(self.claim)
        self.good_until = began + self.lease * 0.9
        return began + float(settings.JOB_BEAT_SECONDS)

    def watch(self) -> None:
        """Gives the job up before its lease ends."""
        while not self.over.wait(WATCH_SECONDS):
            if now() > self.good_until:
                self.lose("its lease could not be renewed in time")

    def lose(self, why: str) -> None:
        """Stops the work; what the child still tells is written nowhere."""
        if not self.over.is_set():
            logger.error("Job %s is given up: %s", self.claim.job_id, why)
            self.lost = True
            self.over.set()
            self.on_lost()
