"""The page of a network's layers, and its parts: the list, one layer, what one filter looks for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import is_opened
from webapp.core.resident import Soon, Unavailable
from webapp.datasets.addresses import thumb_url
from webapp.experiments import checkpoints, why_client
from webapp.experiments.layers import asking, showing
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model

PARTS = {"layers": "experiments/layers/_list.html", "layer": "experiments/layers/_layer.html", "filter": "experiments/layers/_filter.html"}
NO_MODEL = "This experiment has no trained network yet."


@require_GET
@allowed("experiment.read")
async def layers(request: Request, id: str) -> HttpResponse:
    """Opened, the page; asked for by a script, the part that `about` names."""
    if is_opened(request) or "about" not in request.GET:
        return await sync_to_async(page)(request, id)
    try:
        experiment, picture, question = await sync_to_async(looked_up)(request, id)
        how: dict[str, Any] = {"checkpoint": asking.checkpoint_in(request.GET), "raw": asking.raw_in(request.GET)}
        told = await why_client.ask(str(experiment.folder), picture, question, **how)
    except InputError as error:
        return await sync_to_async(part)(request, id, {"error": error.message})
    except Unavailable as error:
        again = not isinstance(error, why_client.Refused)
        return await sync_to_async(part)(request, id, {"error": str(error), "again": again, "soon": isinstance(error, Soon)})
    return await sync_to_async(part)(request, id, told)


def experiment_of(request: Request, id: str) -> Experiment:
    """With its version."""
    found = get_for(request.actor, Experiment, id, "experiment.read")
    return Experiment.objects.select_related("job", "version__dataset").get(pk=found.pk)


def looked_up(request: Request, id: str) -> tuple[Experiment, why_client.Picture, dict[str, Any]]:
    """What the worker is shown and asked."""
    experiment = experiment_of(request, id)
    if not has_model(experiment):
        raise InputError(NO_MODEL)
    version = asking.version_of(request.actor, experiment, request.GET)
    shown = asking.shown(version, asking.number(request.GET, "position"))
    return experiment, asking.picture(shown), asking.question(request.GET)


def part(request: Request, id: str, told: dict[str, Any]) -> HttpResponse:
    """The part, or why there is none."""
    about = request.GET.get("about", "")
    address = f"{request.path}?{kept(request)}"
    if "error" in told or about not in PARTS:
        again = f"{request.path}?{request.GET.urlencode()}" if told.get("again") else ""
        return render(request, "experiments/layers/_refused.html", told | {"again": again})
    if about == "layers":
        seen = told | {"rows": [showing.row(each) for each in told["layers"]]}
    else:
        seen = (
            showing.layer(told)
            if about == "layer"
            else told | {"before": showing.figure(told["before"]), "after": showing.figure(told["after"])}
        )
    more = {"address": address, "kept": kept(request), "experiment_id": id}
    return render(request, PARTS[about], {"told": seen, **more})


def kept(request: Request, **other: Any) -> str:
    """What every part's address keeps: image and checkpoint."""
    fields = {name: request.GET.get(name, "") for name in ("of", "version", "position", "checkpoint", "raw")} | other
    return urlencode({name: value for name, value in fields.items() if value not in ("", None)})


def page(request: Request, id: str) -> HttpResponse:
    """The frame; the list of layers and the first of them come by themselves."""
    experiment = experiment_of(request, id)
    seen: dict[str, Any] = {"experiment": experiment, "trained": has_model(experiment), "layer": request.GET.get("layer", "")[:200]}
    if not seen["trained"]:
        return render(request, "experiments/layers/page.html", seen)
    version = asking.version_of(request.actor, experiment, request.GET)
    seen |= {"version": version, "kept_epochs": checkpoints.kept_epochs(experiment.folder), "checkpoint": asking.checkpoint_in(request.GET)}
    seen["raw"] = asking.raw_in(request.GET)
    try:
        shown = asking.shown(version, asking.number(request.GET, "position"))
        asking.picture(shown)
    except InputError as error:
        return render(request, "experiments/layers/page.html", seen | {"refused": error.message})
    beside = {name: f"?{kept(request, position=at)}" for name, at in (("before", shown.before), ("behind", shown.behind)) if at is not None}
    seen |= {
        "shown": shown,
        "thumb": thumb_url(version, shown.sample.image),
        "address": f"{request.path}?{kept(request, position=shown.position)}",
    }
    return render(request, "experiments/layers/page.html", seen | beside)
