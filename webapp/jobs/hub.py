"""One subscription a process: every socket's groups, one queue, and the knowledge whether nudges arrive at all."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
import weakref
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
PULSE_SECONDS = 2.0
SILENT_SECONDS = 5.0  # without a pulse of our own, nudges are not arriving
Listener = Callable[[str, int], None]  # (job, seq); must not wait
BROKEN = (RedisError, OSError, TimeoutError)


class Hub:
    """Listens for all sockets of one event loop.

    It sends itself a pulse through Redis; as long as that arrives, nudges do too. While it does not, `healthy` is False,
    listeners are to poll the database, and the subscription is made anew until a pulse arrives again.
    """

    def __init__(self) -> None:
        self.listeners: dict[str, set[Listener]] = defaultdict(set)
        self.pulse_group = f"pulse.{uuid.uuid4().hex}"
        self.last_pulse = 0.0
        self.channel = ""
        self.tasks: list[asyncio.Task[None]] = []
        self.subscribing = asyncio.Lock()

    @property
    def healthy(self) -> bool:
        """Whether nudges arrive."""
        return time.monotonic() - self.last_pulse < SILENT_SECONDS

    async def join(self, group: str, listener: Listener) -> None:
        """Adds a listener; when this returns and the hub is healthy, no later nudge of the group is missed."""
        self.listeners[group].add(listener)
        if not self.tasks:
            self.tasks = [asyncio.create_task(self.receive()), asyncio.create_task(self.pulse())]
        await self.subscribe(group)

    async def leave(self, group: str, listener: Listener) -> None:
        """Takes a listener away; the last one of the hub ends its tasks."""
        self.listeners[group].discard(listener)
        if not self.listeners[group]:
            del self.listeners[group]
            await self.quietly(get_channel_layer().group_discard(group, self.channel))
        if not self.listeners:
            for task in self.tasks:
                task.cancel()
            self.tasks, self.channel = [], ""

    async def subscribe(self, *groups: str) -> bool:
        """Subscribes to the groups; False when Redis does not answer (the pulse tries again)."""
        layer = get_channel_layer()
        async with self.subscribing:
            self.channel = self.channel or await self.quietly(layer.new_channel()) or ""
            added = [bool(self.channel) and await self.quietly(self.add(layer, group)) for group in groups]
        return all(added)

    async def add(self, layer: Any, group: str) -> bool:
        """Makes one subscription."""
        await layer.group_add(group, self.channel)
        return True

    async def quietly(self, call: Any) -> Any:
        """The call's answer, or None when Redis does not give one in time."""
        try:
            async with asyncio.timeout(PULSE_SECONDS):
                return await call
        except BROKEN as error:
            logger.debug("Redis does not answer: %s", error)
            return None

    async def receive(self) -> None:
        """Hands on what arrives, for ever."""
        while True:
            if not self.channel and not await self.subscribe(self.pulse_group, *self.listeners):
                await asyncio.sleep(1.0)
                continue
            message = await get_channel_layer().receive(self.channel)
            if message["type"] == "hub.pulse":
                self.last_pulse = time.monotonic()
                continue
            for listener in list(self.listeners.get(message["group"], ())):
                listener(message["job"], message["seq"])

    async def pulse(self) -> None:
        """Says something to itself every PULSE_SECONDS, and subscribes anew while nothing comes back."""
        while True:
            if not self.healthy:
                await self.subscribe(self.pulse_group, *self.listeners)
            await self.quietly(get_channel_layer().group_send(self.pulse_group, {"type": "hub.pulse"}))
            await asyncio.sleep(PULSE_SECONDS)


HUBS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """The running loop's hub."""
    return HUBS.setdefault(asyncio.get_running_loop(), Hub())
