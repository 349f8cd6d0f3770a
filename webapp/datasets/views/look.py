"""What somebody says to the preview of an archive: import it so, or look again with these corrections."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.datasets import previews
from webapp.datasets.models import Dataset


@require_POST
@allowed("dataset.edit")
def decide(request: Request, id: str) -> HttpResponse:
    """Imports the archive, or looks at it once more; back to the dataset's page, which shows what comes of it."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    form = request.POST.dict()
    if offered := form.get("offer"):  # where nothing says what the images show, in one click what mostly does
        form |= {"kind": offered, "do": "look"}
    choose = previews.chosen(form, request.POST.getlist("leave"), dataset)
    act = previews.look_again if form.get("do") == "look" else previews.take
    try:
        act(request.actor, dataset, choose, form.get("pattern"))
    except ConfigError as error:
        messages.error(request, next(iter(error.fields.values())))
    except InputError as error:
        messages.error(request, error.message)
    return redirect("datasets:detail", dataset.id)
