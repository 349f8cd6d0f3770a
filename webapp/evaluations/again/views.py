"""What a page says of a training that was done again: of which, on what, and how much better it is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.evaluations.again import comparing
from webapp.experiments.models import Experiment


@require_safe
@allowed("experiment.read")
@part_of("experiments:detail")
def compared(request: Request, id: str) -> HttpResponse:
    """The part, which asks again until the training has ended; empty of one that repeats none."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    parent = experiment.again_of
    if parent is None or parent.trashed_at is not None:
        return HttpResponse("")
    shown = {"experiment": experiment, "parent": parent, "comparison": comparing.of(experiment), "waits": not experiment.job.is_final}
    return render(request, "evaluations/_again.html", shown)
