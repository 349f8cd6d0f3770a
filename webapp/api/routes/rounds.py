"""Rounds of labelling: begun, handed out, answered, reviewed; and suggestions of a trained network."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpResponse
from ninja import Path, Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api import rounds
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.paging import Page, cursor_behind, page_of, place_in
from webapp.api.round_schemas import (
    MOST_ITEM,
    AgreementOut,
    Answer,
    Answered,
    AskSuggestions,
    BeginRound,
    GivenBack,
    Handed,
    LeaveRound,
    RoundChange,
    RoundList,
    RoundOut,
    Settle,
    Settled,
    SuggestionsList,
    Undone,
)
from webapp.api.routes.pictures import FILE, NOT_THERE
from webapp.api.schemas import Made, Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets import labelling, packs, suggested
from webapp.datasets.labelling import reviewing, suggesting
from webapp.datasets.labelling.handing import base_of
from webapp.datasets.labelling.sources import rows_at
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.models import Dataset, Suggesting
from webapp.datasets.queries import newest_version
from webapp.datasets.views.media import SANDBOXED

router = Router()
ROUND = "/datasets/{id}/rounds/{round}"
NO_IMAGES = "{name} has no images yet; wait for its import."
Item = Annotated[int, Path(ge=1, le=MOST_ITEM, description="The `id` of an image that was handed out.")]


@router.get("/datasets/{id}/rounds", response=answers({200: RoundList}), summary="List rounds of labelling")
def list_rounds(request: Request, id: str, page: Query[Page]) -> dict[str, Any]:
    """Newest first, closed ones and reviews too."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    rows, following = page_of(LabelRound.objects.filter(dataset=dataset).select_related("created_by"), page)
    return {"items": [rounds.shown(row) for row in rows], "next": following}


