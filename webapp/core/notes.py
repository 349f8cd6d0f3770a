"""Writes that nobody waits for: when a token or a session was last used, that a shared page was opened.

SQLite has one lock for whatever is written. Who only reads would wait half a minute for the line that says so, while an import or a
copy of the database holds it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

logger = logging.getLogger(__name__)
WAIT_MILLISECONDS = 100  # for another's lock
AGAIN_SECONDS = 0.5  # between two tries of what was put off
MOST_PUT_OFF = 10_000
Write = Callable[[], object]


def note(write: Write) -> bool:
    """Does the write, or leaves it for the next time where another process holds its lock; whether it was done."""
    if connection.in_atomic_block:  # on SQLite its lock is ours; on PostgreSQL a refusal would end the caller's transaction
        write()
        return True
    try:
        with impatient():
            write()
    except OperationalError as error:
        logger.info("Left for the next time: %s", error)
        return False
    return True


def note_surely(write: Write) -> None:
    """As `note`, of what no next time makes good, such as a count: put off, it is done as soon as the lock is free."""
    if not note(write):
        LATER.add(write)


class Later:
    """Does what was put off, one after the other, in a thread that ends when nothing is left. What it still has ends with the process."""

    def __init__(self) -> None:
        self.waiting: deque[Write] = deque(maxlen=MOST_PUT_OFF)
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def add(self, write: Write) -> None:
        with self.lock:
            self.waiting.append(write)
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, name="notes", daemon=True)
                self.thread.start()

    def run(self) -> None:
        try:
            while write := self.first():
                self.patiently(write)
        finally:
            connection.close()

    def first(self) -> Write | None:
        with self.lock:
            if self.waiting:
                return self.waiting.popleft()
            self.thread = None
            return None

    def patiently(self, write: Write) -> None:
        """Until the database takes it."""
        while True:
            try:
                write()
                return
            except (OperationalError, InterfaceError) as error:
                logger.info("Put off further: %s", error)
                connection.close()
                time.sleep(AGAIN_SECONDS)
            except DatabaseError:
                logger.exception("A note that was put off cannot be written")
                return


LATER = Later()


@contextmanager
def impatient() -> Iterator[None]:
    """A write inside waits no longer than that for a lock; OperationalError then."""
    if connection.vendor != "sqlite":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MILLISECONDS}")
            yield
        return
    with connection.cursor() as cursor:
        (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_MILLISECONDS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
