"""What the frame around every page needs: places with their counts, the device in use, the theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

THEMES = ("light", "dark")
THEME_COOKIE = "synset_theme"
DATES_COOKIE, FULL_DATES = "synset_dates", "full"
MOST_COUNTED = 1000  # of each place; above it stands "1,000+"


class Place(NamedTuple):
    """One entry of the side bar; `wide` ones move into the account menu on a phone."""

    key: str
    name: str
    path: str
    wide: bool = False


@dataclass(frozen=True)
class ShownPlace:
    """A place as the side bar shows it now."""

    name: str
    path: str
    icon: str
    wide: bool
    current: bool
    count: int
    more: bool = False  # than that


PLACES = (
    Place("home", "Home", "/"),
    Place("datasets", "Datasets", "/datasets/"),
    Place("experiments", "Experiments", "/experiments/"),
    Place("queue", "Queue", "/queue/"),
    Place("classify", "Classify", "/classify/"),
    Place("models", "Models", "/models/", wide=True),
    Place("reports", "Reports", "/reports/", wide=True),
)


class Rights:
    """For templates: `can.dataset_edit` is whether the actor may "dataset.edit"; nobody may anything."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor

    def __getitem__(self, verb: str) -> bool:
        return bool(self.actor and self.actor.can(verb.replace("_", ".")))


# The apps fill these in their apps.py: core knows none of them.
COUNTS: dict[str, Callable[[Any], QuerySet[Any]]] = {}  # place → team → its rows
DEVICE: list[Callable[[], dict[str, Any] | None]] = []


def count_of(place: str, rows: Callable[[Any], QuerySet[Any]]) -> None:
    """Registers the rows whose number stands beside a place; they need an index on the team."""
    COUNTS[place] = rows


def device_from(read: Callable[[], dict[str, Any] | None]) -> None:
    """Registers who tells {"name", "busy", "load", "title"} of the device in use."""
    DEVICE[:] = [read]


def frame(request: HttpRequest) -> dict[str, Any]:
    """The actor, theme, how dates are written and, read only by pages that draw the side bar, its places and device."""
    actor = getattr(request, "actor", None)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "actor": actor,
        "can": Rights(actor),
        "theme": theme if theme in THEMES else "",
        "full_dates": full_dates(request),
        "places": SimpleLazyObject(partial(shown_places, request.path, actor)),
        "device": SimpleLazyObject(device),
    }


def full_dates(request: HttpRequest | None) -> bool:
    """Whether this browser wants every date in full, not as "3 min ago"."""
    return request is not None and request.COOKIES.get(DATES_COOKIE) == FULL_DATES


def shown_places(path: str, actor: Any) -> list[ShownPlace]:
    """The places with their counts, the current one marked."""
    counts = count_rows(actor.team) if actor else {}
    return [shown(place, path, counts.get(place.key, 0)) for place in PLACES]


def shown(place: Place, path: str, count: int) -> ShownPlace:
    """One place as it stands while the page at `path` is open."""
    more = count > MOST_COUNTED
    return ShownPlace(place.name, place.path, place.key, place.wide, is_current(place, path), min(count, MOST_COUNTED), more)


def is_current(place: Place, path: str) -> bool:
    """Whether the page at `path` lies in this place."""
    return path == place.path if place.path == "/" else path.startswith(place.path)


def count_rows(team: Any) -> dict[str, int]:
    """Every place's count, of those that have any, up to MOST_COUNTED + 1: a page must not count ten thousand rows."""
    counts = {key: rows(team).order_by().values("pk")[: MOST_COUNTED + 1].count() for key, rows in COUNTS.items()}
    return {key: count for key, count in counts.items() if count}


def device() -> dict[str, Any] | None:
    """The device in use, or None while no worker reports one."""
    return DEVICE[0]() if DEVICE else None
