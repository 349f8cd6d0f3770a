"""Rounds of labelling as programs are told of them; and what begins one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404

from classifier.metrics import Agreement
from webapp.accounts.actor import Actor
from webapp.api import images
from webapp.api.draft_schemas import Filters
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.round_schemas import BeginRound
from webapp.core.ids import is_id
from webapp.datasets import labelling, suggested
from webapp.datasets.labelling import filters, showing
from webapp.datasets.labelling.handing import base_of
from webapp.datasets.labelling.sources import rows_at
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound
from webapp.datasets.models import Dataset, Suggesting

STATES = {ItemState.WAITING: "waiting", ItemState.ANSWERED: "answered", ItemState.SKIPPED: "skipped"}
NO_ROUND = "There is no such round of labelling."
SOURCES = ("matching", "findings", "suggestions")


def round_of(dataset: Dataset, id: str) -> LabelRound:
    """The dataset's round of that id; ApiError 404."""
    found = LabelRound.objects.filter(pk=id, dataset=dataset).select_related("created_by").first() if is_id(id) else None
    if found is None:
        raise ApiError(404, "not_found", NO_ROUND)
    found.dataset = dataset
    return found


def review_of(dataset: Dataset, id: str) -> LabelRound:
    """The same, of a review alone."""
    found = round_of(dataset, id)
    if not found.is_review:
        raise ApiError(404, "not_found", "This round is no review; nobody was asked twice.")
    return found


def begun(actor: Actor, dataset: Dataset, asked: BeginRound) -> LabelRound:
    """The round that goes through what is asked for. FieldErrors for fields that do not go together, InputError as of the verbs."""
    given = [name for name in SOURCES if getattr(asked, name) is not None]
    if len(given) > 1:
        raise FieldErrors({given[1]: f"goes not with {given[0]}; a round goes through one of them"})
    if asked.label is not None and asked.suggestions is None:
        raise FieldErrors({"label": "goes with `suggestions` alone; else it stands in `matching`"})
    if asked.findings is not None:
        return labelling.start_findings(actor, dataset, asked.findings)
    if asked.suggestions is not None:
        return labelling.start_suggested(actor, dataset, suggestions_of(dataset, asked.suggestions), label=asked.label or "")
    return chosen(actor, dataset, asked.matching or Filters.model_validate({}))


def chosen(actor: Actor, dataset: Dataset, asked: Filters) -> LabelRound:
    """A round over images that match, as the classes of its version are called."""
    if asked.changed:
        raise FieldErrors({"matching.changed": "is no filter of a round, which goes through a sealed version"})
    version, _ = base_of(dataset)
    if version is None:
        return labelling.start(actor, dataset)  # which says why it cannot be
    version.dataset = dataset
    wanted = images.wanted(asked, version, None)
    more = filters.more_of(version, wanted)
    return labelling.start(actor, dataset, label=asked.label or "", splits=wanted.splits, search=wanted.search, more=more)


def suggestions_of(dataset: Dataset, id: str) -> Suggesting:
    """FieldErrors where newer ones took their place, or where they are another dataset's."""
    found = next((one for one in suggested.done(dataset) if one.id == id), None)
    if found is None:
        raise FieldErrors({"suggestions": "are not there, or not yet; read the dataset's suggestions for those that are"})
    return found


def shown(round: LabelRound) -> dict[str, Any]:
    """As the API tells it."""
    figures = {name: getattr(round, name) for name in ("images", "answered", "skipped", "passed", "closed_at", "created_at")}
    return figures | {
        "id": round.id,
        "kind": round.kind,
        "name": round.name,
        "by": round.created_by.username if round.created_by else None,
        "reviews": round.reviewed_id,
        "words": showing.words(round),
    }


def handed(actor: Actor, round: LabelRound) -> dict[str, Any]:
    """The next images of that person; InputError where the round is closed."""
    found = labelling.hand_out(actor, round)
    told = showing.whole(actor, round, found.items, found.more)
    items = {item.pk: item for item in found.items}
    return {
        "items": [one(round, row, items[row["id"]]) for row in told["items"]],
        "more": told["more"],
        "ended": told["ended"],
        "round": shown(round),
    }


def one(round: LabelRound, row: dict[str, Any], item: LabelItem) -> dict[str, Any]:
    """An image that was handed out, by labels; of a review no more than its picture."""
    blind = round.is_review
    told = {"label": item.suggested, "probability": item.score} if item.suggested and not blind else None
    picture = f"/api/v1/datasets/{round.dataset_id}/rounds/{round.id}/items/{item.pk}/picture"
    return {"id": item.pk, "picture": picture, "path": row["path"], "was": "" if blind else item.was, "suggested": told}


def answered(item: LabelItem) -> dict[str, Any]:
    return {"item": item.pk, "state": STATES[ItemState(item.state)], "label": item.label}


def figures(told: Agreement) -> dict[str, Any]:
    return {name: getattr(told, name) for name in ("images", "agreed", "kappa")}


def differing(review: LabelRound, items: Sequence[LabelItem]) -> list[dict[str, Any]]:
    """Disagreements with their images; without those that a later version left out."""
    version, _ = base_of(review.dataset)
    if version is None:
        raise Http404(images.NOT_HERE)
    samples = rows_at(version, [item.position for item in items])
    return [
        {
            "item": item.pk,
            "position": item.position,
            "path": samples[item.position].path,
            "first": item.was,
            "second": item.label,
            "settled": item.settled,
        }
        for item in items
        if item.position in samples
    ]
