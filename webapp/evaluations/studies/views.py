"""Probes of an evaluation, and which class of an experiment's dataset needs more images."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.refusals import refusals_told
from webapp.evaluations.models import Evaluation
from webapp.evaluations.studies import actions, growing
from webapp.experiments.models import Experiment


@require_POST
@allowed("experiment.create")
def probe(request: Request, id: str) -> HttpResponse:
    """Queue the probes of an evaluation's network."""
    evaluation = get_for(request.actor, Evaluation, id, "experiment.create")
    with refusals_told(request):
        actions.probe(request.actor, evaluation)
    return HttpResponseRedirect(reverse("evaluations:groups", args=[id]) + "#probes")


@require_safe
@allowed("report.read")
def page(request: Request, id: str) -> HttpResponse:
    """Learning curves a class, or how far they are; `of` shows one class beside the mean."""
    experiment = get_for(request.actor, Experiment, id, "report.read")
    return render(request, "evaluations/growing.html", growing.context(experiment, request.GET.get("of", "")))


@require_POST
@allowed("experiment.create")
def ask(request: Request, id: str) -> HttpResponse:
    """Queue the learning curves."""
    experiment = get_for(request.actor, Experiment, id, "experiment.create")
    with refusals_told(request):
        actions.grow(request.actor, experiment)
    return HttpResponseRedirect(reverse("growing:page", args=[id]))
