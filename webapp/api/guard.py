"""Around every address of the API: who calls (bearer tokens alone), the first answer again, and errors in one shape.

A session's cookie opens nothing here: a browser sends it along with any form of any site, a token it never sends by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from webapp.accounts.actions import token_actor
from webapp.accounts.actor import Actor
from webapp.api import idempotency
from webapp.api.errors import ApiError, answer, response_to
from webapp.api.sealing import bearer

View = Callable[..., Any]
SCHEME = 'Bearer realm="Synset"'
NO_TOKEN = "This call needs a token. Send the header `Authorization: Bearer TOKEN`; the account page makes one."
BAD_TOKEN = "This token is unknown, expired or revoked. Make a new one on the account page."


def identified(request: HttpRequest) -> Actor:
    """Who calls; ApiError 401 without a living token."""
    token = bearer(request)
    actor = token_actor(token) if token else None
    if actor is None:
        raise ApiError(401, "bad_token" if token else "no_token", BAD_TOKEN if token else NO_TOKEN, WWW_Authenticate=SCHEME)
    return actor


def admit(request: HttpRequest) -> HttpResponse | None:
    """Lets a caller in: sets `request.actor`, reads the form off the event loop, gives the stored answer of a repeat."""
    actor = identified(request)
    setattr(request, "actor", actor)  # noqa: B010  # the middleware's attribute, unknown to HttpRequest
    if request.method != "POST":
        return None
    if request.content_type == "multipart/form-data":
        _ = request.FILES
    return idempotency.first_answer(request, actor)


def shaped(response: HttpResponseBase) -> HttpResponseBase:
    """The response; a refused method in the shape of every other error."""
    if not isinstance(response, HttpResponseNotAllowed):
        return response
    allowed = response["Allow"]
    return answer(ApiError(405, "method_not_allowed", f"This address takes {allowed} only.", Allow=allowed))


def guarded(view: View) -> View:
    """The view behind a token; the same for plain and for async ones."""

    @wraps(view)
    def plain(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = admit(request) or shaped(view(request, *args, **kwargs))
        except Exception as error:  # noqa: BLE001  # answered and logged by response_to
            response = response_to(request, error)
        idempotency.keep(request, response)
        return response

    @wraps(view)
    async def waiting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = await sync_to_async(admit)(request) or shaped(await view(request, *args, **kwargs))
        except asyncio.CancelledError:  # the caller hung up
            await sync_to_async(idempotency.forget)(request)
            raise
        except Exception as error:  # noqa: BLE001  # answered and logged by response_to
            response = response_to(request, error)
        await sync_to_async(idempotency.keep)(request, response)
        return response

    return waiting if iscoroutinefunction(view) else plain


def open_to_all(view: View) -> View:
    """The view without a token (the documentation shows no data), its errors in the same shape."""

    @wraps(view)
    def plain(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return shaped(view(request, *args, **kwargs))
        except Exception as error:  # noqa: BLE001  # answered and logged by response_to
            return response_to(request, error)

    return plain


def unknown(request: HttpRequest, **_: Any) -> HttpResponseBase:
    """404 for an address that the API does not have."""
    return answer(ApiError(404, "not_found", f"There is no such address in the API: {request.path[:200]}. /api/v1/docs lists them all."))


unknown.csrf_exempt = True  # type: ignore[attr-defined]


def json_of(response: HttpResponseBase) -> Any:
    """The JSON of a small response."""
    return json.loads(response.content) if isinstance(response, HttpResponse) and response.content else None
