"""Why a network, or two of them, said what they said of a picture that was dropped on the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor, Request
from webapp.accounts.permissions import allowed
from webapp.evaluations.explain import asking
from webapp.evaluations.explain.halves import halves
from webapp.experiments.why_client import Picture
from webapp.predictions import actions, networks

CHECKPOINT = "best"  # what classifies
ONE = "Expected one image, {count:,} came. Send the one that is to be explained."


@require_POST
@allowed("classify")
async def why(request: Request) -> HttpResponse:
    """A part of the page: the picture with what speaks for the class, for each of the networks."""
    try:
        asked = asking.asked_in(request.POST)
        wanted = [request.POST.get("experiment", ""), *([asked.beside] if asked.beside else [])]
        sides, names = await sync_to_async(sides_of)(request.actor, wanted)
        picture = await sync_to_async(picture_of)(request)
    except InputError as error:
        return await sync_to_async(shown)(request, {"refused": error.message})
    answers = await asking.explained(picture, sides, asked)
    return await sync_to_async(shown)(request, halves(sides, answers, names, path=picture.name))


def sides_of(actor: Actor, wanted: Iterable[str]) -> tuple[list[asking.Side], dict[str, str]]:
    """The networks of those values, and the readable names of their labels. InputError where one has learnt nothing yet."""
    sides, names = list[asking.Side](), dict[str, str]()
    for value in wanted:
        network = networks.chosen(actor, value)
        if network is None:
            raise InputError(networks.missing(value))
        sides.append(asking.Side(network.name, network.model, network.source, CHECKPOINT, "the one that classifies"))
        names = network.names | names
    return sides, names


def picture_of(request: Request) -> Picture:
    """What was sent."""
    images = request.FILES.getlist("image")
    if len(images) != 1:
        raise InputError(ONE.format(count=len(images)))
    if actions.is_too_big(images[0]):
        raise InputError(actions.too_big(images[0])["error"])
    return Picture(images[0].name or "image", images[0].read())


def shown(request: Request, context: dict[str, Any]) -> HttpResponse:
    """The part."""
    return render(request, "evaluations/explain/_shown.html", context)


@require_GET
@allowed("classify")
def classes(request: Request) -> JsonResponse:
    """The classes that a network tells apart, to choose the one that is explained."""
    return JsonResponse({"classes": networks.classes(request.actor, request.GET.get("experiment", ""))})
