"""What the launch form fetches while one types: what its values mean, and its images as a training would see them."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from classifier.spec.config import TrainConfig
from classifier.spec.defaults import filled
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.resident import Unavailable
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import newest_version
from webapp.experiments import charts, estimates, frozen, preview_client, previews
from webapp.experiments.forms import LaunchForm
from webapp.experiments.learning import learnt_classes
from webapp.experiments.presets import Preset, presets

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


def texts_of_presets(request: Request, cards: list[Preset]) -> dict[str, dict[str, str]]:
    """What each card puts into the fields."""
    return {card.key: LaunchForm.starting(request.actor, card.values, "", "").texts for card in cards}


def schedule_of(form: LaunchForm) -> dict[str, Any] | None:
    """The learning-rate curve of what is typed so far, with what is picked in place of what is not; None where epochs make none."""
    if not form.understood("epochs"):
        return None
    draft = form.draft
    return charts.schedule(filled(draft), picked=draft.learning_rate is None)


def frozen_of(form: LaunchForm) -> frozen.Picture | None:
    """Which stages learn, of what is typed so far."""
    return frozen.picture(form.draft, len(learnt_classes(form.version)) if form.version else 1000)


@require_POST
@allowed("experiment.create")
def experiment_preview(request: Request) -> JsonResponse:
    """What the form means while it is typed: errors by field, the learning-rate curve, the card at the side.

    And what the presets are for the dataset that is chosen now, which need not be the one that the page began with.
    """
    form = LaunchForm(request.actor, request.POST.dict())
    config = form.check()
    side = render_to_string("experiments/_before.html", {"before": estimates.before(form.version, config), "form": form}, request)
    entries = form.entries
    errors = {name: entry.error for name, entry in entries.items() if entry.error} | form.other_errors
    placeholders = {name: entry.placeholder for name, entry in entries.items() if entry.numeric} | {"name": form.name}
    stages = render_to_string("experiments/_frozen.html", {"frozen": frozen_of(form)}, request)
    cards = texts_of_presets(request, presets(form.version))
    told = {"errors": errors, "schedule": schedule_of(form), "side": side, "placeholders": placeholders, "frozen": stages}
    return JsonResponse(told | {"presets": cards})
