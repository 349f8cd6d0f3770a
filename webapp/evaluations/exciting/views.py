"""The part of the layers' page that shows which validation images excite a filter the most, and the button that has them looked at."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.evaluations.exciting import reading
from webapp.evaluations.studies import actions
from webapp.evaluations.studies.probes import waits
from webapp.experiments.layers import asking, showing
from webapp.experiments.models import Experiment
from webapp.jobs.models import State

WATCHED = ("of", "version", "position")  # the image that the page watches, which its addresses keep


@require_safe
@allowed("experiment.read")
@part_of("experiments:layers")
def images(request: Request, id: str) -> HttpResponse:
    """The images of one filter, or how far the look at them is, or how to ask for it."""
    return part(request, experiment_of(request, id, "experiment.read"), request.GET)


@require_POST
@allowed("experiment.create")
def ask(request: Request, id: str) -> HttpResponse:
    """Queue the look at all of a checkpoint's filters."""
    experiment = experiment_of(request, id, "experiment.create")
    refused = ""
    try:
        actions.look_at_filters(request.actor, experiment, asking.checkpoint_in(request.POST), raw=asking.raw_in(request.POST))
    except InputError as error:
        refused = error.message
    if "HX-Request" in request.headers:
        return part(request, experiment, request.POST, refused)
    if refused:
        messages.error(request, refused)
    layer = str(request.POST.get("layer") or "")[: asking.NAME_LENGTH]
    return HttpResponseRedirect(f"{reverse('experiments:layers', args=[id])}?{kept(request.POST, layer=layer)}")


def experiment_of(request: Request, id: str, right: str) -> Experiment:
    """With its version and its job."""
    found = get_for(request.actor, Experiment, id, right)
    return Experiment.objects.select_related("job", "version__dataset").get(pk=found.pk)


def kept(fields: Any, **other: Any) -> str:
    """What every address of the page keeps: the image, the checkpoint and whether its weights are averaged."""
    told: dict[str, Any] = {name: str(fields.get(name) or "")[:40] for name in WATCHED}
    told |= {"checkpoint": asking.checkpoint_in(fields), "raw": "1" if asking.raw_in(fields) else ""} | other
    return urlencode({name: value for name, value in told.items() if value not in ("", None)})


def part(request: Request, experiment: Experiment, fields: Any, refused: str = "") -> HttpResponse:
    """The part."""
    checkpoint, raw = asking.checkpoint_in(fields), asking.raw_in(fields)
    layer, number = str(fields.get("layer") or "")[: asking.NAME_LENGTH], str(fields.get("filter") or "0")[:20]
    study, newest = reading.looked(experiment, checkpoint, raw=raw), reading.newest(experiment, checkpoint, raw=raw)
    job = newest.job if newest and newest.result is None else None
    seen: dict[str, Any] = {"experiment": experiment, "study": study, "job": job, "position": waits(job), "refused": refused}
    seen |= {"layer": layer, "filter": number, "checkpoint": checkpoint, "raw": raw, "watched": watched(fields)}
    seen |= {"address": f"{reverse('experiments:filter-images', args=[experiment.pk])}?{kept(fields)}"}
    seen |= {"lives": bool(job and not job.is_final), "failed": job if job and job.state == State.FAILED else None}
    if study is not None:
        seen |= found(experiment, study, fields, layer, number)
    return render(request, "evaluations/exciting/_images.html", seen)


def watched(fields: Any) -> list[tuple[str, str]]:
    """The fields of a form that keep the image that is watched."""
    return [(name, str(fields[name])[:40]) for name in WATCHED if fields.get(name)]


def found(experiment: Experiment, study: Any, fields: Any, layer: str, number: str) -> dict[str, Any]:
    """The images in words, or why there are none."""
    try:
        told = reading.of_filter(study, layer, reading.filter_in(number))
    except InputError as error:
        return {"said": error.message}
    page, result = reverse("experiments:layers", args=[experiment.pk]), study.result
    own = {"of": "", "version": "", "layer": layer}
    tiles = [
        tile
        | {
            "words": showing.figure(tile["value"]),
            "watch": f"{page}?{kept(fields, **own, position=tile['position'])}",
            "lines": frame_lines(tile["frame"]),
        }
        for tile in told.tiles
    ]
    same = None if told.same is None else showing.figure(told.same)
    seen = {"found": told, "tiles": tiles, "same": same, "mean": showing.figure(told.mean), "grid": told.layer["grid"], "result": result}
    return seen | {"folded": experiment.folds_on(experiment.version) > 0}


def frame_lines(frame: tuple[float, float, float, float] | None) -> dict[str, str] | None:
    """A frame as an SVG has it, whatever the language of the page writes for a decimal point."""
    if frame is None:
        return None
    return {name: f"{value:.2f}" for name, value in zip(("x", "y", "width", "height"), frame, strict=True)}
