"""What all callers of the resident worker share: how they know that it listens, and what they raise when it gives no answer."""

from __future__ import annotations

import asyncio
from typing import Any

ALIVE = "synset:classify:alive"  # in Redis while a worker listens
HANGING_SECONDS = 3.0  # that a Redis may take to say so
FULL = "The queue's Redis has no memory left, so {what} now. Nothing is lost; try again when it has more."
AWAY = "The queue's Redis does not answer, so {what} now. Nothing is lost; try again in a moment."


class Unavailable(Exception):
    """A sentence that says why there is no answer; the same call may succeed later."""


class Soon(Unavailable):
    """What is away may be back in moments, as right after a start: a page asks again by itself."""


async def is_there(connection: Any) -> bool:
    """Whether a worker listens, by a Redis connection; raises TimeoutError where the Redis hangs, which is not waited for."""
    async with asyncio.timeout(HANGING_SECONDS):
        return bool(await connection.exists(ALIVE))
