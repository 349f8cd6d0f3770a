"""The page of a matrix, what its script draws, what it says of a part of it, and the whole as a table."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.core.pieces import InPieces
from webapp.datasets import packs
from webapp.datasets.models import DatasetVersion
from webapp.datasets.views import looking
from webapp.evaluations.images import words
from webapp.evaluations.images.listing import Unscored, listing
from webapp.evaluations.images.showing import Told, tiles
from webapp.evaluations.images.views import about, bar_of_draft
from webapp.evaluations.images.wanted import Wanted, wanted_of
from webapp.evaluations.matrix import showing
from webapp.evaluations.matrix.cells import Cells, cells_of
from webapp.evaluations.matrix.orders import Matrix, matrix_of
from webapp.evaluations.models import HEAVY, Evaluation

STRIP = 6  # images of a part that the page shows beside the matrix


@require_safe
@allowed("report.read")
def matrix(request: Request, id: str) -> HttpResponse:
    """The page; the matrix itself comes by `matrix_data`."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    if evaluation.result is None:
        return redirect("evaluations:detail", id)
    told, made = read(evaluation)
    shown = about(evaluation) | {
        "pairs": showing.pairs(told, made),
        "summary": showing.summary(made),
        "classes": list(enumerate(made.names)),
    }
    shown |= {"size": len(made.names), "room": showing.room(len(made.names)), "mistakes": int(made.counts.sum() - made.counts.trace())}
    shown |= {"first": first_part(request, told, bool(shown["mistakes"]))}
    return render(request, "evaluations/matrix.html", shown | bar_of_draft(request, evaluation))


def first_part(request: Request, told: Told, mistaken: bool) -> dict[str, Any]:
    """What stands beside the matrix as the page opens, so that nothing moves as it comes: the part of its address, or the mistakes, or
    all images where there is none. `fields`: as the script would ask for it."""
    named = [(name, value) for name in ("true", "said") if (value := request.GET.get(name)) is not None]
    fields = QueryDict(urlencode(named or ({"right": 0} if mistaken else {})))
    try:
        return part_of_matrix(request, told, fields) | {"fields": fields.urlencode(), "is_named": bool(named)}
    except Http404:  # its images are not on this server: the script asks, and says so
        return {}


def read(evaluation: Evaluation) -> tuple[Told, Matrix]:
    """The evaluation with its matrix. Http404 before it is done."""
    told = told_of(evaluation)
    return told, matrix_of(evaluation, told.names)


def told_of(evaluation: Evaluation) -> Told:
    """Http404 before it is done."""
    if evaluation.result is None:
        raise Http404("This evaluation is not done yet.")
    return Told(evaluation)


@require_safe
@allowed("report.read")
def matrix_data(request: Request, id: str) -> JsonResponse:
    """What is drawn."""
    told, made = read(get_for(request.actor, Evaluation, id, "report.read"))
    return JsonResponse(showing.drawn(told, made))


@require_safe
@allowed("report.read")
@part_of("evaluations:matrix")
def matrix_part(request: Request, id: str) -> HttpResponse:
    """What there is to say of one cell, row, column or block, with the images of the highest loss."""
    told = told_of(get_for(request.actor, Evaluation, id, "report.read", without=HEAVY))
    return render(request, "evaluations/_matrix_part.html", part_of_matrix(request, told, request.GET))


def part_of_matrix(request: Request, told: Told, fields: QueryDict) -> dict[str, Any]:
    """For `evaluations/_matrix_part.html`; Http404 where its images are not on this server."""
    wanted = wanted_of(fields, len(told.names))
    part, cells = showing.Part(wanted.true, wanted.said), cells_there(told.evaluation)
    shown: dict[str, Any] = about(told.evaluation) | {"words": words.of(told, wanted), "lines": showing.figures(told.names, cells, part)}
    return shown | {
        "unchosen": not any(part),
        "mixed": len(wanted.true) != 1,
        "address": showing.images_of(told, wanted),
        "query": urlencode(wanted.query()),
        **strip(request, told, wanted),
    }


def cells_there(evaluation: Evaluation) -> Cells:
    """Http404 for an evaluation that was deleted for good since it was looked up."""
    try:
        return cells_of(evaluation)
    except Evaluation.DoesNotExist as error:
        raise Http404("This evaluation was deleted.") from error


def strip(request: Request, told: Told, wanted: Wanted) -> dict[str, Any]:
    """The first images of a list and how many there are; none of an evaluation whose single predictions are not kept."""
    try:
        found = listing(told.evaluation, wanted)
        shown = tiles(told, looking.look(request, told.version.dataset), found.part(0, STRIP))
        within(told.version, shown)
    except Unscored:
        return {"unscored": True}
    except packs.Missing as error:
        raise Http404("The images of this dataset are not on this server.") from error
    return {"tiles": shown, "total": len(found)}


def within(version: DatasetVersion, shown: Sequence[dict[str, Any]]) -> None:
    """Their thumbnails as part of the page: whoever goes from cell to cell would ask for six more answers at each. One that is gone
    keeps its address."""
    for tile in shown:
        if tile.get("erased"):
            continue
        with suppress(packs.Missing):
            data, media_type = packs.thumbnail(version, tile["image_row"])
            tile["thumb"] = f"data:{media_type};base64,{base64.b64encode(data).decode()}"


@require_safe
@allowed("report.read")
def matrix_csv(request: Request, id: str) -> HttpResponseBase:
    """The counts as a table."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    _, made = read(evaluation)
    headers = {"Content-Disposition": f'attachment; filename="confusion-{evaluation.split}-{evaluation.pk}.csv"'}
    return InPieces(showing.as_csv(made), content_type="text/csv; charset=utf-8", headers=headers)
