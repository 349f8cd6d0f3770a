"""Drafts: what a dataset holds, and what is changed of it before it is sealed as the next version."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api import changes, images
from webapp.api.draft_schemas import Change, Discarded, DraftOut, EditList, EditOut, Filters, ImageList, Sort, Undo
from webapp.api.lines import plain_json
from webapp.api.lookups import Number, version_at
from webapp.api.paging import Page, cursor_behind, number_in, numbered_page
from webapp.api.schemas import Made, Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets import drafts
from webapp.datasets.drafts import overlay
from webapp.datasets.models import Dataset, Edit
from webapp.datasets.queries import newest_version
from webapp.datasets.views.drafting import sentence

router = Router()
ORDER = "As uploaded, by `path`, or `large`, `small`, `wide` or `high` first; by a check `dark`, `bright` or `unsure` first."


class Order(Page):
    """How much of the images, from where, in which order."""

    sort: Sort = Field("", description=ORDER)
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="As that version was sealed; without it, as the draft has them.")


@router.get("/datasets/{id}/images", response=answers({200: ImageList}), summary="List the images of a dataset")
def list_images(request: Request, id: str, filters: Query[Filters], page: Query[Order]) -> HttpResponse:
    """Images that match, in an order, as the open draft has them; changes name them by their `position`."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    draft = drafts.current(dataset) if page.version is None else None
    version = version_at(dataset, page.version) if page.version is not None else draft.base if draft else newest_version(dataset)
    if version is None:
        return plain_json({"version": None, "total": 0, "items": [], "next": None})
    version.dataset = dataset
    found = images.found(version, draft, images.wanted(filters, version, draft, page.sort))
    start = found.behind(number_in(page.cursor)) if page.cursor else 0
    positions = found.part(start, page.limit)
    following = cursor_behind(positions[-1]) if start + page.limit < len(found) else None
    items = images.rows(version, draft, positions)
    return plain_json({"version": version.number, "total": len(found), "items": items, "next": following})


@router.get("/datasets/{id}/draft", response=answers({200: DraftOut}), summary="Read the draft of a dataset")
def read_draft(request: Request, id: str) -> dict[str, Any]:
    """What the next version would change. A dataset has one draft at most, which its team shares."""
    return shown(get_for(request.actor, Dataset, id, "dataset.read"))


def shown(dataset: Dataset) -> dict[str, Any]:
    """The open draft, or what an untouched one would be."""
    draft = drafts.current(dataset)
    version = draft.base if draft else newest_version(dataset)
    counts = {name: getattr(draft, name) if draft else 0 for name in ("relabelled", "moved", "removed", "added")}
    return {
        "open": draft is not None,
        "base": version.number if version else None,
        "words": overlay.words(draft) if draft else "nothing changed yet",
        **counts,
        "classes": overlay.class_words(draft) if draft else [],
        "cut": draft.resplit if draft else None,
        "edits": draft.edits_made if draft else 0,
        "sealing": draft is not None and draft.sealing,
        "job": draft.job_id if draft else None,
    }


@router.get("/datasets/{id}/draft/edits", response=answers({200: EditList}), summary="List the edits of a draft")
def list_edits(request: Request, id: str, page: Query[Page]) -> dict[str, Any]:
    """The newest first, those that were undone too; none without an open draft."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    rows, following = numbered_page(Edit.objects.filter(draft=drafts.current(dataset)).select_related("user").defer("before"), page)
    return {"items": [edit_shown(edit) for edit in rows], "next": following}


def edit_shown(edit: Edit) -> dict[str, Any]:
    """An edit as the API tells it."""
    return {
        "number": edit.number,
        "by": edit.user.username if edit.user else None,
        "made_at": edit.made_at,
        "words": sentence(edit),
        "images": edit.did.get("waiting", edit.did.get("corrected", edit.samples)),
        "why": edit.why,
        "undone": edit.undone_at is not None,
    }


@router.post(
    "/datasets/{id}/draft/changes", response=answers({201: EditOut}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Change a draft"
)
def change_draft(request: Request, id: str, body: Change) -> Status[Any]:
    """One edit by its `op`; the first one opens the draft. 409 where it is being sealed, or where nothing would change.

    Images: `label` (with `label`), `move` (`split`), `remove`, `restore`, of `positions` or of all that are `matching`.
    Classes: `rename` and `merge` (`label`, `to`), `drop` (`label`).
    `split` cuts the splits anew when the draft is sealed (`shares`, `seed`, `group`, `together`, `alike`, `keep_test`, `least`, `most`).
    """
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    return Status(201, edit_shown(fresh(changes.do(request.actor, dataset, body))))


def fresh(edit: Edit) -> Edit:
    """With the times that the database gave it."""
    edit.refresh_from_db(fields=["made_at", "undone_at"])
    return edit


@router.post("/datasets/{id}/draft/undo", response=answers({200: EditOut}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Undo an edit")
def undo_edit(request: Request, id: str, body: Undo | None = None) -> dict[str, Any]:
    """Takes your newest edit back that was not taken back yet; with its `number`, the newest of all, whoever made it.

    409 where nothing of yours is left, where somebody changed the same images since, or where the number is not the newest one.
    """
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    return edit_shown(fresh(drafts.undo(request.actor, dataset, number=body.number if body else None)))


@router.post("/datasets/{id}/draft/seal", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Seal a draft")
def seal_draft(request: Request, id: str, body: Nothing | None = None) -> Status[Any]:
    """Queues the job that makes the next version of it; a draft that is being sealed already gives its job."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    return Status(202, {"id": dataset.id, "job": drafts.seal(request.actor, dataset).id})


@router.delete("/datasets/{id}/draft", response=answers({200: Discarded}, 409), summary="Discard a draft")
def discard_draft(request: Request, id: str) -> dict[str, Any]:
    """Every change since its base goes for good; the sealed versions stay as they are."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    drafts.discard(request.actor, dataset)
    return {"id": dataset.id, "outcome": "discarded"}


@router.post(
    "/datasets/{id}/versions/{number}/revert",
    response=answers({201: DraftOut}, 400, 409),
    openapi_extra=IDEMPOTENCY,
    summary="Bring a version back",
)
def revert_version(request: Request, id: str, number: Number, body: Nothing | None = None) -> Status[Any]:
    """Opens a draft that says what an older version says; seal it to have it again. 409 where a draft with changes is open."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    drafts.revert(request.actor, dataset, version_at(dataset, number))
    return Status(201, shown(dataset))
