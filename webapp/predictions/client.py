"""Asks the resident worker to classify pictures: requests and replies over Redis; the web never loads torch.

synset:classify            list of requests, JSON: {"id", "run", "files": [names], "near"?}; run: a RUN folder, or published:NAME;
                           near: files of a map, by which each result tells its nearest training images too
synset:classify:ID:images  list of the pictures' bytes, in the order of `files`; gone when nobody waits any more
synset:classify:ID:reply   list with one JSON: {"results": […]} or {"error": sentence}
synset:classify:alive      there while a worker listens
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import OutOfMemoryError, RedisError

from webapp.core.ids import new_id
from webapp.core.resident import ALIVE, AWAY, FULL, Unavailable, is_there

REQUESTS = "synset:classify"
PUBLISHED = "published:"  # before the name of a network that classifies with its own ImageNet head
REQUEST_BYTES = 32_000_000  # of pictures in one request, so that many large ones never lie in Redis together
REQUEST_IMAGES = 32
IMAGE_BYTES = 25_000_000
STARTING_SECONDS = 10.0  # a worker that is not there may be on its way
SPARE_SECONDS = 5.0  # the socket waits a little longer than the reply may take
NO_REDIS = AWAY.format(what="nothing can be classified")
FULL_REDIS = FULL.format(what="no picture can be handed over")
NO_ANSWER = "The worker that classifies did not answer within {seconds:.0f} s. The queue page says whether it runs; try again in a moment."
TOO_BIG = "It has more than 25 MB; send a smaller picture."

__all__ = ["ALIVE", "PUBLISHED", "REQUESTS", "Unavailable", "classify", "images_key", "portions", "reply_key"]
Item = TypeVar("Item")
Image = tuple[str, bytes]  # its name and its file's bytes


def images_key(request: str) -> str:
    """Where a request's pictures wait."""
    return f"{REQUESTS}:{request}:images"


def reply_key(request: str) -> str:
    """Where a request's answer is put."""
    return f"{REQUESTS}:{request}:reply"


async def classify(network: str, images: Sequence[Image], *, near: str = "", timeout: float = 30.0) -> list[dict[str, Any]]:
    """{"file", "top"} or {"file", "error"} of each (name, bytes), in their order; raises Unavailable.

    network: a RUN folder, or published:NAME. near: a map's stem, for "nearest" in each result.
    `timeout` is for one request of at most REQUEST_IMAGES pictures; more of them are asked for one request after another.
    """
    connection = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=timeout + SPARE_SECONDS, socket_connect_timeout=2.0)
    answers: list[dict[str, Any]] = []
    try:
        fitting = [image for image in images if len(image[1]) <= IMAGE_BYTES]
        for some in portions(fitting, lambda image: len(image[1]), REQUEST_BYTES):
            answers += await ask(connection, network, some, timeout, near)
    except OutOfMemoryError as error:
        raise Unavailable(FULL_REDIS) from error
    except (TimeoutError, RedisError, OSError) as error:
        raise Unavailable(NO_REDIS) from error
    finally:
        await connection.aclose()
    rest = iter(answers)
    return [next(rest) if len(data) <= IMAGE_BYTES else {"file": name, "error": TOO_BIG} for name, data in images]


def portions(images: Sequence[Item], size: Callable[[Item], int], most: int) -> Iterator[list[Item]]:
    """The pictures in order, as many at a time as one request takes and no more than `most` bytes."""
    portion: list[Item] = []
    held = 0
    for image in images:
        if portion and (len(portion) == REQUEST_IMAGES or held + size(image) > most):
            yield portion
            portion, held = [], 0
        portion.append(image)
        held += size(image)
    if portion:
        yield portion


async def ask(connection: Any, run: str, images: Sequence[Image], seconds: float, near: str = "") -> list[dict[str, Any]]:
    """The worker's answer to one request; what was sent does not outlive the wait for it."""
    request = new_id()
    seconds = seconds if await is_there(connection) else min(seconds, STARTING_SECONDS)
    async with connection.pipeline(transaction=True) as pipe:
        pipe.rpush(images_key(request), *[data for _, data in images])
        pipe.expire(images_key(request), int(seconds) + 1)
        told = {"id": request, "run": run, "files": [name for name, _ in images], "near": near}
        pipe.rpush(REQUESTS, json.dumps(told))
        await pipe.execute()
    found = await connection.blpop([reply_key(request)], timeout=seconds)
    if found is None:
        await connection.delete(images_key(request))
        raise Unavailable(NO_ANSWER.format(seconds=seconds))
    answer: dict[str, Any] = json.loads(found[1])
    if "error" in answer:
        raise Unavailable(answer["error"])
    results: list[dict[str, Any]] = answer["results"]
    return results
