"""To leave the findings of an import as they are, and to take that back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.returning import back
from webapp.datasets import leaving
from webapp.datasets.models import Dataset


@require_POST
@allowed("dataset.edit")
def leave(request: Request, id: str) -> HttpResponse:
    """Nobody of the team is reminded of them any more; back to where the button was."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    try:
        leaving.leave(request.actor, dataset)
    except InputError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, f"{dataset.name} is left as it is. Its page says so, and can bring the reminder back.")
    return HttpResponseRedirect(back(request, reverse("datasets:problems", args=[id])))


@require_POST
@allowed("dataset.edit")
def recall(request: Request, id: str) -> HttpResponse:
    """The findings stand on Home again."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    leaving.recall(request.actor, dataset)
    messages.success(request, f"The findings of {dataset.name} need somebody again.")
    return HttpResponseRedirect(back(request, reverse("datasets:problems", args=[id])))
