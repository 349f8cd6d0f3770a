"""Images that wait in a draft: which uploads, what their images are, and what is said of single ones before it is sealed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from ninja import Path, Query, Router, Status

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.draft_schemas import EditOut
from webapp.api.errors import FieldErrors
from webapp.api.paging import Page, cursor_behind, number_in
from webapp.api.routes.drafts import edit_shown, fresh
from webapp.api.service import IDEMPOTENCY, answers
from webapp.api.waiting_schemas import AdditionList, WaitingChange, WaitingList
from webapp.core.resident import Unavailable
from webapp.datasets import drafts
from webapp.datasets.draft_models import Addition
from webapp.datasets.drafts import adding, peeks, waiting
from webapp.datasets.drafts.changing import NOTHING
from webapp.datasets.drafts.opening import NONE_OPEN
from webapp.datasets.models import Dataset, Edit

router = Router()
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Of the upload, as the list of additions has it.")]
NOTHING_SEEN = {"total": 0, "of": 0, "left": [], "left_count": 0, "names_in": None, "columns": [], "items": [], "next": None}


@router.get("/datasets/{id}/draft/additions", response=answers({200: AdditionList}), summary="List the uploads that wait")
def list_additions(request: Request, id: str) -> dict[str, Any]:
    """What the open draft gains when it is sealed, in the order it came."""
    draft = drafts.current(get_for(request.actor, Dataset, id, "dataset.read"))
    rows = adding.waiting(draft) if draft else []
    return {"items": [{"id": row.pk, "name": row.name, "bytes": row.bytes, **said(row)} for row in rows]}


def said(row: Addition) -> dict[str, str | None]:
    """What is said of all images of an upload."""
    return {name: getattr(row, name) or None for name in ("label", "encoding", "exif")}


@router.get(
    "/datasets/{id}/draft/additions/{addition}/images", response=answers({200: WaitingList}, 409), summary="List the images of an upload"
)
def list_waiting(request: Request, id: str, addition: Number, page: Query[Page]) -> dict[str, Any]:
    """As they would be added, by their paths. 409 where the upload does not wait any more."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    draft = drafts.current(dataset)
    if draft is None:
        raise InputError(NONE_OPEN.format(name=dataset.name), code="no_draft")
    row = waiting.waiting(draft, addition)
    seen = peeks.read(row)
    if seen is None:
        return NOTHING_SEEN | looking(row)
    start = number_in(page.cursor) if page.cursor else 0
    some = seen.images[start : start + page.limit]
    following = cursor_behind(start + page.limit) if start + page.limit < len(seen.images) else None
    left = [{name: problem[name] for name in ("file", "rule", "message")} for problem in seen.left]
    told = {"state": "seen", "why": "", "total": len(seen.images), "of": seen.of, "left": left, "left_count": seen.left_count}
    told |= {"names_in": seen.names_in, "columns": seen.columns}
    return told | {"items": [shown(row, stand) for stand in waiting.standing(row, some)], "next": following}


def looking(row: Addition) -> dict[str, Any]:
    """That they are being looked at, which is asked for here, or why they are not."""
    if failed := peeks.failed(row):
        return {"state": "failed", "why": failed}
    try:
        peeks.ask(row)
    except Unavailable as error:
        return {"state": "looking", "why": str(error)}
    return {"state": "looking", "why": ""}


def shown(row: Addition, stand: waiting.Stand) -> dict[str, Any]:
    """An image as the API tells it."""
    label = stand.now.label if stand.now else row.label or stand.image.label
    size = {"width": stand.image.width, "height": stand.image.height}
    says = {"removed": stand.says.removed or stand.now is None, "changed": stand.says != NOTHING}
    return {"digest": stand.image.digest, "path": stand.image.path, "label": label, **size, **says}


@router.post(
    "/datasets/{id}/draft/additions/{addition}/changes",
    response=answers({201: EditOut}, 400, 409),
    openapi_extra=IDEMPOTENCY,
    summary="Change images that wait",
)
def change_waiting(request: Request, id: str, addition: Number, body: WaitingChange) -> Status[Any]:
    """One edit: another class (`label`), not added (`remove`), or added after all (`restore`); of `images`, or of the whole upload. Or
    another way to read the upload (`read`)."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    return Status(201, edit_shown(fresh(verb(request, dataset, addition, body)())))


def verb(request: Request, dataset: Dataset, addition: int, body: WaitingChange) -> Callable[[], Edit]:
    """What the op does; FieldErrors for fields that do not go together."""
    fields = {"label": ("label",), "read": ("encoding", "exif")}.get(body.op, ())
    if wrong := [name for name in ("label", "encoding", "exif") if getattr(body, name) is not None and name not in fields]:
        raise FieldErrors(dict.fromkeys(wrong, f"is no field of the op {body.op}"))
    if body.op == "read":
        return read_anew(request, dataset, addition, body)
    if body.images is None:
        if body.op == "restore":
            raise FieldErrors({"images": "is missing; an upload that was taken back as a whole comes back by undo"})
        return lambda: drafts.change_addition(request.actor, dataset, addition, label=body.label or "", out=body.op == "remove")
    if body.op == "label" and body.label is None:
        raise FieldErrors({"label": "is missing; the op label needs it"})
    removed = None if body.op == "label" else body.op == "remove"
    return lambda: drafts.change_waiting(request.actor, dataset, addition, body.images or [], label=body.label, removed=removed)


def read_anew(request: Request, dataset: Dataset, addition: int, body: WaitingChange) -> Callable[[], Edit]:
    """How the whole upload is read; FieldErrors where nothing is said of it."""
    if body.images is not None:
        raise FieldErrors({"images": "is no field of the op read, which means the whole upload"})
    if body.encoding is None and body.exif is None:
        raise FieldErrors({"encoding": "is missing; the op read needs it, or exif"})
    return lambda: drafts.read_addition(request.actor, dataset, addition, encoding=body.encoding, exif=body.exif)
