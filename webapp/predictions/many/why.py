"""Why networks said what they said of a row of a classification, whose picture is here."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core.parts import is_opened
from webapp.datasets import packs
from webapp.evaluations.explain import asking
from webapp.evaluations.explain.halves import halves
from webapp.experiments.why_client import Picture
from webapp.predictions.many import reading
from webapp.predictions.many.views import done
from webapp.predictions.models import Classification
from webapp.predictions.why_views import shown, sides_of

NO_ROW = "This classification has no row {row}."
NO_PICTURE = "The picture of this row is not on this server any more, so there is nothing to explain."
NO_NETWORK = "{name}, which answered, was deleted, so it cannot be asked why. Classify the images with another network, and ask that one."


@require_GET
@allowed("classify")
async def row_why(request: Request, id: str, row: int) -> HttpResponse:
    """A part of the page: the picture of the row with what speaks for a class, for the network that answered and the one `beside` it.

    They are asked as they are now, which is how they answered unless they were trained on since.
    """
    if is_opened(request):
        return redirect("predictions:detail", id)
    try:
        asked = asking.asked_in(request.GET)
        picture, sides, names = await sync_to_async(looked_up)(request, id, row, asked)
    except InputError as error:
        return await sync_to_async(shown)(request, {"refused": error.message})
    answers = await asking.explained(picture, sides, asked)
    return await sync_to_async(shown)(request, halves(sides, answers, names, path=picture.name))


def looked_up(request: Request, id: str, row: int, asked: asking.Asked) -> tuple[Picture, list[asking.Side], dict[str, str]]:
    """What the worker is shown, which networks are asked, and the readable names of their labels."""
    found = [done(request, each) for each in (id, *([asked.beside] if asked.beside else []))]  # of what was asked beside it its network
    picture = picture_of(found[0], row)
    for each in found:
        if each.network_left:
            raise InputError(NO_NETWORK.format(name=each.network_name))
    return picture, *sides_of(request.actor, [each.network for each in found])


def picture_of(found: Classification, row: int) -> Picture:
    """As it is kept. Http404 for a row that there is not, InputError where its picture is gone."""
    answers = reading.opened(found)
    if row >= len(answers):
        raise Http404(NO_ROW.format(row=row))
    try:
        for answer in answers.answers([row]):
            return Picture(answer.file, packs.kept(found.answers / "pack", answer.image)[0])
    except (packs.Missing, OSError) as error:
        raise InputError(NO_PICTURE) from error
    raise InputError(NO_PICTURE)
