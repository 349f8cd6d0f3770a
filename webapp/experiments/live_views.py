"""What the live page asks for while it is looked at: curves, steps, everything after one validation, the log."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.pieces import InPieces
from webapp.core.zones import zone_of
from webapp.experiments import charts, live, logs, queries, steps, watched
from webapp.experiments.models import Experiment
from webapp.jobs.logs import as_file

REGIONS_ALONE = "X-Synset-Regions"  # the page is asked for its regions: nothing else is made for it
MOST_LOOKED_FOR = 200


def of_steps(experiment: Experiment, names: tuple[str, ...], view: steps.View, shown: dict[str, Any]) -> dict[str, Any]:
    """Figures by step; `shown`: rows, validations, planned and progress, as `live.context` has them."""
    found = steps.kept(experiment)
    planned = steps.planned_steps(experiment, shown["rows"], shown["planned"], shown["progress"], found)
    figures = {name: steps.figure(name, found, planned, view, shown["rows"], shown["validations"]) for name in names}
    if "steps" in names and not len(found):  # of an earlier release: its losses as they were logged
        figures["steps"] = of_epochs(experiment, shown)["steps"]
    return figures


def of_epochs(experiment: Experiment, shown: dict[str, Any], *, by_step: bool = True) -> dict[str, Any]:
    """Figures by epoch, with the loss by step unless that is left out: of a million steps it takes as long as all others."""
    inside, losses = live.looks_inside(experiment), steps.losses(experiment) if by_step else []
    return charts.curves(shown["rows"], losses, shown["planned"], shown["validations"], inside=inside)


def curves_of(experiment: Experiment) -> dict[str, Any]:
    """What figures are made of."""
    rows = queries.history(experiment)
    looks, progress = queries.validations(experiment), live.newest_progress(experiment)
    return {"rows": rows, "validations": looks, "planned": live.planned_epochs(experiment, rows), "progress": progress}


@require_GET
@allowed("experiment.read")
def experiment_charts(request: Request, id: str) -> JsonResponse:
    """The curves as they stand: what the page draws after it was away."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    return JsonResponse(of_epochs(experiment, curves_of(experiment)))


@require_GET
@allowed("experiment.read")
def experiment_steps(request: Request, id: str) -> HttpResponse:
    """Figures by step: `of`, names of steps.KINDS; `from` and `to`, the part that is seen; `smooth`, the share that is averaged over."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    names = tuple(dict.fromkeys(name for name in request.GET.get("of", "").split(",") if name))
    wrong = [name for name in names if name not in steps.KINDS]
    try:
        view = asked_view(request.GET)
    except ValueError as error:
        return refused(str(error))
    if wrong or not names:
        known = ", ".join(steps.KINDS)
        return refused(f"`of` names what to draw, separated by commas: some of {known}; {request.GET.get('of', '')[:60]!r} came.")
    return JsonResponse(of_steps(experiment, names, view, curves_of(experiment)))


def refused(words: str) -> HttpResponse:
    """A question that has no answer, in a sentence."""
    return HttpResponseBadRequest(words, content_type="text/plain; charset=utf-8")


def asked_view(fields: Any) -> steps.View:
    """What is to be seen; ValueError with a sentence where a field is no number."""
    first, last = (number(fields, name) for name in ("from", "to"))
    smooth = number(fields, "smooth")
    if smooth is not None and not 0 <= smooth <= steps.MOST_SMOOTHING:
        raise ValueError(f"`smooth` is a share of the run from 0 to {steps.MOST_SMOOTHING}; {smooth:g} came.")
    return steps.View(first, last, steps.SMOOTH if smooth is None else smooth)


def number(fields: Any, name: str) -> float | None:
    """A field's number, None where it is empty."""
    text = fields.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"`{name}` is a number; {text[:60]!r} came.")
    return value


@require_GET
@allowed("experiment.read")
def experiment_matrix(request: Request, id: str) -> JsonResponse:
    """Everything by class and by image after one epoch (`?epoch=`; else the newest)."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    text = request.GET.get("epoch", "")
    wanted = float(text) if text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) < 13 else None
    matrix = queries.matrix(experiment, wanted)
    epochs = live.epochs_with_matrix(experiment)
    shown = queries.place(matrix.epoch, matrix.part) if matrix else None
    told = watched.shown(experiment, shown) if matrix else None
    images = render_to_string("experiments/_watched.html", {"watched": told, "small": experiment.version.small}, request)
    return JsonResponse({"epoch": shown, "epochs": epochs, "figures": live.matrix_figures(experiment, matrix), "watched": images})


@require_GET
@allowed("job.read")
def experiment_log(request: Request, id: str) -> HttpResponse:
    """The log's tail as text; with `q`, the newest lines in which that stands, and how many there are in X-Found."""
    experiment = get_for(request.actor, Experiment, id, "job.read")
    wanted = request.GET.get("q", "").replace("\0", "")[:MOST_LOOKED_FOR].strip()
    if not wanted:
        return HttpResponse(logs.log_text(experiment, zone_of(request)), content_type="text/plain; charset=utf-8")
    lines, count = logs.found(experiment, zone_of(request), wanted)
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8", headers={"X-Found": str(count)})


@require_GET
@allowed("job.read")
def experiment_whole_log(request: Request, id: str) -> InPieces:
    """The whole log as a file."""
    experiment = get_for(request.actor, Experiment, id, "job.read")
    return as_file(experiment.job, experiment.folder / "log.txt", zone_of(request))
