"""The page where pictures are dropped and classified."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model, with_model
from webapp.predictions import actions
from webapp.predictions.client import Unavailable


@require_GET
@allowed("classify")
def classify_page(request: Request) -> HttpResponse:
    """Choose a trained network, drop pictures."""
    experiments = with_model(request.actor.team.id)
    wanted = request.GET.get("experiment", "")
    chosen = next((experiment for experiment in experiments if experiment.id == wanted), experiments[0] if experiments else None)
    limits = {"most_files": actions.MOST_FILES, "most_bytes": actions.MOST_BYTES}
    return render(request, "predictions/page.html", {"experiments": experiments, "chosen": chosen, **limits})


@require_POST
@allowed("classify")
async def classify_run(request: Request) -> JsonResponse:
    """The five best labels of each picture, or what is wrong with it."""
    experiment = await sync_to_async(usable)(request)
    if experiment is None:
        return JsonResponse(
            {"error": "This experiment has no trained network yet. Choose another one, or wait for its training."}, status=409
        )
    try:
        results = await actions.classify(request.actor, experiment, request.FILES.getlist("images"))
    except InputError as error:
        return JsonResponse({"error": error.message}, status=422)
    except Unavailable as error:
        return JsonResponse({"error": str(error)}, status=503)
    return JsonResponse({"results": [named(result, names_of(experiment)) for result in results]})


def usable(request: Request) -> Experiment | None:
    """The chosen experiment with what the answer needs; None where it has no model."""
    experiment = get_for(request.actor, Experiment, request.POST.get("experiment", ""), "classify")
    loaded = Experiment.objects.select_related("job", "version").get(id=experiment.id)
    return loaded if has_model(loaded) else None


def names_of(experiment: Experiment) -> dict[str, str]:
    """Readable name of each label."""
    return {entry["label"]: entry["name"] or entry["label"] for entry in experiment.version.classes}


def named(result: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The result with a readable name beside each label."""
    if "top" not in result:
        return result
    return result | {"top": [{**top, "name": names.get(top["label"], top["label"])} for top in result["top"]]}
