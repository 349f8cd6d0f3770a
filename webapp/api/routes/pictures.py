"""Single images: what is known of each, and its picture as it is kept."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpResponse
from ninja import Query, Router

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api import images
from webapp.api.lookups import Position, image_at
from webapp.api.picture_schemas import OneImage
from webapp.api.service import answers
from webapp.datasets import drafts, history, packs
from webapp.datasets.browsing import columns
from webapp.datasets.models import Dataset
from webapp.datasets.views.media import SANDBOXED

router = Router()
Version = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="As that version was sealed; without it, the newest that has the image.")
]
IMAGE = {"schema": {"type": "string", "format": "binary"}}
FILE: dict[str, Any] = {"responses": {200: {"description": "The picture.", "content": dict.fromkeys(("image/jpeg", "image/png"), IMAGE)}}}
NOT_THERE = "This image was erased, or its files are not on this server."


@router.get("/datasets/{id}/images/{position}", response=answers({200: OneImage}), summary="Read an image")
def read_image(request: Request, id: str, position: Position, version: Version = None) -> dict[str, Any]:
    """Its place, its metadata and its history, as the open draft has it; with `version`, as that one was sealed."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    found, sample = image_at(dataset, position, version)
    draft = drafts.current(dataset) if version is None else None
    draft = draft if draft and draft.base_id == found.pk else None
    (row,) = images.rows(found, draft, [position])
    try:
        digest: bytes = packs.index(found.folder)["sha256"][sample.image].tobytes()
        erased = bool(packs.erased(found, [sample.image]))
    except packs.Missing:
        raise Http404(images.NOT_HERE) from None
    told = {"version": found.number, "digest": digest.hex(), "erased": erased, "metadata": dict(columns.cells(found.folder, position))}
    steps = [{"when": step.when, "who": step.who, "words": step.words, "why": step.why} for step in history.steps(dataset, position)]
    return row | told | {"history": steps, "earlier": history.earlier(dataset, position)}


@router.get("/datasets/{id}/images/{position}/picture", response=answers({200: None}), openapi_extra=FILE, summary="Download an image")
def read_picture(
    request: Request,
    id: str,
    position: Position,
    version: Version = None,
    thumbnail: Annotated[bool, Query(description="The small one that lists show.")] = False,
) -> HttpResponse:
    """The picture as it is kept: upright, a photograph as JPEG, a small image as PNG, without EXIF. 404 of one that was erased."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    found, sample = image_at(dataset, position, version)
    try:
        data, media_type = (packs.thumbnail if thumbnail else packs.picture)(found, sample.image)
    except packs.Missing:
        raise Http404(NOT_THERE) from None
    return HttpResponse(data, content_type=media_type, headers=SANDBOXED)
