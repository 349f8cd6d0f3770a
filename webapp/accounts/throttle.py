"""Slows down guessing of passwords: so many wrong tries a minute for one name from one address."""

from __future__ import annotations

import hashlib
import logging
from functools import cache

import redis
from django.conf import settings

TRIES, SECONDS = 8, 60
log = logging.getLogger(__name__)


@cache
def client() -> redis.Redis:
    """One pool for the process; a Redis that hangs must not hold a sign-in."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry_on_timeout=False)


def key(name: str, address: str) -> str:
    """Of a fixed length, whatever the name holds."""
    return "synset:login:" + hashlib.sha256(f"{name.lower()}\0{address}".encode(errors="replace")).hexdigest()


def try_again(name: str, address: str) -> bool:
    """Counts this try, and says whether it may be made. Without Redis it may: nobody is locked out by an outage."""
    try:
        with client().pipeline() as pipe:
            pipe.incr(key(name, address))
            pipe.expire(key(name, address), SECONDS, nx=True)
            count, _ = pipe.execute()
    except redis.RedisError as error:
        log.warning("Sign-ins are not being counted: %s", error)
        return True
    return int(count) <= TRIES


def forget(name: str, address: str) -> None:
    """After a right password the count starts anew."""
    try:
        client().delete(key(name, address))
    except redis.RedisError as error:
        log.warning("Sign-ins are not being counted: %s", error)
