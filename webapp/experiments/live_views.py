"""What the live page asks for while it is looked at: curves, steps, everything after one validation, the log."""

from __future__ import annotations

import math
from collections.abc import Collection
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
PARTS = ("pill", "started", "actions", "progress", "said", "figures", "folds", "attempts", "preflight", "after")
REGIONS = {name: f"experiments/_{name}.html" for name in PARTS}  # [data-region] of the page → its template
IMAGES = "watched"
AFTER_ONE = (*live.BY_CLASS, IMAGES)
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
    top5 = live.has_top5(experiment)
    return charts.curves(shown["rows"], losses, shown["planned"], shown["validations"], inside=inside, top5=top5)


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
    try:
        view, names = asked_view(request.GET), asked_names(request.GET, steps.KINDS)
    except ValueError as error:
        return refused(str(error))
    if not names:
        return refused(some_of(steps.KINDS, ""))
    return JsonResponse(of_steps(experiment, names, view, curves_of(experiment)))


def refused(words: str) -> HttpResponse:
    """A question that has no answer, in a sentence."""
    return HttpResponseBadRequest(words, content_type="text/plain; charset=utf-8")


def asked_names(fields: Any, known: Collection[str]) -> tuple[str, ...]:
    """The names in `of`, each once; ValueError with a sentence where one is not known."""
    text = fields.get("of", "")
    names = tuple(dict.fromkeys(name for name in text.split(",") if name))
    if any(name not in known for name in names):
        raise ValueError(some_of(known, text))
    return names


def some_of(known: Collection[str], text: str) -> str:
    """What `of` takes."""
    return f"`of` names what to draw, separated by commas: some of {', '.join(known)}; {text[:60]!r} came."


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
def experiment_matrix(request: Request, id: str) -> HttpResponse:
    """What is drawn by class and said of images after one epoch (`?epoch=`; else the newest): of it what `of` names, without it all."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    try:
        names = asked_names(request.GET, AFTER_ONE) if "of" in request.GET else AFTER_ONE
    except ValueError as error:
        return refused(str(error))
    text = request.GET.get("epoch", "")
    wanted = float(text) if text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) < 13 else None
    matrix = queries.matrix(experiment, wanted)
    epochs = live.epochs_with_matrix(experiment)
    shown = queries.place(matrix.epoch, matrix.part) if matrix else None
    answer: dict[str, Any] = {"epoch": shown, "epochs": epochs, "figures": live.matrix_figures(experiment, matrix, set(names) - {IMAGES})}
    if IMAGES in names:
        told = watched.shown(experiment, shown) if matrix else None
        seen = {"watched": told, "small": experiment.version.small}
        answer[IMAGES] = render_to_string("experiments/_watched.html", seen, request)
    return JsonResponse(answer)


def regions(request: Request, shown: dict[str, Any]) -> JsonResponse:
    """What the page says in words, part by part, and whether there is anything to draw; `shown` as the page has it."""
    parts = {name: render_to_string(template, shown, request) for name, template in REGIONS.items()}
    drawn = bool(shown["rows"]) or not shown["job"].is_final
    return JsonResponse({"regions": parts, "drawn": drawn}, headers={"Cache-Control": "no-store"})  # the page has the same address


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
