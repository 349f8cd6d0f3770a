"""Asks the resident worker what a training would see: requests and replies over Redis; the web never loads torch.

synset:preview              list of requests, JSON: {"id", "data": DATASET folder, "config": {…}, "number"}
synset:preview:ID:wanted    there while somebody waits for the answer: the browser gives up what the next keystroke replaces
synset:preview:ID:reply     list with one JSON: {"preview": {…}} or {"error": sentence}

The worker looks at this list only when nobody waits for a classification.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import OutOfMemoryError, RedisError

from classifier.spec.config import TrainConfig
from webapp.core.ids import new_id
from webapp.core.resident import AWAY, FULL, Unavailable, is_there
from webapp.datasets.models import DatasetVersion

PREVIEWS = "synset:preview"
SECONDS = 12.0
SPARE_SECONDS = 5.0  # the socket waits a little longer than the reply may take
NOBODY = "The worker that draws previews does not run at the moment. A training does not need it; the queue page says more."
LATE = "The preview did not come within {seconds:.0f} s: the worker that draws it is busy. A training does not need it."


class Undrawable(Unavailable):
    """A sentence of the worker's own: asking the same again brings the same."""


def wanted_key(request: str) -> str:
    """What is there while somebody waits."""
    return f"{PREVIEWS}:{request}:wanted"


def reply_key(request: str) -> str:
    """Where a request's answer is put."""
    return f"{PREVIEWS}:{request}:reply"


async def preview(version: DatasetVersion, config: TrainConfig, number: int, *, seconds: float = SECONDS) -> dict[str, Any]:
    """What `classifier.preview` says of that version, its number-th draw; raises Unavailable, or Undrawable for good."""
    connection = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=seconds + SPARE_SECONDS, socket_connect_timeout=2.0)
    told = {"data": str(version.folder), "config": config.to_mapping(), "number": number}
    try:
        return await ask(connection, told, seconds)
    except OutOfMemoryError as error:
        raise Unavailable(FULL.format(what="nothing can be drawn")) from error
    except (TimeoutError, RedisError, OSError) as error:
        raise Unavailable(AWAY.format(what="nothing can be drawn")) from error
    finally:
        await connection.aclose()


async def ask(connection: Any, told: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The worker's answer; nothing of the request outlives the wait for it, however that ends."""
    if not await is_there(connection):
        raise Unavailable(NOBODY)
    request = new_id()
    message = json.dumps({"id": request, **told})
    try:
        async with connection.pipeline(transaction=True) as pipe:
            pipe.set(wanted_key(request), 1, ex=int(seconds) + 1)
            pipe.rpush(PREVIEWS, message)
            await pipe.execute()
        found = await connection.blpop([reply_key(request)], timeout=seconds)
    finally:
        async with connection.pipeline(transaction=True) as pipe:
            pipe.delete(wanted_key(request))
            pipe.lrem(PREVIEWS, 1, message)
            await pipe.execute()
    if found is None:
        raise Unavailable(LATE.format(seconds=seconds))
    answer: dict[str, Any] = json.loads(found[1])
    if "error" in answer:
        raise Undrawable(answer["error"])
    shown: dict[str, Any] = answer["preview"]
    return shown
