"""The map of an evaluation's images: its page, its points, the images behind them and their nearest training images."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.core.refusals import refusals_told
from webapp.evaluations.models import HEAVY, Evaluation
from webapp.evaluations.space import actions, reading, showing
from webapp.evaluations.space.labelling import labelling
from webapp.evaluations.space.reading import Source

NO_POINTS = "This map is not there any more. Reload the page."


@require_GET
@allowed("report.read")
def map_page(request: Request, id: str) -> HttpResponseBase:
    """The page, before its points are fetched."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    if evaluation.result is None:
        return redirect("evaluations:detail", id)
    shown = showing.context(evaluation, request.GET.get("method", ""))
    return render(request, "evaluations/space/map.html", shown | labelling(request, evaluation))


@require_GET
@allowed("report.read")
@part_of("evaluations:map", without=("of", "method"))
def points(request: Request, id: str) -> JsonResponse:
    """The points of one way to draw them, as columns."""
    evaluation, source = found(request, id)
    method = request.GET.get("method", "")
    method = method if method in source.methods else source.methods[-1]
    return JsonResponse(reading.drawn(evaluation, source, method) | {"words": showing.words(evaluation, source, method)})


@require_GET
@allowed("report.read")
@part_of("evaluations:map", without=("of", "points"))
def tiles(request: Request, id: str) -> HttpResponse:
    """The images of some points."""
    evaluation, source = found(request, id)
    shown = reading.tiles(evaluation, source, reading.asked(source.found, request.GET.get("points", "")))
    return render(request, "evaluations/space/_tiles.html", {"tiles": shown})


@require_GET
@allowed("report.read")
@part_of("evaluations:map", without=("of", "point"))
def point(request: Request, id: str) -> HttpResponse:
    """One point: its image, what the network says of it, and its nearest training images."""
    evaluation, source = found(request, id)
    number = next(iter(reading.asked(source.found, request.GET.get("point", ""))), None)
    return render(request, "evaluations/space/_point.html", showing.near_context(evaluation, source, number))


@require_GET
@allowed("report.read")
@part_of("evaluations:map", takes=("id",))
def near(request: Request, id: str, row: int) -> HttpResponse:
    """The training images nearest to a row of the predictions, for the page of that image."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read", without=HEAVY)
    source = reading.source_of(evaluation)
    number = None if source is None else reading.point_of_row(source.found, row)
    return render(request, "evaluations/space/_near.html", showing.near_context(evaluation, source, number))


@require_POST
@allowed("experiment.create")
def compute(request: Request, id: str) -> HttpResponseBase:
    """Queues the look at what the network learnt from."""
    evaluation = get_for(request.actor, Evaluation, id, "experiment.create")
    with refusals_told(request):
        actions.start(request.actor, evaluation)
    return redirect("evaluations:map", id)


def found(request: Request, id: str) -> tuple[Evaluation, Source]:
    """The evaluation and where its points come from."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read", without=HEAVY)
    source = reading.source_of(evaluation, request.GET.get("of", ""))
    if source is None:
        raise Http404(NO_POINTS)
    return evaluation, source
