"""The form where an evaluation is asked for, curves of one class, and the threshold below which a network says that it is unsure."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.core.words import percent
from webapp.evaluations import choices
from webapp.evaluations import showing as words
from webapp.evaluations.figures import showing, threshold
from webapp.evaluations.models import Evaluation
from webapp.experiments.entries import sentence
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model

AT_FIELDS = "Each wrong field says what it expects; what you chose is kept."


@require_GET
@allowed("experiment.create")
def evaluation_new(request: Request, experiment_id: str) -> HttpResponse:
    """Which checkpoint, on which images, how; an address may fill it, as one does where the same is asked for once more."""
    experiment = get_for(request.actor, Experiment, experiment_id, "experiment.create")
    return render(request, "evaluations/figures/new.html", form_of(experiment) | {"sent": request.GET.dict()})


def form_of(experiment: Experiment) -> dict[str, Any]:
    """What the form offers; nothing where there is no network yet."""
    ready = has_model(experiment)
    return {"experiment": experiment, "ready": ready, **(choices.form(experiment) if ready else {})}


def refused(request: Request, experiment: Experiment, error: InputError) -> HttpResponse:
    """The form once more as it was sent, with what was wrong of it."""
    wrong = {name: sentence(text) for name, text in error.fields.items()} if isinstance(error, ConfigError) else {}
    shown = form_of(experiment)
    beside = [wrong[name] for name in wrong if name == "raw" or not shown["ready"]]
    told = " ".join(beside) or (AT_FIELDS if wrong else error.message)
    return render(
        request, "evaluations/figures/new.html", shown | {"sent": request.POST.dict(), "wrong": wrong, "refused": told}, status=422
    )


@require_GET
@allowed("report.read")
@part_of("evaluations:detail", without=("class",))
def class_curves(request: Request, id: str) -> JsonResponse:
    """The curves of one class (`?class=`, its place among the network's), and what is said of it at each threshold."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    text, labels = request.GET.get("class", "0"), evaluation.classes
    place = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1
    if not 0 <= place < len(labels):
        return JsonResponse({"error": f"There is no class {text[:20]!r}; there are 0 to {len(labels) - 1}."}, status=404)
    found = showing.class_figures(evaluation, place, words.names_of(evaluation).get(labels[place], labels[place]))
    if found is None:
        return JsonResponse({"error": "This evaluation keeps no curves; evaluate again to have them."}, status=404)
    return JsonResponse(found)


@require_POST
@allowed("experiment.create")
def unsure_set(request: Request, id: str) -> HttpResponseBase:
    """Keep a threshold for the experiment's network, or take it away."""
    evaluation = get_for(request.actor, Evaluation, id, "experiment.create")
    try:
        below = threshold.choose(request.actor, evaluation.experiment, request.POST.get("below", "").strip() or None)
    except InputError as error:
        messages.error(request, error.message)
    else:
        name = evaluation.experiment.name
        messages.success(request, f"{name} answers always." if below is None else f"{name} says that it is unsure below {percent(below)}.")
    return redirect("evaluations:detail", id)
