"""Evaluations besides the one a training makes of itself: asked for, waited for, shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.datasets.models import Dataset
from webapp.evaluations import actions, removing, showing
from webapp.evaluations.figures.showing import overview
from webapp.evaluations.figures.views import refused
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs.queries import position


@require_POST
@allowed("experiment.create")
def evaluation_request(request: Request, experiment_id: str) -> HttpResponseBase:
    """Queue an evaluation of one checkpoint on one split."""
    experiment = get_for(request.actor, Experiment, experiment_id, "experiment.create")
    other = request.POST.get("dataset", "")
    dataset = get_for(request.actor, Dataset, other, "dataset.read") if other else None
    split, checkpoint = request.POST.get("split", ""), request.POST.get("checkpoint", "best")
    views, raw = request.POST.get("views", ""), request.POST.get("raw") == "on"
    try:
        made = actions.request(request.actor, experiment, split, checkpoint, dataset, views=views, raw=raw, once=True)
    except InputError as error:
        return refused(request, experiment, error)
    return redirect("evaluations:detail", made.id)


@require_GET
@allowed("report.read")
def evaluation_detail(request: Request, id: str) -> HttpResponse:
    """What one evaluation found, or how far it is."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    if evaluation.result is None:
        job = evaluation.job
        waiting: dict[str, Any] = {"evaluation": evaluation, "experiment": evaluation.experiment, "job": job, "position": position(job)}
        waiting |= {"removable": removing.removable(evaluation), "again_url": again_url(evaluation)}
        return render(request, "evaluations/waiting.html", waiting)
    shown = showing.context(evaluation)
    return render(request, "evaluations/detail.html", shown | overview(evaluation, [row.name for row in shown["classes"]]))


def again_url(evaluation: Evaluation) -> str:
    """The form where the same is asked for once more, filled with what was asked."""
    fields = {"checkpoint": evaluation.checkpoint, "split": evaluation.split, "views": evaluation.views}
    fields |= {"dataset": evaluation.version.dataset_id} if evaluation.of_other_data else {}
    fields |= {"raw": "on"} if evaluation.raw else {}
    return f"{reverse('evaluations:new', args=[evaluation.experiment_id])}?{urlencode(fields)}"


@require_POST
@allowed("job.edit")
def evaluation_delete(request: Request, id: str) -> HttpResponse:
    """Deletes one that failed or was cancelled, for good; refused with a sentence where there is something to keep."""
    evaluation = get_for(request.actor, Evaluation, id, "job.edit")
    title, experiment = evaluation.job.title, evaluation.experiment_id
    try:
        removing.delete(request.actor, evaluation)
    except InputError as error:
        messages.error(request, error.message)
        return redirect("evaluations:detail", id)
    messages.success(request, f"The evaluation {title} is deleted for good.")
    return redirect("experiments:detail", experiment)
