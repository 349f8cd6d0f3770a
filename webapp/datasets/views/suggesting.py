"""Suggestions of a trained network: asked for on the Label page, watched there, and gone through in a round."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.datasets import hooks, suggested
from webapp.datasets.labelling import suggesting
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.views import looking
from webapp.jobs import queries as jobs
from webapp.jobs.models import State

MOST_NETWORKS = 50


def context(request: Request, version: DatasetVersion) -> dict[str, Any]:
    """What the card of suggestions shows."""
    newest = suggested.newest(version)
    return {
        "networks": hooks.networks(request.actor.team)[:MOST_NETWORKS] if request.actor.can("dataset.edit") else [],
        "suggestings": suggested.done(version.dataset),
        **running(newest),
    }


def running(newest: Any) -> dict[str, Any]:
    """The newest job while it is no result: how far it is, or why it failed."""
    if newest is None or newest.job.state == State.SUCCEEDED:
        return {"suggest_job": None}
    job = newest.job
    waiting = {"position": jobs.position(job), "starts": jobs.started_about(job) if job.state == State.QUEUED else None}
    return {"suggest_job": job, "suggest_newest": newest, **waiting}


@require_POST
@allowed("dataset.edit")
def suggest(request: Request, id: str) -> HttpResponse:
    """Queues the look of a network at the images that are labelled now."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    seen = looking.look(request, dataset)
    try:
        if seen is None:
            raise InputError(f"{dataset.name} has no images yet; wait for its import.", code="no_version")
        suggesting.start(request.actor, seen.version, request.POST.get("network", ""))
    except InputError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(reverse("datasets:label", args=[id]))


@require_safe
@allowed("dataset.read")
@part_of("datasets:label")
def status(request: Request, id: str) -> HttpResponse:
    """How far the look is; once it has ended the page is loaded anew."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    told = running(suggested.newest(seen.version) if seen else None)
    if told["suggest_job"] is None or told["suggest_job"].is_final:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "datasets/_suggesting.html", {"dataset": dataset, **told})
