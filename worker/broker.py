"""Redis as the workers' broker: one that answers, yet takes no write, counts as one that is away, and is waited for.

A server refuses writes while its own disk is full (MISCONF), its memory is (OOM), or it is a replica (READONLY). Celery takes such an
answer for a mistake of its own and ends, and with it the trainings under way.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as Away
from redis.exceptions import ResponseError

WRITTEN, WRITTEN_SECONDS = "synset:broker", 60


class Channel(redis.Channel):
    """A channel that is open once the server has taken a write."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
            self.try_write()
        except ResponseError as error:
            raise Away(f"Redis refuses what is written to it: {error}") from error

    def try_write(self) -> None:
        """Raises ResponseError where it takes none, and leaves no connection then."""
        try:
            self.client.set(WRITTEN, 1, ex=WRITTEN_SECONDS)
        except ResponseError:
            self.close()
            raise


class Transport(redis.Transport):
    """kombu's, with that channel."""

    Channel = Channel


def prefer() -> None:
    """From now on addresses that begin with redis: or rediss: are served by it in this process."""
    for name in ("redis", "rediss"):
        TRANSPORT_ALIASES[name] = f"{__name__}:{Transport.__name__}"
