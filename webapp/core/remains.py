"""What a database keeps of rows that were changed: on SQLite the pages before the change stand in its write-ahead log."""

from __future__ import annotations

import logging
import time

from django.db import OperationalError, connection

from webapp.core.notes import impatient

logger = logging.getLogger(__name__)
TRIES, AGAIN_SECONDS = 20, 0.5


def settle() -> bool:
    """Writes the log into the database and empties it; whether that was done. Freed places are overwritten as rows are changed
    (`secure_delete`). PostgreSQL's old rows go with its own vacuum.

    Outside of any transaction. While others read, it tries again for some seconds: a try that waited for them itself would keep everybody
    from writing all the while, workers' heartbeats too.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    for _ in range(TRIES):
        try:
            with impatient(), connection.cursor() as cursor:
                busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except OperationalError:  # somebody writes for longer than one waits
            busy = 1
        if not busy:
            return True
        time.sleep(AGAIN_SECONDS)
    logger.warning("The database's log could not be emptied: others read all the while. It will be by itself when nobody does.")
    return False
