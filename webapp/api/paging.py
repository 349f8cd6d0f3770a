"""Lists by key: newest first, an opaque cursor to go on with, no counting."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field

from webapp.api.errors import FieldErrors
from webapp.core.ids import ALPHABET, LENGTH
from webapp.core.models import Owned

Row = TypeVar("Row", bound=Owned)
MOST = 200
MOST_DIGITS, MOST_PLACE_DIGITS = 10, 19
BAD_CURSOR = "is no cursor of this list; take it from `next` of the answer before, or leave it out"


class Page(Schema):
    """How much of a list, from where."""

    limit: int = Field(50, ge=1, le=MOST, description="How many items at most.")
    cursor: str | None = Field(None, max_length=100, description="`next` of the answer before; without it, the newest.")


def cursor_after(row: Owned) -> str:
    """The cursor that goes on behind that row."""
    return base64.urlsafe_b64encode(row.id.encode()).decode().rstrip("=")


def cursor_behind(number: int) -> str:
    """The same, of a list whose rows have numbers in place of ids."""
    return base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def number_in(cursor: str) -> int:
    """The number in a cursor; FieldErrors for anything that this API did not give out."""
    text = text_in(cursor)
    if not text.isdecimal() or len(text) > MOST_DIGITS or int(text) >= 2**31:
        raise FieldErrors({"cursor": BAD_CURSOR})
    return int(text)


def place_in(cursor: str) -> int:
    """The same of a list whose rows the database numbers, past any number of 32 bits."""
    text = text_in(cursor)
    if not text.isdecimal() or len(text) > MOST_PLACE_DIGITS or int(text) >= 2**63:
        raise FieldErrors({"cursor": BAD_CURSOR})
    return int(text)


def text_in(cursor: str) -> str:
    """What a cursor hides."""
    try:
        return base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
    except (UnicodeError, binascii.Error):
        raise FieldErrors({"cursor": BAD_CURSOR}) from None


def id_in(cursor: str) -> str:
    """The id in a cursor; FieldErrors for anything that this API did not give out."""
    text = text_in(cursor)
    if len(text) != LENGTH or not set(text) <= set(ALPHABET):
        raise FieldErrors({"cursor": BAD_CURSOR})
    return text


def page_of(rows: QuerySet[Row], page: Page) -> tuple[list[Row], str | None]:
    """The rows of that page, and the next one's cursor or None at the end."""
    if page.cursor:
        rows = rows.filter(id__lt=id_in(page.cursor))
    found = list(rows.order_by("-id")[: page.limit + 1])
    return found[: page.limit], cursor_after(found[page.limit - 1]) if len(found) > page.limit else None


def numbered_page(rows: QuerySet[Any], page: Page) -> tuple[list[Any], str | None]:
    """The same, of rows that are told by their `number`."""
    if page.cursor:
        rows = rows.filter(number__lt=number_in(page.cursor))
    found = list(rows.order_by("-number")[: page.limit + 1])
    return found[: page.limit], cursor_behind(found[page.limit - 1].number) if len(found) > page.limit else None
