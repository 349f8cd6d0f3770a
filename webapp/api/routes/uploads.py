"""Uploads in parts, by tus 1.0.0, for archives that one request may not bring through."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from webapp.accounts.actor import Request
from webapp.api.paging import Page, page_of
from webapp.api.service import IDEMPOTENCY, answers
from webapp.api.upload_schemas import UploadList, UploadOut
from webapp.datasets.models import Upload
from webapp.datasets.uploads import becoming, begin, tus

router = Router()
ADDRESS = "/uploads/{id}"


def header(name: str, example: str, words: str, *, required: bool = True) -> dict[str, Any]:
    """A header of a call, as the schema names it."""
    return {"in": "header", "name": name, "required": required, "schema": {"type": "string"}, "example": example, "description": words}


SPEAKS = header(tus.VERSION_HEADER, tus.VERSION, "The protocol's version; 412 for another.")
LENGTH = header("Upload-Length", "300000000", "Bytes of the whole archive.")
METADATA = header(
    "Upload-Metadata",
    "filename YS56aXA=,name TXkgaW1hZ2Vz",
    "Pairs of a key and a Base64 text, by comma: `filename`; `name`, `split`, `seed`, `group`, `alike`, `least`, `most`, `blur_faces`, "
    "`exif` and `encoding` as of `POST /datasets`; `dataset`, the id of one whose failed import this archive shall replace; or `adds_to`, "
    "the id of one whose draft gains the images, with `label` where all of them are of one class, `encoding`, and `exif` (none: nothing; "
    "without it what the dataset's import keeps); or `becomes` (`classification`) with `network` as of `POST /classifications`.",
    required=False,
)
OFFSET = header("Upload-Offset", "0", "Where this part begins: so many bytes are here already. 409 for another place, with the right one.")
CHECKSUM = header(
    "Upload-Checksum",
    "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "sha1 or sha256 of this part, in Base64: what does not fit is not kept (460).",
    required=False,
)
BYTES = {"requestBody": {"required": True, "content": {tus.PART_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}


def place(id: str) -> str:
    """Where an upload is spoken with."""
    return f"/api/v1/uploads/{id}"


def made_place(upload: Upload) -> str:
    """Where what was made of it is read."""
    if upload.made:
        return f"/api/v1{becoming.taker(upload).call.format(upload.made)}"
    return f"/api/v1/datasets/{upload.dataset_id}"


def sent_with(*headers: dict[str, Any]) -> dict[str, Any]:
    """The schema of a call that is sent with these headers."""
    return {"parameters": [SPEAKS, *headers]}


@router.post(
    "/uploads",
    response=answers({201: UploadOut}, 400, 409, 412, 413, 507),
    openapi_extra=sent_with(LENGTH, METADATA, *IDEMPOTENCY["parameters"]),
    summary="Begin an upload in parts",
)
def begin_upload(request: Request) -> HttpResponse:
    """Asks for an address to send an archive to, in parts of any size. It stands in `Location`."""
    return tus.answer_create(request, request.actor, place)


@router.get("/uploads", response=answers({200: UploadList}), summary="List unfinished uploads")
def list_uploads(request: Request, page: Query[Page]) -> dict[str, Any]:
    """Those of the team that can be gone on with, newest first."""
    request.actor.require("dataset.read")
    rows, following = page_of(begin.living(request.actor.team), page)
    return {"items": [{**begin.shown(row), "url": place(row.pk)} for row in rows], "next": following}


@router.api_operation(
    ["HEAD"], ADDRESS, response=answers({200: None}, 410, 412), openapi_extra=sent_with(), summary="Ask how far an upload is"
)
def read_upload(request: Request, id: str) -> HttpResponse:
    """`Upload-Offset` tells how many bytes are here for good. Once that is all, `Synset-Dataset` and `Synset-Job` name what was made, or
    `Synset-Made` what is no dataset."""
    return tus.answer_head(request, request.actor, id, made_place)


@router.patch(
    ADDRESS,
    response=answers({204: None}, 400, 408, 409, 410, 412, 413, 415, 423, 507),
    openapi_extra=sent_with(OFFSET, CHECKSUM) | BYTES,
    summary="Send a part",
)
async def send_part(request: Request, id: str) -> HttpResponse:
    """Appends bytes. What was told as received outlives a restart. With the last byte the dataset is made and its import queued, once;
    `Synset-Dataset` and `Synset-Job` name them. 423 while another connection sends."""
    return await tus.answer_patch(request, request.actor, id, made_place)


@router.delete(ADDRESS, response=answers({204: None}, 409, 410, 412), openapi_extra=sent_with(), summary="Discard an upload")
def discard_upload(request: Request, id: str) -> HttpResponse:
    """Removes what came of an unfinished one."""
    return tus.answer_delete(request, request.actor, id)


@router.api_operation(["OPTIONS"], "/uploads", response=answers({204: None}), summary="Ask what the server can")
def upload_options(request: Request) -> HttpResponse:
    """The protocol's versions, its extensions and the largest archive, in `Tus-` headers."""
    request.actor.require("dataset.edit")
    return tus.answer_options()
