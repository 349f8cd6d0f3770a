"""The page of what is not there; to a member of the team that has it, it says which of their teams that is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from webapp.accounts.actor import Actor
from webapp.accounts.models import Membership
from webapp.accounts.permissions import Missing

NO_PICTURE = "There is no such image here: it was erased, lies in the trash, belongs to another team, or never was."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. A link that a colleague sent may lead into another team than the one that the reader works in just now; in the place of a
    picture nobody sees a page, and a gallery asks for sixty of them."""
    if request.headers.get("Accept", "").startswith("image/"):  # as browsers ask for pictures, and for nothing else
        return HttpResponse(NO_PICTURE, content_type="text/plain; charset=utf-8", status=404)
    actor: Actor | None = getattr(request, "actor", None)
    place = place_of(actor, exception) if actor and request.method == "GET" and isinstance(exception, Missing) else None
    return render(request, "404.html", {"place": place, "here": request.get_full_path()}, status=404)


def place_of(actor: Actor, missing: Missing) -> Membership | None:
    """The person's place in the team, of all theirs, that has the thing outside its trash."""
    places = {place.team_id: place for place in actor.places()}
    found: Any = missing.model._default_manager.filter(pk=missing.id, team__in=places).first()
    return None if found is None or getattr(found, "in_trash", False) else places[found.team_id]
