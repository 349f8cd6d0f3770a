"""The tus 1.0.0 protocol: what each verb reads from a request and answers. Pages and API bring the actor and the addresses."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import http_date

from webapp.accounts.actor import Actor
from webapp.datasets.models import Upload
from webapp.datasets.uploads import begin, refusals
from webapp.datasets.uploads.part import here
from webapp.datasets.uploads.receive import Checksum, take
from webapp.datasets.uploads.refusals import Refused

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination,checksum"
HASHES = ("sha1", "sha256")
PART_TYPE = "application/offset+octet-stream"
LONGEST_METADATA = 8_000
VERSION_HEADER = "Tus-Resumable"

View = TypeVar("View", bound=Callable[..., Any])
Place = Callable[[str], str]  # an id → its address
MadePlace = Callable[[Upload], str]  # a whole upload → the address of what was made of it


def spoken(view: View) -> View:
    """Every answer of the view, also a refusal, names the protocol's version."""

    def named(response: HttpResponse) -> HttpResponse:
        response.headers[VERSION_HEADER] = VERSION
        return response

    @wraps(view)
    def plain(*args: Any, **kwargs: Any) -> HttpResponse:
        return named(view(*args, **kwargs))

    @wraps(view)
    async def waiting(*args: Any, **kwargs: Any) -> HttpResponse:
        return named(await view(*args, **kwargs))

    return cast(View, waiting if iscoroutinefunction(view) else plain)


def answer_options() -> HttpResponse:
    """OPTIONS: what this server can."""
    told = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Checksum-Algorithm": ",".join(HASHES)}
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={**told, "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES)})


def answer_create(request: HttpRequest, actor: Actor, place: Place) -> HttpResponse:
    """POST: a new upload; its address stands in Location."""
    actor.require("dataset.edit")
    check_version(request)
    if "Upload-Defer-Length" in request.headers:
        raise Refused(HTTPStatus.BAD_REQUEST, "no_length", "The length must be known from the beginning: send Upload-Length.")
    length = number(request, "Upload-Length")
    if length == 0:
        raise Refused(HTTPStatus.BAD_REQUEST, "empty", "The archive is empty (Upload-Length: 0); expected a zip or tar of images.")
    metadata = request.headers.get("Upload-Metadata", "")
    upload = begin.begin(actor, length, parsed(metadata), metadata)
    address = place(upload.pk)
    told = {"Location": address, "Upload-Offset": str(here(upload)), "Upload-Expires": http_date(upload.expires_at.timestamp())}
    return JsonResponse({**begin.shown(upload), "url": address}, status=HTTPStatus.CREATED, headers=told)


def answer_head(request: HttpRequest, actor: Actor, id: str, made_place: MadePlace) -> HttpResponse:
    """HEAD: how much is here, and once it is whole, of which dataset."""
    actor.require("dataset.edit")
    check_version(request)
    upload = begin.found(actor, id)
    told = {**state(upload, made_place), "Upload-Length": str(upload.length), "Cache-Control": "private, no-store"}
    return HttpResponse(headers=told | ({"Upload-Metadata": upload.metadata} if upload.metadata else {}))


async def answer_patch(request: HttpRequest, actor: Actor, id: str, made_place: MadePlace) -> HttpResponse:
    """PATCH: the next bytes. With the last ones the dataset is there."""
    actor.require("dataset.edit")
    check_version(request)
    upload = await sync_to_async(begin.found)(actor, id)
    if (request.content_type or "").lower() != PART_TYPE:
        words = f"A part has the Content-Type {PART_TYPE}; {(request.content_type or 'none')[:100]} came."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "wrong_type", words)
    offset, checksum = number(request, "Upload-Offset"), checksum_of(request)
    if upload.finished_at and offset != upload.length:
        raise refusals.whole(upload)
    if not upload.finished_at:
        await take(actor, upload, offset, request, checksum)
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=await sync_to_async(state)(upload, made_place))


def answer_delete(request: HttpRequest, actor: Actor, id: str) -> HttpResponse:
    """DELETE: discards it."""
    actor.require("dataset.edit")
    check_version(request)
    begin.discard(actor, begin.found(actor, id))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def state(upload: Upload, made_place: MadePlace) -> dict[str, str]:
    """The headers that say how far it is."""
    told = {"Upload-Offset": str(here(upload)), "Upload-Expires": http_date(upload.expires_at.timestamp())}
    if upload.finished_at and upload.dataset:
        told |= {"Location": made_place(upload), "Synset-Dataset": upload.dataset.pk, "Synset-Job": upload.dataset.job_id}
    if upload.finished_at and upload.made:
        told |= {"Location": made_place(upload), "Synset-Made": upload.made}
    return told


def check_version(request: HttpRequest) -> None:
    """412 for another version of the protocol, or none."""
    came = request.headers.get(VERSION_HEADER, "")
    if came != VERSION:
        words = f"This server speaks tus {VERSION}. Send the header {VERSION_HEADER}: {VERSION}; {came[:20] or 'none'} came."
        raise Refused(HTTPStatus.PRECONDITION_FAILED, "wrong_version", words, Tus_Version=VERSION)


def number(request: HttpRequest, name: str) -> int:
    """A whole number of a header."""
    text = request.headers.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    words = f"The header {name} must be a whole number of bytes; {text[:40] or 'none'} came."
    raise Refused(HTTPStatus.BAD_REQUEST, "bad_header", words)


def parsed(metadata: str) -> dict[str, str]:
    """ "filename aGVucy56aXA=,draft" → {"filename": "hens.zip", "draft": ""}."""
    if len(metadata) > LONGEST_METADATA:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_metadata", f"Upload-Metadata may have {LONGEST_METADATA:,} characters.")
    told: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in metadata.split(","))):
        key, _, text = pair.partition(" ")
        try:
            told[key] = base64.b64decode(text.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            words = f"Upload-Metadata holds for {key[:40]!r} what is no Base64 of UTF-8 text; send pairs such as filename YS56aXA=."
            raise Refused(HTTPStatus.BAD_REQUEST, "bad_metadata", words) from None
    return told


def checksum_of(request: HttpRequest) -> Checksum | None:
    """What the part must come to; None where none was sent."""
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    name, _, digest = text.partition(" ")
    try:
        if name in HASHES:
            return Checksum(hashlib.new(name, usedforsecurity=False), base64.b64decode(digest.strip(), validate=True))
    except (binascii.Error, ValueError):
        pass
    words = f"Upload-Checksum must be one of {', '.join(HASHES)} with the digest in Base64; {text[:60]} came."
    raise Refused(HTTPStatus.BAD_REQUEST, "bad_checksum", words)
