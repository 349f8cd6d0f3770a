"""The page where pictures are dropped and classified."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import InputError
from classifier.spec.explaining import DEFAULT, METHODS
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.experiments.queries import with_model
from webapp.predictions import actions, feedback, networks
from webapp.predictions.client import Unavailable


@require_GET
@allowed("classify")
def classify_page(request: Request) -> HttpResponse:
    """Choose a network, or two, and drop pictures."""
    experiments, published = with_model(request.actor.team.id), networks.published()
    values = [experiment.id for experiment in experiments] + [network.value for network in published]
    wanted, beside = request.GET.get("experiment", ""), request.GET.get("beside", "")
    chosen = wanted if wanted in values else next(iter(values), None)
    seen: dict[str, Any] = {
        "experiments": experiments,
        "published": published,
        "chosen": chosen,
        "beside": beside if beside in values else "",
    }
    seen |= {"most_files": actions.MOST_FILES, "most_bytes": actions.MOST_BYTES, "methods": METHODS, "method": DEFAULT}
    seen |= {"datasets": feedback.datasets(request.actor)} if request.actor.can("dataset.edit") else {}
    return render(request, "predictions/page.html", seen)


@require_POST
@allowed("classify")
async def classify_run(request: Request) -> JsonResponse:
    """The five best labels of each picture, or what is wrong with it."""
    wanted = request.POST.get("experiment", "")
    network = await sync_to_async(networks.chosen)(request.actor, wanted)
    if network is None:
        return JsonResponse({"error": networks.missing(wanted)}, status=409)
    try:
        near = str(network.space.stem) if network.space else ""
        results = await actions.classify(request.actor, network.source, request.FILES.getlist("images"), near=near)
    except InputError as error:
        return JsonResponse({"error": error.message}, status=422)
    except Unavailable as error:
        return JsonResponse({"error": str(error)}, status=503)
    results = await sync_to_async(networks.with_images)(results, network)
    return JsonResponse({"results": [networks.named(result, network.names) for result in results]})
