"""So many tries within a time, counted in Redis: for pages that a stranger may open, so that none of them can be asked without end."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from webapp.accounts.address import client_address

CODES_A_MINUTE = 60
log = logging.getLogger(__name__)


@cache
def client() -> redis.Redis:
    """One pool for the process; a Redis that hangs must not hold a page."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry_on_timeout=False)


def key(what: str, who: str) -> str:
    """Of a fixed length, whatever it holds."""
    return "synset:limit:" + hashlib.sha256(f"{what}\0{who.lower()}".encode(errors="replace")).hexdigest()


def may(what: str, who: str, tries: int, seconds: int) -> bool:
    """Counts this try, and says whether it may be made. Without Redis it may: nobody is shut out by an outage."""
    try:
        with client().pipeline() as pipe:
            pipe.incr(key(what, who))
            pipe.expire(key(what, who), seconds, nx=True)
            count, _ = pipe.execute()
    except redis.RedisError as error:
        log.warning("Tries are not being counted: %s", error)
        return True
    return int(count) <= tries


def code_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages whose address holds a secret: it is not sent on as a referrer, not kept by a cache, and cannot be guessed at speed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if may("code", client_address(request), CODES_A_MINUTE, 60):
            answer = view(request, *args, **kwargs)
        else:
            answer = render(request, "accounts/too_many.html", status=429)
        # The last policy that a browser knows counts. "no-referrer" alone would send our own forms with "Origin: null", which
        # the check against forged forms refuses; "strict-origin" sends no path either.
        answer.headers["Referrer-Policy"] = "no-referrer, strict-origin"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return guarded