@router.post("/datasets/{id}/rounds", response=answers({201: RoundOut}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Begin a round")
def begin_round(request: Request, id: str, body: BeginRound) -> Status[Any]:
    """A round over images that match, over findings or over suggestions; the same once more gives the one nobody has begun to label."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    return Status(201, rounds.shown(rounds.begun(request.actor, dataset, body)))


@router.get(ROUND, response=answers({200: RoundOut}), summary="Read a round")
def read_round(request: Request, id: str, round: str) -> dict[str, Any]:
    """How far it is."""
    return rounds.shown(rounds.round_of(get_for(request.actor, Dataset, id, "dataset.read"), round))


@router.post(f"{ROUND}/next", response=answers({200: Handed}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Take the next images")
def take_next(request: Request, id: str, round: str, body: Nothing | None = None) -> dict[str, Any]:
    """Up to five images that nobody else has, yours for two minutes; asked again, the same ones. 409 once the round is closed."""
    return rounds.handed(request.actor, rounds.round_of(get_for(request.actor, Dataset, id, "dataset.edit"), round))


@router.get(
    f"{ROUND}/items/{{item}}/picture", response=answers({200: None}, 409), openapi_extra=FILE, summary="Download what is to be labelled"
)
def read_item(request: Request, id: str, round: str, item: Item) -> HttpResponse:
    """The picture of an image that was handed out to you, under no name. 409 where it is not yours."""
    found = rounds.round_of(get_for(request.actor, Dataset, id, "dataset.edit"), round)
    row = LabelItem.objects.filter(round=found, pk=item, user=request.actor.user).first()
    version, _ = base_of(found.dataset)
    sample = rows_at(version, [row.position]).get(row.position) if row and version else None
    if version is None or sample is None:
        raise ApiError(409, "gone", "This image is not yours in this round; take the next ones.")
    version.dataset = found.dataset
    try:
        data, media_type = packs.picture(version, sample.image)
    except packs.Missing:
        raise Http404(NOT_THERE) from None
    return HttpResponse(data, content_type=media_type, headers=SANDBOXED)


@router.post(f"{ROUND}/answers", response=answers({200: Answered}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Answer an image")
def answer_item(request: Request, id: str, round: str, body: Answer) -> dict[str, Any]:
    """A label, out with it, or skipped: an edit of the draft, of a review an answer beside the first. 409 where the image is not yours."""
    found = rounds.round_of(get_for(request.actor, Dataset, id, "dataset.edit"), round)
    if (body.label is None) == (body.do == "label"):
        wrong = "is missing; to label needs it" if body.do == "label" else f"is no field of the answer {body.do}"
        raise FieldErrors({"label": wrong})
    if body.do == "label":
        return rounds.answered(labelling.answer(request.actor, found, body.item, body.label or ""))
    verb = labelling.take_out if body.do == "out" else labelling.skip
    return rounds.answered(verb(request.actor, found, body.item))


@router.post(f"{ROUND}/undo", response=answers({200: Undone}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Undo an answer")
def undo_answer(request: Request, id: str, round: str, body: Nothing | None = None) -> dict[str, Any]:
    """Takes your own newest answer of the round back. 409 where there is none, or where it is sealed by now."""
    found = rounds.round_of(get_for(request.actor, Dataset, id, "dataset.edit"), round)
    return {"item": labelling.undo(request.actor, found).pk}


@router.post(f"{ROUND}/leave", response=answers({200: GivenBack}, 400), openapi_extra=IDEMPOTENCY, summary="Leave a round")
def leave_round(request: Request, id: str, round: str, body: LeaveRound | None = None) -> dict[str, Any]:
    """What you have and did not answer is anybody's again, at once."""
    found = rounds.round_of(get_for(request.actor, Dataset, id, "dataset.edit"), round)
    return {"images": labelling.give_back(request.actor, found, body.keep if body else ())}


@router.post(f"{ROUND}/changes", response=answers({200: RoundOut}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Change a round")
def change_round(request: Request, id: str, round: str, body: RoundChange) -> dict[str, Any]:
    """Closes it, or goes through what was skipped once more; `review` answers with the round in which others label a share again."""
    found = rounds.round_of(get_for(request.actor, Dataset, id, "dataset.edit"), round)
    if (body.share is None) == (body.op == "review"):
        raise FieldErrors({"share": "is missing; a review needs it" if body.op == "review" else f"is no field of the op {body.op}"})
    if body.op == "review":
        return rounds.shown(labelling.start_review(request.actor, found, body.share or 0.0))
    verb = labelling.close if body.op == "close" else labelling.once_more
    verb(request.actor, found)
    return rounds.shown(rounds.round_of(found.dataset, round))


@router.get(f"{ROUND}/agreement", response=answers({200: AgreementOut}), summary="Read a review")
def read_agreement(request: Request, id: str, round: str, page: Query[Page]) -> dict[str, Any]:
    """Cohen's kappa, what is taken for what, and the images about which people differ, some at a time. 404 of a round that is no review."""
    review = rounds.review_of(get_for(request.actor, Dataset, id, "dataset.read"), round)
    told = reviewing.compared(review)
    found = reviewing.disagreements(review, place_in(page.cursor) if page.cursor else 0, page.limit + 1)
    some = found[: page.limit]
    return rounds.figures(told.agreement) | {
        "low": told.agreement.low,
        "high": told.agreement.high,
        "people": [{"first": pair.first, "second": pair.second} | rounds.figures(pair.agreement) for pair in told.people],
        "differing": [{"first": first, "second": second, "images": number} for first, second, number in told.pairs],
        "open": told.open,
        "items": rounds.differing(review, some),
        "next": cursor_behind(some[-1].pk) if len(found) > page.limit else None,
    }


@router.post(f"{ROUND}/settlements", response=answers({200: Settled}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Settle a disagreement")
def settle_item(request: Request, id: str, round: str, body: Settle) -> dict[str, Any]:
    """What holds of an image about which two people differ, as an edit of the draft; also once more with another label."""
    review = rounds.review_of(get_for(request.actor, Dataset, id, "dataset.edit"), round)
    found = reviewing.settle(request.actor, review, body.item, body.label)
    return {"item": found.pk, "settled": found.settled}


@router.get("/datasets/{id}/suggestions", response=answers({200: SuggestionsList}), summary="List suggestions")
def list_suggestions(request: Request, id: str) -> dict[str, Any]:
    """What trained networks say of the dataset's images: those that a round can go through, and the newest that was asked for."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    version = newest_version(dataset)
    newest = suggested.newest(version) if version else None
    rows = {row.id: row for row in ([newest] if newest else []) + suggested.done(dataset)}
    return {"items": [suggestions_shown(rows[key]) for key in sorted(rows, reverse=True)]}


def suggestions_shown(row: Suggesting) -> dict[str, Any]:
    job = {"state": row.job.state, "job": row.job_id}
    return {"id": row.id, "network": row.source_name, "version": row.version.number, "images": row.images} | job


@router.post(
    "/datasets/{id}/suggestions", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Ask for suggestions"
)
def ask_suggestions(request: Request, id: str, body: AskSuggestions) -> Status[Any]:
    """Queues the look of a trained network at every image; one of the same that waits or runs is given in its place."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    version, _ = base_of(dataset)
    if version is None:
        raise ApiError(409, "no_version", NO_IMAGES.format(name=dataset.name))
    version.dataset = dataset
    made = suggesting.start(request.actor, version, body.network)
    return Status(202, {"id": made.id, "job": made.job_id})
