"""How a process reports that it lives, from a thread of its own."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from webapp.core import schema
from webapp.jobs import actions
from webapp.jobs.clock import node_beat_seconds
from worker.gpus import Gpus
from worker.host import Host, versions

logger = logging.getLogger(__name__)
ON_GPUS = ("device", "interactive")  # roles that use them; the others need not hold the driver open


# Held by whoever uses the database in a process that forks, and by the fork. A pool process that were made in the middle of a beat
# would inherit SQLite's own locks as they are then, and wait for ever for one that nobody gives back: alive, and without a job.
NOT_FORKING = threading.RLock()
os.register_at_fork(before=NOT_FORKING.acquire, after_in_parent=NOT_FORKING.release, after_in_child=NOT_FORKING.release)


class Reporter:
    """Beats until it is stopped; a database that is away is tried again at the next beat.

    `tell` gives what changes from beat to beat, `facts` stay. A process whose code does not fit the database's tables
    reports why it refuses, and no slots: so nobody counts on it.
    """

    def __init__(self, name: str, role: str, slots: int = 1, tell: Callable[[], dict[str, Any]] = dict, **facts: Any) -> None:
        self.name, self.role, self.slots, self.tell = name, role, slots, tell
        self.facts = {"pid": os.getpid(), "versions": versions(), **facts}
        self.host, self.gpus = Host(settings.SYNSET_HOME), Gpus() if role in ON_GPUS else None
        self.started, self.refuses = time.monotonic(), ""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, name="reporter", daemon=True)

    def start(self) -> Reporter:
        self.thread.start()
        return self

    def run(self) -> None:
        """Each beat closes its connection: a pool that forks between two of them inherits none."""
        while not self.over.is_set():
            self.beat()
            self.over.wait(node_beat_seconds())
        self.quietly(lambda: actions.leave(self.name))

    def beat(self) -> None:
        self.quietly(self.report)

    def report(self) -> None:
        """One beat."""
        self.look()
        about = self.about()
        slots = 0 if self.refuses else max(0, self.slots - len(about.get("lost_devices", ())))
        actions.beat(self.name, self.role, socket.gethostname(), slots, about)

    def look(self) -> None:
        """Whether we fit the database's tables; a change is logged once."""
        differs = schema.mismatch()
        refuses = f"its {differs}" if differs else ""
        if refuses != self.refuses:
            logger.error("%s %s", self.name, f"refuses to work: {refuses}" if refuses else "works again")
        self.refuses = refuses

    def about(self) -> dict[str, Any]:
        """What the queue page shows of this process and its host."""
        told = {**self.facts, "up_seconds": round(time.monotonic() - self.started), **self.host.figures(), **self.tell()}
        return told | (self.gpus.figures() if self.gpus else {}) | ({"refuses": self.refuses} if self.refuses else {})

    def quietly(self, write: Callable[[], object]) -> None:
        """A report that cannot be written is no reason to stop working. Nothing is forked meanwhile."""
        with NOT_FORKING:
            try:
                write()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("%s could not report itself: %s", self.name, error)
            finally:
                connection.close()

    def stop(self) -> None:
        """Leaves in good order."""
        self.over.set()
        self.thread.join(timeout=5.0)
