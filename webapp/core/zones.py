"""The reader's time zone: the browser keeps its name in a cookie, so that the first paint is right."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest

ZONE_COOKIE = "synset_zone"


def zone_of(request: HttpRequest | None) -> tzinfo:
    """The zone of the reader's browser, or UTC while it has not told."""
    name = request.COOKIES.get(ZONE_COOKIE, "") if request is not None else ""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the cookie is the user's to write
        return UTC
