"""To erase an image for good: first what that would do, then the job."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.datasets import queries
from webapp.datasets.erasing import asking, beside
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.views import browse, looking
from webapp.datasets.views.tiles import tiles_of

MOST_SAW = 50  # that the page names


@require_safe
@allowed("dataset.delete")
def erase(request: Request, id: str, position: int) -> HttpResponse:
    """What it would do, with its one button."""
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    version = version_with(dataset, position)
    try:
        found = asking.look(version, position)
    except InputError as error:
        raise Http404(error.message) from error
    sample = version.samples.filter(position=position).first()
    context = browse.tab_context(dataset, version, "", looking.look(request, dataset))
    context |= {"found": found, "position": position, "tile": tiles_of(version, [sample])[0] if sample else None}
    kept = [(one.address and reverse(one.address, args=[one.id]), one) for one in found.elsewhere if not one.is_erased]
    context |= {"elsewhere": kept[:MOST_SAW], "more_elsewhere": len(kept) - MOST_SAW}
    context |= {"saw": [(reverse(use.address, args=[use.id]), use) for use in found.saw[:MOST_SAW]], "more": len(found.saw) - MOST_SAW}
    return render(request, "datasets/erase.html", context | ({} if found.is_erased else beside_it(dataset, found)))


def beside_it(dataset: Dataset, found: asking.Found) -> dict[str, Any]:
    """What may show the same and stays."""
    twins = [(reverse("datasets:erase", args=[twin.dataset.pk, twin.position]), twin) for twin in beside.twins(found.places)]
    return {"archives": beside.archives(dataset.team), "twins": twins, "unchecked": beside.unchecked(found.places)}


def version_with(dataset: Dataset, position: int) -> DatasetVersion:
    """The newest version that has the image in a split; else the newest, whose files know it all the same."""
    versions = queries.sealed_versions(dataset)
    known = versions.filter(samples__position=position) if position < 2**31 else versions.none()
    found = known.first() or queries.newest_version(dataset)
    if found is None:
        raise Http404("This dataset has no images yet.")
    found.dataset = dataset
    return found


@require_POST
@allowed("dataset.delete")
def begin(request: Request, id: str, position: int) -> HttpResponse:
    """Queues the job; its end is seen on the tab Versions."""
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    try:
        asking.ask(request.actor, version_with(dataset, position), position)
    except InputError as error:
        messages.error(request, error.message)
        return redirect("datasets:detail", id)
    return redirect("datasets:versions", id)
