"""So many tries within a time, counted in Redis: where a stranger may ask or guess, so that nobody can do it without end.

A time begins with its first try and is not lengthened by further ones. Without Redis everybody may: nobody is shut out by an outage.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from webapp.accounts.address import client_network
from webapp.core.words import plural

log = logging.getLogger(__name__)


@cache
def client() -> redis.Redis:
    """One pool for the process; a Redis that hangs must not hold a page."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry_on_timeout=False)


def asked(*commands: tuple[str | int, ...]) -> list[Any]:
    """What Redis answers to each; nothing where it is away."""
    try:
        with client().pipeline() as pipe:
            for command in commands:
                pipe.execute_command(*command)  # type: ignore[no-untyped-call]  # the stubs lack it
            return list(pipe.execute())
    except redis.RedisError as error:
        log.warning("Tries are not being counted: %s", error)
        return []


@dataclass(frozen=True)
class Limit:
    """At most `tries` of something within `seconds`, for each whom it is asked about."""

    what: str
    tries: int
    seconds: int

    def wait(self, who: str) -> int:
        """Seconds until that one may try again, 0 for now; counts nothing."""
        key = self.key(who)
        return self.left(asked(("GET", key), ("TTL", key)), self.tries - 1)

    def take(self, who: str) -> int:
        """Counts a try, and as `wait`. Counted before it is made, so that many at the same moment are not more than one may."""
        key = self.key(who)
        return self.left(asked(("INCR", key), ("TTL", key), ("EXPIRE", key, self.seconds, "NX")), self.tries)

    def give_back(self, who: str) -> None:
        """That try does not count: it was none of those that are limited."""
        key = self.key(who)
        asked(("DECR", key), ("EXPIRE", key, self.seconds, "NX"))

    def forget(self, who: str) -> None:
        """The count begins anew."""
        asked(("DEL", self.key(who)))

    def key(self, who: str) -> str:
        """Of a fixed length, whatever it holds."""
        return "synset:limit:" + hashlib.sha256(f"{self.what}\0{who.lower()}".encode(errors="replace")).hexdigest()

    def left(self, answers: list[Any], most: int) -> int:
        """The rest of the time where more than `most` are counted."""
        count, ttl = answers[:2] if answers else (0, 0)
        return max(1, int(ttl)) if int(count or 0) > most else 0


CODES = Limit("code", 60, 60)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """The page that says how long to wait; 429."""
    answer = render(request, "accounts/too_many.html", {"wait": waiting(seconds)}, status=429)
    return told(answer, seconds)


def told(answer: HttpResponse, seconds: int) -> HttpResponse:
    """The answer, which tells programs too how long to wait and is kept by no cache."""
    answer.headers["Retry-After"] = str(seconds)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def waiting(seconds: int) -> str:
    """ "10 minutes"; never less than what is left."""
    return plural(math.ceil(seconds / 60), "minute")


def code_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages whose address holds a secret: it is not sent on as a referrer, not kept by a cache, and cannot be guessed at speed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wait = CODES.take(client_network(request))
        answer = too_many(request, wait) if wait else view(request, *args, **kwargs)
        # The last policy that a browser knows counts. "no-referrer" alone would send our own forms with "Origin: null", which
        # the check against forged forms refuses; "strict-origin" sends no path either.
        answer.headers["Referrer-Policy"] = "no-referrer, strict-origin"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return guarded
