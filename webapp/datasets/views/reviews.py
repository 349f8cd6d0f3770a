"""How far two people agree, and the images about which they do not, to be settled."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.metrics import Agreement
from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core.returning import back
from webapp.core.words import plural, thousands
from webapp.datasets.labelling import reviewing, showing
from webapp.datasets.labelling.handing import base_of
from webapp.datasets.labelling.sources import rows_at
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.views import looking
from webapp.datasets.views.browse import SHOWN_CLASSES, number, tab_context
from webapp.datasets.views.labelling import found_round
from webapp.datasets.views.tiles import tiles_of

ROWS = 40


@require_safe
@allowed("dataset.read")
def agreement(request: Request, id: str, round: str) -> HttpResponse:
    """Cohen's kappa of a review, what is mixed up, and the disagreements, some at a time."""
    review = of_review(request, id, round, "dataset.read")
    seen = looking.look(request, review.dataset)
    if seen is None:
        raise Http404("There is no such review.")
    after = number(request.GET.get("after", ""))
    found = reviewing.disagreements(review, after, ROWS + 1)
    told = reviewing.compared(review)
    context = tab_context(review.dataset, seen.version, "label", seen) | figure_words(told.agreement, len(told.people))
    context |= {"round": review, "told": told, "rows": rows(review, found[:ROWS]), "after": after}
    context |= {"next": found[ROWS - 1].pk if len(found) > ROWS else 0, "may": seen.editable}
    context |= {"known": showing.offered(review)[:SHOWN_CLASSES], "progress": showing.progress(request.actor, review)}
    return render(request, "datasets/agreement.html", context)


def figure_words(told: Agreement, pairs: int) -> dict[str, str]:
    """What stands below the figures."""
    sure = "" if told.low is None or told.high is None else f", between {told.low:.2f} and {told.high:.2f} (95 %)"
    undefined = "both use one class alone" if told.images else "no image yet"
    together = f"; {pairs} pairs of people together" if pairs > 1 else ""
    same = f"{thousands(told.agreed)} of {plural(told.images, 'image')}"
    return {"kappa_words": (f"{told.words}{sure}" or undefined) + together, "same_words": same}


def of_review(request: Request, id: str, round: str, verb: str) -> LabelRound:
    """The review of that id, or Http404."""
    found = found_round(request, id, round, verb)
    if not found.is_review:
        raise Http404("There is no such review.")
    return found


def rows(review: LabelRound, items: list[LabelItem]) -> list[dict[str, Any]]:
    """The items with their tiles; without those that a later version left out."""
    version, draft = base_of(review.dataset)
    if version is None:
        return []
    samples = rows_at(version, [item.position for item in items])
    shown = {sample.position: tile for sample, tile in zip(samples.values(), tiles_of(version, list(samples.values())), strict=True)}
    names = showing.names_of(version, draft)
    return [row(item, shown[item.position], names) for item in items if item.position in shown]


def row(item: LabelItem, tile: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    said = [(item.first, item.was), (item.user, item.label)]
    return {"item": item, "tile": tile, "said": [(str(who or "Somebody"), label, names.get(label, label)) for who, label in said]}


@require_POST
@allowed("dataset.edit")
def settle(request: Request, id: str, round: str) -> HttpResponse:
    """What an image shows after all, in the draft; back to the page."""
    review = of_review(request, id, round, "dataset.edit")
    try:
        found = reviewing.settle(request.actor, review, number(request.POST.get("item", "")), request.POST.get("label", ""))
        messages.success(request, f"Settled: {found.settled}.")
    except InputError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(back(request, reverse("datasets:agreement", args=[id, review.id])))
