"""The trash: how long what was deleted waits there, and the moves, each of which says whether it won."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from classifier.spec.errors import InputError
from webapp.core.models import Trashable

SLICE = 1000  # rows a transaction: on SQLite everybody who writes waits for its end


class Purge(NamedTuple):
    """What was given up for good, and why each of the others was not."""

    going: list[Any]
    held: dict[str, InputError]


def term() -> timedelta:
    """How long a thing waits before it is removed for good (SYNSET_TRASH_DAYS)."""
    return timedelta(days=max(0, settings.TRASH_DAYS))


def until(trashed_at: datetime) -> datetime:
    """Until when what went there then can be restored."""
    return trashed_at + term()


def lying(model: type[Trashable]) -> QuerySet[Any]:
    """What lies there and can be restored."""
    return model.everything.filter(trashed_at__isnull=False, purging_at__isnull=True)


def given_up(model: type[Trashable]) -> QuerySet[Any]:
    """What is being removed for good, the oldest first."""
    return model.everything.filter(purging_at__isnull=False).order_by("purging_at", "id")


def lay(thing: Trashable, user: Any, now: datetime) -> bool:
    """Into the trash; False where it lies there already."""
    rows = type(thing).everything.filter(pk=thing.pk, trashed_at__isnull=True)
    thing.trashed_at, thing.trashed_by = now, user
    return rows.update(trashed_at=now, trashed_by=user) == 1


def take(thing: Trashable) -> bool:
    """Out of the trash; False where it does not lie there any more."""
    rows = lying(type(thing)).filter(pk=thing.pk)
    thing.trashed_at = thing.trashed_by = None
    return rows.update(trashed_at=None, trashed_by=None) == 1


def held(model: type[Trashable], ids: Iterable[str], now: datetime, *, over_term: bool) -> list[Any]:
    """Those of the ids that lie there, or only those whose term is over; nobody else moves them before this transaction ends."""
    rows = lying(model).select_for_update().filter(pk__in=list(ids))
    return list((rows.filter(trashed_at__lte=now - term()) if over_term else rows).order_by("pk"))


def give_up(model: type[Trashable], things: Iterable[Any], now: datetime) -> None:
    """There is no way back for these, which the caller holds."""
    model.everything.filter(pk__in=[thing.pk for thing in things]).update(purging_at=now)


def delete_some(rows: QuerySet[Any], *order: str) -> int:
    """Deletes up to SLICE rows that nothing points to, in a transaction of their own; how many. `order` is that of an index."""
    with transaction.atomic():
        ids = list(rows.order_by(*order).values_list("pk", flat=True)[:SLICE])
        rows.model._base_manager.filter(pk__in=ids).delete()
    return len(ids)
