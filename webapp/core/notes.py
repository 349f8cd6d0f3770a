"""Writes that nobody waits for: when a token or a session was last used.

SQLite has one lock for whatever is written. Who only reads would wait half a minute for the line that says so, while an import or a
copy of the database holds it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

logger = logging.getLogger(__name__)
WAIT_MILLISECONDS = 100  # for another's lock


def note(write: Callable[[], object]) -> None:
    """Does the write, or leaves it for the next time where another process holds its lock."""
    if connection.in_atomic_block:  # on SQLite its lock is ours; on PostgreSQL a refusal would end the caller's transaction
        write()
        return
    try:
        with impatient():
            write()
    except OperationalError as error:
        logger.info("Left for the next time: %s", error)


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
