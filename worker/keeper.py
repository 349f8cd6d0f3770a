"""The keeper: ends attempts whose lease is over, and pokes for jobs whose message was lost.

    python -m worker.keeper

SIGTERM and SIGINT end it at once.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
import django

from classifier.spec.loading import loading

with loading():
    django.setup()

    from django.conf import settings
    from django.db import DatabaseError, InterfaceError, connection

    from webapp.core import schema
    from webapp.datasets import leftovers
    from webapp.evaluations import leftovers as found_leftovers
    from webapp.experiments import leftovers as run_leftovers
    from webapp.jobs import actions, queue
    from webapp.jobs.clock import database_time
    from webapp.jobs.models import Node
    from webapp.ops import purging
    from webapp.ops.trash import purge_over_term
    from webapp.predictions import leftovers as classified_leftovers
    from worker.claim import now
    from worker.nodes import Reporter

logger = logging.getLogger(__name__)
TICK_SECONDS = 0.5
FORGET_SECONDS = 3600.0
SWEEP_SECONDS = 3600.0
TERM_SECONDS = 3600.0
PURGE_SECONDS = 2.0
PATIENT_SECONDS = 30.0  # with a Redis that hangs; meanwhile the dispatcher is named as the one that does


class Grace:
    """When reaping is fair: not until the workers had a lease's time to renew since we could last see them do it.

    So an outage of everything, or of the database alone, reaps nothing in a mass when it is over, nor does a clock that is set: the
    one that all leases are measured by, which on SQLite is this machine's.
    """

    def __init__(self, lease: float, gap: float) -> None:
        self.lease, self.gap = lease, gap
        self.fair_at = now() + lease
        self.seen_at = now()
        self.ahead: float | None = None  # seconds that the database's clock shows more than `now`

    def compare(self, shown: float) -> None:
        """Notes what the database's clock shows; where it was set since the last round, the grace begins anew."""
        ahead = shown - now()
        if self.ahead is not None and abs(ahead - self.ahead) > self.gap:
            logger.warning("The database's clock was set by %.0f s; no job is reaped for %.0f s", ahead - self.ahead, self.lease)
            self.fair_at = now() + self.lease
        self.ahead = ahead

    def is_over(self) -> bool:
        """Asked at each successful round; a gap between two rounds begins the grace anew."""
        at = now()
        if at - self.seen_at > self.gap:
            logger.warning("Nothing could be watched for %.0f s; no job is reaped for %.0f s", at - self.seen_at, self.lease)
            self.fair_at = at + self.lease
        self.seen_at = at
        return at >= self.fair_at


class Keeper:
    """The rounds, each at its own pace.

    Reaping has a thread to itself. A dispatcher that hangs in Redis, or a large folder that is being removed, would else hold it up,
    and look to the grace as if nothing could be watched meanwhile: with a Redis that hangs for good no job was ever reaped.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        reap = float(settings.JOB_REAP_SECONDS)
        self.grace = Grace(settings.JOB_LEASE_SECONDS, max(3 * reap, settings.JOB_LEASE_SECONDS / 2))
        self.paces: dict[Callable[[], object], float] = {
            self.reap: reap,
            self.dispatch: float(settings.JOB_DISPATCH_SECONDS),
            actions.forget_nodes: FORGET_SECONDS,
            leftovers.sweep: SWEEP_SECONDS,
            run_leftovers.sweep: SWEEP_SECONDS,
            found_leftovers.sweep: SWEEP_SECONDS,
            classified_leftovers.sweep: SWEEP_SECONDS,
            purge_over_term: TERM_SECONDS,
            self.purge: PURGE_SECONDS,
        }
        self.due = dict.fromkeys(self.paces, 0.0)
        self.succeeded: dict[str, str] = {}  # when reaping and dispatching last went through, by the database's clock
        self.lost = 0  # attempts that this keeper ended

    def run(self) -> None:
        """Until it is stopped; a database that is away is waited for."""
        threading.Thread(target=self.rounds, args=(self.reap,), name="reaper", daemon=True).start()
        self.rounds(*(work for work in self.paces if work != self.reap))

    def rounds(self, *works: Callable[[], object]) -> None:
        """One thread's."""
        while not self.stop.wait(TICK_SECONDS):
            self.round(*works)
        connection.close()

    def round(self, *works: Callable[[], object]) -> None:
        """Whatever of them (of all, where none is named) is due, each by itself: one that fails must not stop the others."""
        for work in works or self.paces:
            if now() >= self.due[work]:
                self.due[work] = now() + self.paces[work]
                self.carefully(work)

    def carefully(self, work: Callable[[], object]) -> None:
        """Does it, unless our code does not fit the database's tables; what goes wrong is logged and tried again when it is due."""
        try:
            if not schema.mismatch():
                work()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The keeper waits for the database: %s", error)
            connection.close()
        except Exception:
            logger.exception("A duty of the keeper failed; it is tried again")

    def about(self) -> dict[str, Any]:
        """What the queue page and readyz are told beside the beat, which goes on while a duty hangs."""
        return {**self.succeeded, "lost": self.lost}

    def note(self, duty: str) -> None:
        """That it went through."""
        self.succeeded[duty] = database_time().isoformat()

    def reap(self) -> None:
        """Ends expired attempts and lets a worker know of each."""
        Node.objects.exists()  # raises while the database is away, before the grace believes that we could see
        self.grace.compare(database_time().timestamp())
        for job_id in actions.reap() if self.grace.is_over() else ():
            logger.warning("Job %s lost its worker", job_id)
            self.lost += 1
            self.due[self.dispatch] = 0.0
        self.note("reaped_at")

    def purge(self) -> None:
        """A little of what was given up for good, again at once while there is more; jobs are kept between."""
        if purging.carry_on():
            self.due[self.purge] = 0.0

    def dispatch(self) -> None:
        poked = actions.dispatch()
        if poked:
            logger.debug("Poked for %s", poked)
        self.note("dispatched_at")


def main() -> None:
    """Runs until a signal."""
    schema.of_code()  # as it is now, before an update changes the files
    queue.Patience.seconds = PATIENT_SECONDS
    keeper = Keeper()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        keeper.stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    reporter = Reporter(f"keeper@{socket.gethostname()}", "keeper", tell=keeper.about).start()
    keeper.run()
    reporter.stop()


if __name__ == "__main__":
    main()
