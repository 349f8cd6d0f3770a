"""The page that many pictures are sent from."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.returning import wants_json
from webapp.datasets.uploads import begin
from webapp.datasets.views.upload import with_room
from webapp.predictions.many import asking
from webapp.predictions.many.arriving import NAME
from webapp.predictions.many.choosing import choices

IN_TRASH = "{name} lies in the trash. Restore it there, or send the images by this new form to classify them once more."
SEVERAL = "must be one zip or tar; {} came. Where scripts run, folders and single images can be sent too"


@require_safe
@allowed("experiment.create")
def many_page(request: Request) -> HttpResponse:
    """The form for many pictures."""
    return render(request, "predictions/many.html", form_context(request))


def full(request: Request, words: str) -> HttpResponse:
    """The disk has no room for what was sent."""
    return wrong(request, {"archive": words}, HTTPStatus.INSUFFICIENT_STORAGE)


@require_POST
@allowed("experiment.create")
@partial(with_room, full=full)
def many_send(request: Request) -> HttpResponse:
    """One archive by a plain form; scripts send theirs in parts (webapp.datasets.uploads). What is wrong is said at its field."""
    archives = request.FILES.getlist("archive")
    try:
        if len(archives) != 1:
            raise ConfigError({"archive": SEVERAL.format(len(archives) or "none")})
        archive, network = archives[0], request.POST.get("network", "")
        key = kept_key(request.POST.get(FIELD, ""), archive.name, archive.size, network)
        made = asking.begin(request.actor, archive, archive.name or "", network, key=key)
    except ConfigError as error:
        return wrong(request, error.fields, HTTPStatus.UNPROCESSABLE_ENTITY)
    except InputError as error:
        return wrong(request, {"network": error.message}, HTTPStatus.CONFLICT)
    if made.trashed_at:
        messages.error(request, IN_TRASH.format(name=made.name))
        return redirect("predictions:many")
    return redirect("predictions:detail", made.pk)


def wrong(request: Request, fields: dict[str, str], status: HTTPStatus) -> HttpResponse:
    """Each wrong field with its sentence: as JSON, or as the form once more."""
    if wants_json(request):
        return JsonResponse({"error": {"message": next(iter(fields.values())), "fields": fields}}, status=status)
    return render(request, "predictions/many.html", form_context(request) | {"wrong": fields}, status=status)


def form_context(request: Request) -> dict[str, Any]:
    """The networks, the one that is chosen, and uploads that can be gone on with."""
    unfinished = begin.to_become(request.actor.team, NAME)
    return choices(request, request.POST.get("network") or request.GET.get("network", "")) | {"unfinished": unfinished, "becomes": NAME}
