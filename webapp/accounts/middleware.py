"""Puts the actor (who, in which team, with which rights) on each request, and keeps what is answered to them out of caches."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from webapp.accounts.actor import let_in_again, session_actor
from webapp.accounts.sessions import note_seen
from webapp.core.pieces import InPieces

Handler = Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]
PRIVATE = "private, no-store"
DRAFT, DRAFT_COOKIE = re.compile(r"[\d-]{7,60}"), "synset_taken"


def identify(request: Any) -> None:
    """Sets `request.actor`; without a session's cookie no query is made (the API identifies its tokens itself)."""
    request.actor = session_actor(request) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    if request.actor is not None:
        note_seen(request.session)


def watched(request: Any, response: HttpResponse) -> HttpResponse:
    """A download goes on for as long as the person would still be let in where it was asked for, unless its view knows better."""
    verb = getattr(request.resolver_match and request.resolver_match.func, "verb", "")
    if verb and request.actor is not None and isinstance(response, InPieces) and "still" not in vars(response):
        response.still = partial(let_in_again, request, verb)
    return response


@sync_and_async_middleware
def actor_middleware(get_response: Callable[[HttpRequest], Any]) -> Handler:
    """`request.actor: Actor | None` before any view runs, also in views that must not touch the database themselves."""

    async def waiting(request: HttpRequest) -> HttpResponse:
        await sync_to_async(identify)(request)
        return watched(request, await get_response(request))

    def plain(request: HttpRequest) -> HttpResponse:
        identify(request)
        return watched(request, get_response(request))

    return waiting if iscoroutinefunction(get_response) else plain


def keep_private(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """No cache keeps what a session or a token was answered, so that Back after signing out shows nothing. Pictures and downloads
    that say themselves how long their reader's own browser may keep them are left as they are."""
    known = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    if known and "private" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = PRIVATE
    return response


def confirm_draft(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Tells the browser (drafts.js) which of its drafts a form brought to its end: one that was taken leads on, though not to the login."""
    is_taken = request.method == "POST" and response.status_code in (302, 303) and not response["Location"].startswith(settings.LOGIN_URL)
    draft = request.POST.get("draft", "") if is_taken and "Authorization" not in request.headers else ""
    if DRAFT.fullmatch(draft):
        response.set_cookie(DRAFT_COOKIE, draft, max_age=60, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@sync_and_async_middleware
def private_middleware(get_response: Callable[[HttpRequest], Any]) -> Handler:
    """Stands inside the one that serves static files, whose answers are everybody's, and outside all that answer in place of a view."""

    async def waiting(request: HttpRequest) -> HttpResponse:
        return confirm_draft(request, keep_private(request, await get_response(request)))

    def plain(request: HttpRequest) -> HttpResponse:
        return confirm_draft(request, keep_private(request, get_response(request)))

    return waiting if iscoroutinefunction(get_response) else plain
