"""Archives in parts, as the upload page sends them: tus 1.0.0 behind a session (the API has the same behind a token)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.db import OperationalError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from classifier.spec.errors import ClassifierError, ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.datasets.models import Upload
from webapp.datasets.uploads import becoming, begin, tus
from webapp.datasets.uploads.refusals import Refused

View = TypeVar("View", bound=Callable[..., Any])
BUSY = "The database is busy at the moment; what was sent and not confirmed is sent again shortly."
EXPECTED = (Refused, ClassifierError, OperationalError)


def in_json(view: View) -> View:
    """What the view refuses is answered as JSON: {"error": {"code", "message", "fields"}}."""

    @wraps(view)
    def plain(*args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return cast(HttpResponse, view(*args, **kwargs))
        except EXPECTED as error:
            return told(error)

    @wraps(view)
    async def waiting(*args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return cast(HttpResponse, await view(*args, **kwargs))
        except EXPECTED as error:
            return told(error)

    return cast(View, waiting if iscoroutinefunction(view) else plain)


def told(error: Exception) -> JsonResponse:
    """The answer to an error that is expected."""
    refused = error if isinstance(error, Refused) else refusal_of(error)
    fields = error.fields if isinstance(error, ConfigError) else {}
    body = {"code": refused.code, "message": refused.message, "fields": fields}
    return JsonResponse({"error": body}, status=refused.status, headers=refused.headers)


def refusal_of(error: Exception) -> Refused:
    """The status that fits an error of the actions."""
    if isinstance(error, ConfigError):
        return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, error.message)
    if isinstance(error, ClassifierError):
        return Refused(HTTPStatus.CONFLICT, error.code, error.message)
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "busy", BUSY, Retry_After=2)


def place(id: str) -> str:
    """Where an upload is spoken with."""
    return reverse("datasets:part", args=[id])


def made_place(upload: Upload) -> str:
    """Where what was made of it is looked at."""
    if upload.made:
        return reverse(becoming.taker(upload).page, args=[upload.made])
    return reverse("datasets:detail", args=[upload.dataset_id])


@require_POST
@allowed("dataset.edit")
@tus.spoken
@in_json
def parts(request: Request) -> HttpResponse:
    """A new upload."""
    return tus.answer_create(request, request.actor, place)


@require_http_methods(["HEAD", "PATCH", "DELETE"])
@allowed("dataset.edit")
@tus.spoken
@in_json
async def part(request: Request, id: str) -> HttpResponse:
    """One upload: how far it is, its next bytes, or its end."""
    if request.method == "PATCH":
        return await tus.answer_patch(request, request.actor, id, made_place)
    if request.method == "HEAD":
        return await sync_to_async(tus.answer_head)(request, request.actor, id, made_place)
    return await sync_to_async(tus.answer_delete)(request, request.actor, id)


@require_POST
@allowed("dataset.edit")
def discard(request: Request, id: str) -> HttpResponse:
    """Removes an unfinished upload, from its row on the upload page."""
    page = "datasets:new"
    try:
        upload = begin.found(request.actor, id)
        page = becoming.taker(upload).form if upload.purpose else page
        begin.discard(request.actor, upload)
        messages.success(request, f"The unfinished upload of {upload.archive_name} is discarded.")
    except Refused as error:
        messages.error(request, error.message)
    return redirect(page)
