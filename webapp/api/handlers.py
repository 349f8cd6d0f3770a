"""Errors outside any view, in JSON under the API's address and as pages elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.decorators import sync_and_async_middleware
from django.views import defaults

from webapp.api.errors import NO_DATABASE, ApiError, answer
from webapp.jobs.room import lacking

API = "/api/"
BAD_REQUEST = "The request could not be read: its headers or its host are not what this server expects (ALLOWED_HOSTS)."
FAILED = "Something went wrong in the server and was logged. Try again, or tell whoever runs it."
BUSY = "The database does not answer at the moment. Wait a few seconds and try again; what was saved is not lost."
AGAIN_SECONDS = "5"
WRONG_METHOD = "This address takes {allowed} only; {came} came. Go back to the page whose form leads here, and send that."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, for a host that is not allowed and the like."""
    if request.path.startswith(API):
        return answer(ApiError(400, "bad_request", BAD_REQUEST))
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, for a middleware that failed; Django has logged it. 503 where it is the database that does not answer."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return busy(request)
    if request.path.startswith(API):
        return answer(ApiError(500, "unexpected", FAILED))
    return defaults.server_error(request)


def busy(request: HttpRequest) -> HttpResponse:
    """503 with when to try again; a database on a full disk does not answer for that reason."""
    full = lacking()
    if request.path.startswith(API):
        return answer(ApiError(503, "busy", full or NO_DATABASE, Retry_After=AGAIN_SECONDS))
    if is_script(request):
        page = HttpResponse(full or BUSY, content_type="text/plain; charset=utf-8")
    else:
        page = HttpResponse(render_to_string("503.html", {"said": full or BUSY}))  # without a context that asks the database
    page.status_code, page.headers["Retry-After"] = 503, AGAIN_SECONDS
    return page


def is_script(request: HttpRequest) -> bool:
    """Whether a script of a page asks, which shows a sentence and no page."""
    by_fetch = request.headers.get("Sec-Fetch-Mode") in ("cors", "same-origin")
    return by_fetch or "HX-Request" in request.headers or request.headers.get("Accept") == "application/json"


def wrong_method(request: HttpRequest, refused: HttpResponseNotAllowed) -> HttpResponse:
    """405 with a sentence; the view's own answer has no body."""
    said = WRONG_METHOD.format(allowed=refused["Allow"], came=request.method)
    if is_script(request):
        page = HttpResponse(said, status=405, content_type="text/plain; charset=utf-8")
    else:
        page = render(request, "405.html", {"said": said}, status=405)
    page.headers["Allow"] = refused["Allow"]
    return page


@sync_and_async_middleware
def method_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]:
    """Gives the page of a refused method its words."""

    async def waiting(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = await get_response(request)
        return await sync_to_async(wrong_method)(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    def plain(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        return wrong_method(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    return waiting if iscoroutinefunction(get_response) else plain
