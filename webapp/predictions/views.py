"""The page where pictures are dropped and classified."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.experiments.queries import with_model
from webapp.predictions import actions, networks
from webapp.predictions.client import PUBLISHED, Unavailable

NO_NETWORK = "This experiment has no trained network yet. Choose another one, or wait for its training."
NO_WEIGHTS = "The published weights of this network are not on this machine. Choose another one."


@require_GET
@allowed("classify")
def classify_page(request: Request) -> HttpResponse:
    """Choose a network, drop pictures."""
    experiments, published = with_model(request.actor.team.id), networks.published()
    values = [experiment.id for experiment in experiments] + [network.value for network in published]
    wanted = request.GET.get("experiment", "")
    chosen = wanted if wanted in values else next(iter(values), None)
    limits = {"most_files": actions.MOST_FILES, "most_bytes": actions.MOST_BYTES}
    return render(request, "predictions/page.html", {"experiments": experiments, "published": published, "chosen": chosen, **limits})


@require_POST
@allowed("classify")
async def classify_run(request: Request) -> JsonResponse:
    """The five best labels of each picture, or what is wrong with it."""
    wanted = request.POST.get("experiment", "")
    network = await sync_to_async(networks.chosen)(request.actor, wanted)
    if network is None:
        return JsonResponse({"error": NO_WEIGHTS if wanted.startswith(PUBLISHED) else NO_NETWORK}, status=409)
    try:
        near = str(network.map.stem) if network.map else ""
        results = await actions.classify(request.actor, network.source, request.FILES.getlist("images"), near=near)
    except InputError as error:
        return JsonResponse({"error": error.message}, status=422)
    except Unavailable as error:
        return JsonResponse({"error": str(error)}, status=503)
    results = await sync_to_async(networks.with_images)(results, network)
    return JsonResponse({"results": [networks.named(result, network.names) for result in results]})
