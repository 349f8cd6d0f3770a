"""The database's clock, the only one that decides about leases."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

NODE_BEAT_SECONDS = 5.0
BEATS_TO_MISS = 4


def later(seconds: float) -> Any:
    """The database's time in so many seconds, as an expression that SQLite and PostgreSQL both compute."""
    return Now() + datetime.timedelta(seconds=seconds)


def ago(seconds: float) -> Any:
    """The database's time so many seconds ago."""
    return Now() - datetime.timedelta(seconds=seconds)


def database_time() -> datetime.datetime:
    """What the database's clock shows, for figures that are shown; comparisons are left to the database."""
    question = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if connection.vendor == "sqlite" else "statement_timestamp()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {question}")
        (now,) = cursor.fetchone()
    return now if isinstance(now, datetime.datetime) else datetime.datetime.fromisoformat(f"{now}+00:00")


def node_beat_seconds() -> float:
    """How often a process reports itself."""
    return float(min(NODE_BEAT_SECONDS, settings.JOB_BEAT_SECONDS))


def node_alive_seconds() -> float:
    """After how long without a beat a process counts as gone."""
    return max(3.0, BEATS_TO_MISS * node_beat_seconds())
