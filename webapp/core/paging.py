"""Long lists: sorted by a few allowed columns, read by key, never by offset, never counted."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar, cast

from django.db.models import Model, Q, QuerySet

from webapp.core.ids import is_id
from webapp.core.texts import SURROGATE

Row = TypeVar("Row", bound=Model)
SEARCH_LENGTH = 100


def is_text(key: Any) -> bool:
    """Whether it is text that the database takes."""
    return isinstance(key, str) and "\0" not in key and not SURROGATE.search(key)


def is_share(key: Any) -> bool:
    """Whether it is an accuracy, or −1 where none is known; neither NaN nor a number too large for a float."""
    return isinstance(key, int | float) and -1 <= key <= 1


class Sort(NamedTuple):
    """An order that may be asked for."""

    title: str
    key: Any
    falling: bool
    takes: Callable[[Any], bool]  # whether a cursor's key is one of this order


def chosen(sorts: Mapping[str, Sort], name: str) -> Sort:
    """The order of that name; the first one for any other."""
    return sorts.get(name) or next(iter(sorts.values()))


def searched(text: str) -> str:
    """What was typed into a search field, as the database takes it."""
    return SURROGATE.sub("", text[:SEARCH_LENGTH].replace("\0", "")).strip()


def encode(key: Any, id: str) -> str:
    """An opaque place in a list."""
    return base64.urlsafe_b64encode(json.dumps([key, id]).encode()).decode()


def decode(cursor: str, sort: Sort) -> tuple[Any, str] | None:
    """The place, or nothing for what this list did not give out in this order."""
    try:
        key, id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii", "replace")))
    except (ValueError, binascii.Error, TypeError, RecursionError):
        return None
    return (key, id) if sort.takes(key) and isinstance(id, str) and is_id(id) else None


def ordered(rows: QuerySet[Row], sort: Sort, cursor: str) -> QuerySet[Row]:
    """The rows after the cursor, in that order; each with its `key`."""
    keyed = cast(QuerySet[Row], rows.annotate(key=sort.key))
    if place := decode(cursor, sort):
        beyond = "key__lt" if sort.falling else "key__gt"
        keyed = keyed.filter(Q(**{beyond: place[0]}) | Q(key=place[0], id__lt=place[1]))
    return keyed.order_by("-key" if sort.falling else "key", "-id")


def page_of(rows: QuerySet[Row], sort: Sort, cursor: str, size: int) -> tuple[list[Row], str]:
    """Some rows, and the cursor behind them; empty at the end.

    The database orders keys and ids alone, and then reads the few rows: whole ones are wide, and to sort them takes long.
    """
    found = list(ordered(rows, sort, cursor).values_list("pk", "key")[: size + 1])
    shown = found[:size]
    whole = rows.in_bulk([pk for pk, _ in shown])
    following = encode(shown[-1][1], shown[-1][0]) if len(found) > size else ""
    return [whole[pk] for pk, _ in shown if pk in whole], following
