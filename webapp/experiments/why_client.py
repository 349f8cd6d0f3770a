"""Asks the resident worker why a network says what it says, and what is inside of it: requests and replies over Redis.

synset:why             list of requests, JSON: {"id", "run", "checkpoint", "file", "ask": {"about": …}, "raw"}; run: as in synset:classify;
                       raw: without the average of its weights, where one was kept; left out where it is not
synset:why:ID:image    the picture's bytes; gone with the answer
synset:why:ID:wanted   there while somebody waits: what is being computed ends where it goes
synset:why:ID:reply    list with one JSON: {"answer": {…}} or {"error": sentence}

What can be asked and what is answered states `classifier.explain.answers`. A thread of the worker answers, beside the classifications.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import OutOfMemoryError, RedisError

from webapp.core.ids import new_id
from webapp.core.resident import AWAY, FULL, Unavailable, is_there

WHYS = "synset:why"
SECONDS = 90.0  # a slow method on a large network on a processor
SPARE_SECONDS = 5.0  # the socket waits a little longer than the reply may take
AT_ONCE = 8  # of all callers of a web process; the worker answers one after another
NOBODY = "The worker that looks into networks does not run at the moment; the queue page says more. Try again in a moment."
LATE = "No answer came within {seconds:.0f} s: others asked before, or this network is too large for this machine. Try again in a moment."
MANY = "Others wait for so many answers that no more are taken now. Try again in a moment."
HELD: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, list[int]] = weakref.WeakKeyDictionary()


class Refused(Unavailable):
    """A sentence of the worker's own: asking the same again brings the same."""


class Picture(NamedTuple):
    """What the network is shown: a name for sentences, and an image file's bytes."""

    name: str
    data: bytes


def image_key(request: str) -> str:
    """Where its picture waits."""
    return f"{WHYS}:{request}:image"


def wanted_key(request: str) -> str:
    """What is there while somebody waits."""
    return f"{WHYS}:{request}:wanted"


def reply_key(request: str) -> str:
    """Where its answer is put."""
    return f"{WHYS}:{request}:reply"


@contextmanager
def held() -> Iterator[None]:
    """A place among those who wait; raises Unavailable where there is none: each wait holds a picture in Redis."""
    waiting = HELD.setdefault(asyncio.get_running_loop(), [0])
    if waiting[0] >= AT_ONCE:
        raise Unavailable(MANY)
    waiting[0] += 1
    try:
        yield
    finally:
        waiting[0] -= 1


async def ask(
    run: str, picture: Picture, question: dict[str, Any], *, checkpoint: str = "best", raw: bool = False, seconds: float = SECONDS
) -> dict[str, Any]:
    """The answer of that network to that question about a picture; raises Unavailable, or Refused for good.

    raw: without the average of its weights, where one was kept.
    """
    with held():
        connection = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=seconds + SPARE_SECONDS, socket_connect_timeout=2.0)
        told = {"run": run, "checkpoint": checkpoint, "file": picture.name, "ask": question, **({"raw": True} if raw else {})}
        try:
            return await asked(connection, told, picture.data, seconds)
        except OutOfMemoryError as error:
            raise Unavailable(FULL.format(what="no picture can be handed over")) from error
        except (TimeoutError, RedisError, OSError) as error:
            raise Unavailable(AWAY.format(what="nothing can be explained")) from error
        finally:
            await connection.aclose()


async def asked(connection: Any, told: dict[str, Any], data: bytes, seconds: float) -> dict[str, Any]:
    """The worker's answer; nothing of the request outlives the wait for it, however that ends."""
    if not await is_there(connection):
        raise Unavailable(NOBODY)
    request = new_id()
    message = json.dumps({"id": request, **told})
    try:
        async with connection.pipeline(transaction=True) as pipe:
            pipe.set(image_key(request), data, ex=int(seconds) + 1)
            pipe.set(wanted_key(request), 1, ex=int(seconds) + 1)
            pipe.rpush(WHYS, message)
            await pipe.execute()
        found = await connection.blpop([reply_key(request)], timeout=seconds)
    finally:
        async with connection.pipeline(transaction=True) as pipe:
            pipe.delete(wanted_key(request), image_key(request))
            pipe.lrem(WHYS, 1, message)
            await pipe.execute()
    if found is None:
        raise Unavailable(LATE.format(seconds=seconds))
    answer: dict[str, Any] = json.loads(found[1])
    if "error" in answer:
        raise Refused(answer["error"])
    said: dict[str, Any] = answer["answer"]
    return said
