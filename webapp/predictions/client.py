"""Asks the resident worker to classify pictures: one request and one reply over Redis; the web never loads torch.

synset:classify            list of requests, JSON: {"id", "run", "files": [names]}
synset:classify:ID:images  list of the pictures' bytes, in the order of `files`; gone when nobody waits any more
synset:classify:ID:reply   list with one JSON: {"results": […]} or {"error": sentence}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import RedisError

from webapp.core.ids import new_id
from webapp.experiments.models import Experiment

REQUESTS = "synset:classify"
SPARE_SECONDS = 5.0  # the socket waits a little longer than the reply may take
NO_REDIS = "The queue's Redis does not answer, so nothing can be classified now. Nothing is lost; try again in a moment."
NO_ANSWER = "The worker that classifies did not answer within {seconds:.0f} s. The queue page says whether it runs; try again in a moment."


class Unavailable(Exception):
    """A sentence that says why nothing was classified; the same call may succeed later."""


def images_key(request: str) -> str:
    """Where a request's pictures wait."""
    return f"{REQUESTS}:{request}:images"


def reply_key(request: str) -> str:
    """Where a request's answer is put."""
    return f"{REQUESTS}:{request}:reply"


async def classify(experiment: Experiment, images: Sequence[tuple[str, bytes]], *, timeout: float = 30.0) -> list[dict[str, Any]]:
    """{"file", "top"} or {"file", "error"} of each (name, bytes), in their order; raises Unavailable."""
    connection = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=timeout + SPARE_SECONDS, socket_connect_timeout=2.0)
    try:
        answer = await ask(connection, str(experiment.folder), images, timeout)
    except (TimeoutError, RedisError, OSError) as error:
        raise Unavailable(NO_REDIS) from error
    finally:
        await connection.aclose()
    if "error" in answer:
        raise Unavailable(answer["error"])
    results: list[dict[str, Any]] = answer["results"]
    return results


async def ask(connection: Any, run: str, images: Sequence[tuple[str, bytes]], seconds: float) -> dict[str, Any]:
    """The worker's answer; what was sent does not outlive the wait for it."""
    request = new_id()
    async with connection.pipeline(transaction=True) as pipe:
        pipe.rpush(images_key(request), *[data for _, data in images])
        pipe.expire(images_key(request), int(seconds) + 1)
        pipe.rpush(REQUESTS, json.dumps({"id": request, "run": run, "files": [name for name, _ in images]}))
        await pipe.execute()
    found = await connection.blpop([reply_key(request)], timeout=seconds)
    if found is None:
        await connection.delete(images_key(request))
        raise Unavailable(NO_ANSWER.format(seconds=seconds))
    answer: dict[str, Any] = json.loads(found[1])
    return answer
