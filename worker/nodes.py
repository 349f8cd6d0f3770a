"""How a process reports that it lives, from a thread of its own."""

from __future__ import annotations

import logging
import os
import platform
import socket
import threading
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from webapp.jobs import actions
from webapp.jobs.clock import node_beat_seconds

logger = logging.getLogger(__name__)


def about(**facts: Any) -> dict[str, Any]:
    """What the queue page shows of this process."""
    return {
        "pid": os.getpid(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        **facts,
    }


class Reporter:
    """Beats until it is stopped; a database that is away is tried again at the next beat."""

    def __init__(self, name: str, role: str, slots: int = 1, **facts: Any) -> None:
        self.name, self.role, self.slots, self.facts = name, role, slots, facts
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, name="reporter", daemon=True)

    def start(self) -> Reporter:
        self.thread.start()
        return self

    def run(self) -> None:
        """Each beat closes its connection: a pool that forks meanwhile must inherit none that is in use."""
        while not self.over.is_set():
            self.beat()
            self.over.wait(node_beat_seconds())
        self.quietly(lambda: actions.leave(self.name))

    def beat(self) -> None:
        self.quietly(lambda: actions.beat(self.name, self.role, socket.gethostname(), self.slots, about(**self.facts)))

    def quietly(self, write: Any) -> None:
        """A report that cannot be written is no reason to stop working."""
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
