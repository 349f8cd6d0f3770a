"""Train again on what the dataset has become, with one click."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.returning import back
from webapp.experiments import again
from webapp.experiments.entries import sentence
from webapp.experiments.models import Experiment


@require_POST
@allowed("experiment.create")
def experiment_again(request: Request, id: str) -> HttpResponseBase:
    """To the new training, or back where the draft is sealed first."""
    experiment = get_for(request.actor, Experiment, id, "experiment.create")
    here = back(request, reverse("experiments:detail", args=[id]))
    try:
        begun = again.ask(request.actor, experiment)
    except ConfigError as error:
        messages.error(request, " ".join(sentence(text) for text in error.fields.values()))
        return HttpResponseRedirect(here)
    except InputError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(here)
    if begun.experiment is None:
        messages.success(request, "The draft is being sealed; the training begins as soon as it is.")
        return HttpResponseRedirect(here)
    if begun.experiment.trashed_at is not None:
        way = "Restore it from there, or delete it for good to train again."
        messages.info(request, f"{begun.experiment.name} was launched already and is in the trash. {way}")
        return HttpResponseRedirect(here)
    return redirect("experiments:detail", begun.experiment.pk)
