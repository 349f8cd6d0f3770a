"""Questions to the resident worker and its answers, over Redis; the web never loads torch.

NAME            list of questions, JSON: {"id", …}, what is asked
NAME:ID:image   the bytes that go along, where some do; gone with the answer
NAME:ID:wanted  there while somebody waits: what is being computed ends, or is passed over, where it goes
NAME:ID:reply   list with one JSON: {ANSWER: {…}} or {"error": sentence}
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import OutOfMemoryError, RedisError

from webapp.core.ids import new_id
from webapp.core.resident import AWAY, FULL, Soon, Unavailable, is_there

SPARE_SECONDS = 5.0  # the socket waits a little longer than the answer may take


class Refused(Unavailable):
    """A sentence of the worker's own: asking the same again brings the same."""


class Line(NamedTuple):
    """A list of questions of one kind, and what those who ask are told where none can be answered."""

    name: str
    answer: str  # the key of the answer in the reply
    full: str  # what cannot be done while the Redis has no memory left: "nothing can be drawn"
    away: str  # and while it does not answer
    nobody: str
    late: str  # with its {seconds}

    def image(self, id: str) -> str:
        """Where the bytes of a question wait."""
        return f"{self.name}:{id}:image"

    def wanted(self, id: str) -> str:
        """What is there while somebody waits for its answer."""
        return f"{self.name}:{id}:wanted"

    def reply(self, id: str) -> str:
        """Where its answer is put."""
        return f"{self.name}:{id}:reply"


async def ask(line: Line, told: dict[str, Any], seconds: float, image: bytes | None = None) -> dict[str, Any]:
    """The worker's answer; raises Unavailable, or Refused for good."""
    connection = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=seconds + SPARE_SECONDS, socket_connect_timeout=2.0)
    try:
        return await asked(connection, line, told, seconds, image)
    except OutOfMemoryError as error:
        raise Unavailable(FULL.format(what=line.full)) from error
    except (TimeoutError, RedisError, OSError) as error:
        raise Soon(AWAY.format(what=line.away)) from error
    finally:
        await connection.aclose()


async def asked(connection: Any, line: Line, told: dict[str, Any], seconds: float, image: bytes | None) -> dict[str, Any]:
    """By that connection; nothing of the question outlives the wait for its answer, however that ends."""
    if not await is_there(connection):
        raise Soon(line.nobody)
    id = new_id()
    message, lives = json.dumps({"id": id, **told}), int(seconds) + 1
    try:
        async with connection.pipeline(transaction=True) as pipe:
            if image is not None:
                pipe.set(line.image(id), image, ex=lives)
            pipe.set(line.wanted(id), 1, ex=lives)
            pipe.rpush(line.name, message)
            await pipe.execute()
        found = await connection.blpop([line.reply(id)], timeout=seconds)
    finally:
        async with connection.pipeline(transaction=True) as pipe:
            pipe.delete(line.wanted(id), line.image(id))
            pipe.lrem(line.name, 1, message)
            await pipe.execute()
    if found is None:
        raise Unavailable(line.late.format(seconds=seconds))
    reply: dict[str, Any] = json.loads(found[1])
    if "error" in reply:
        raise Refused(reply["error"])
    answer: dict[str, Any] = reply[line.answer]
    return answer
