"""The trash: how long what was deleted waits there, and the two moves, each of which says whether it won."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from webapp.core.models import Trashable


def term() -> timedelta:
    """How long a thing waits before it is removed for good (SYNSET_TRASH_DAYS)."""
    return timedelta(days=max(0, settings.TRASH_DAYS))


def until(trashed_at: datetime) -> datetime:
    """Until when what went there then can be restored."""
    return trashed_at + term()


def lay(thing: Trashable, user: Any, now: datetime) -> bool:
    """Into the trash; False where it lies there already."""
    rows = type(thing).everything.filter(pk=thing.pk, trashed_at__isnull=True)
    thing.trashed_at, thing.trashed_by = now, user
    return rows.update(trashed_at=now, trashed_by=user) == 1


def take(thing: Trashable) -> bool:
    """Out of the trash; False where it does not lie there any more."""
    rows = type(thing).everything.filter(pk=thing.pk, trashed_at__isnull=False)
    thing.trashed_at = thing.trashed_by = None
    return rows.update(trashed_at=None, trashed_by=None) == 1
