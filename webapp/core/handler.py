"""Django's way from a request to its answer, in one step to a thread and back.

Under ASGI Django goes there and back for each half of each middleware, and WhiteNoise, which does not wait, turns the way around once
more: some twenty steps, each of which stands in line behind whatever else computes at that moment. A page that asks for sixty
thumbnails waits for all of theirs.
"""

from __future__ import annotations

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve


class Handler(ASGIHandler):
    """As Django's own; where a coroutine answers, which waits on the event loop, the way stays as long as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = BaseHandler()
        self.plain.load_middleware()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, through every middleware."""
        if waits(request.path_info):
            return await super().get_response_async(request)
        return await sync_to_async(self.plain.get_response)(request)


def waits(path: str) -> bool:
    """Whether a coroutine answers there; static files and what there is not are answered by none."""
    try:
        return iscoroutinefunction(resolve(path).func)
    except Resolver404:
        return False
