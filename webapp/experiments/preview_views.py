"""What the launch form fetches while one types: its images as a training would see them."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from classifier.spec.config import TrainConfig
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.resident import Unavailable
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import newest_version
from webapp.experiments import preview_client, previews
from webapp.experiments.forms import LaunchForm

NOT_READY = "This dataset has no images yet; its import has to end first."


@require_POST
@allowed("experiment.create")
async def experiment_samples(request: Request) -> JsonResponse:
    """Augmented samples and the example of resizing for the values in the form; else why there are none, and whether to ask again.

    Why not is an answer as any other (200): the form asks by itself, and a console full of errors would hide true ones.
    """
    asked = await sync_to_async(asked_for)(request)
    if isinstance(asked, str):
        return JsonResponse({"error": asked, "again": False})
    version, config = asked
    number = previews.number_of(request.POST.get("draw", ""))
    try:
        async with previews.turn():
            told = await preview_client.preview(version, config, number)
    except Unavailable as error:
        return JsonResponse({"error": str(error), "again": not isinstance(error, preview_client.Undrawable)})
    seen = previews.shown(told, version, config)
    parts = {part: render_to_string(f"experiments/_{part}.html", seen) for part in ("samples", "example")}
    return JsonResponse({**parts, "caption": seen["caption"]})


def asked_for(request: Request) -> tuple[DatasetVersion, TrainConfig] | str:
    """What to draw, or what is wrong with it; another team's dataset is answered as one that is not there."""
    dataset = get_for(request.actor, Dataset, request.POST.get("dataset", ""), "dataset.read")
    form = LaunchForm(request.actor, request.POST.dict())
    version = form.version or newest_version(dataset)
    if version is None:
        return NOT_READY
    return previews.wrong(form) or (version, previews.config_of(form))
