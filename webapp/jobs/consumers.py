"""The sockets: check who it is, send what is, then whatever the rows tell. A nudge only says when to look."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from abc import ABC, abstractmethod
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from webapp.accounts.actor import Actor
from webapp.jobs import queries
from webapp.jobs.admission import admit, job_for, still
from webapp.jobs.broadcast import job_group, team_group
from webapp.jobs.hub import hub
from webapp.jobs.models import Job

BATCH = 500  # events in one read
FRAME_CHARACTERS = 4096  # clients have next to nothing to say
POLL_SECONDS = 2.0  # while nudges do not arrive
QUIET_SECONDS = 10.0  # at most so long without a look while they do
RIGHTS_SECONDS = 30.0
SEND_SECONDS = 15.0  # a client that takes nothing for so long is given up
TEAM_SECONDS = 1.0

ANONYMOUS, LOST_RIGHTS, UNKNOWN, LAGS = 4401, 4403, 4404, 4408
TOO_BIG, NOT_JSON, NO_BYTES, TRY_LATER = 1009, 4400, 1003, 1013


class Lagging(Exception):
    """The client does not read what it is sent."""


class Nowhere(AsyncWebsocketConsumer):
    """Any other address: refused, without a traceback in the log."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close()


class Socket(AsyncWebsocketConsumer, ABC):
    """What both sockets share: admission, the pump, and polite ends.

    The process has one subscription (see hub), so a socket needs no channel of its own and nothing queues up for it.
    """

    channel_layer_alias = "none"
    tickets = True
    actor: Actor
    pumping: asyncio.Task[None] | None = None
    group = ""
    closed = False
    delayed = False  # as the client was told

    async def connect(self) -> None:
        """Accepts first: a close code reaches the client only through an open socket."""
        await self.accept()
        self.awake = asyncio.Event()
        actor = await admit(self.scope, tickets=self.tickets)
        if actor is None:
            await self.close(ANONYMOUS)
            return
        self.actor, self.checked_at = actor, time.monotonic()
        if not await self.open():
            await self.close(UNKNOWN)
            return
        await hub().join(self.group, self.on_nudge)
        self.pumping = asyncio.create_task(self.run())

    async def disconnect(self, code: int) -> None:
        """Leaves nothing behind."""
        if self.pumping is not None:
            self.pumping.cancel()
            await hub().leave(self.group, self.on_nudge)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Closes once; a second reason comes too late."""
        if not self.closed:
            self.closed = True
            await super().close(code, reason)

    async def run(self) -> None:
        """Pumps until the client is gone or has to go."""
        try:
            await self.pump()
        except Lagging:
            await self.cut_off()
        except DatabaseError:
            await self.close(TRY_LATER)

    async def cut_off(self) -> None:
        """Ends the connection of a client that does not read: the server's own close would wait behind all that it did not take."""
        transport = getattr(getattr(self.base_send, "__self__", None), "transport", None)  # uvicorn's
        if transport is None:
            await self.close(LAGS)
        else:
            self.closed = True
            transport.abort()

    @abstractmethod
    async def open(self) -> bool:
        """Sets `group`; False where there is nothing to see."""

    async def is_there(self) -> bool:
        """Whether what it tells of is still to be seen; asked again with the rights."""
        return True

    @abstractmethod
    async def pump(self) -> None:
        """Sends for as long as the socket is open and the rights hold."""

    def on_nudge(self, job: str, seq: int) -> None:
        """Something happened."""
        self.awake.set()

    async def tell(self, message: dict[str, Any]) -> None:
        """Sends one message; raises Lagging for a client that does not read, in place of waiting for ever."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.send(text_data=json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        except TimeoutError:
            raise Lagging from None

    async def wait(self) -> None:
        """Until the next nudge, or until it is time to look without one: soon, while nudges do not arrive."""
        look_at = time.monotonic() + QUIET_SECONDS
        arriving = True
        while arriving and not self.awake.is_set() and time.monotonic() < look_at:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(POLL_SECONDS, QUIET_SECONDS)):
                    await self.awake.wait()
            arriving = hub().healthy
            await self.tell_delay(not arriving)
        self.awake.clear()

    async def tell_delay(self, delayed: bool) -> None:
        """Says so when nudges cease to arrive, so that news may be some seconds old, and when they arrive again."""
        if delayed != self.delayed and not self.closed:
            self.delayed = delayed
            await self.tell({"type": "link", "delayed": delayed})

    async def may_stay(self) -> bool:
        """Asks again for the rights when it is time; closes the socket once they are gone."""
        if self.closed:
            return False
        if time.monotonic() - self.checked_at < RIGHTS_SECONDS:
            return True
        self.checked_at = time.monotonic()
        actor = await still(self.scope, self.actor)
        if actor is None or not actor.can("job.read"):
            await self.close(LOST_RIGHTS)
            return False
        if not await self.is_there():
            await self.close(UNKNOWN)  # it went to the trash meanwhile
            return False
        return True

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A client may say {"type": "ping"}; anything else ends the conversation with a code that says why."""
        if text_data is None:
            await self.close(NO_BYTES)
        elif len(text_data) > FRAME_CHARACTERS:
            await self.close(TOO_BIG)
        elif is_ping(text_data):
            await self.tell({"type": "pong"})
        else:
            await self.close(NOT_JSON)


def is_ping(text: str) -> bool:
    """Whether the frame is {"type": "ping"}."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and message.get("type") == "ping"


class JobSocket(Socket):
    """/ws/jobs/ID/: a snapshot, then every event after it, in order and without gaps."""

    seq = 0

    async def open(self) -> bool:
        self.job_id: str = self.scope["url_route"]["kwargs"]["job_id"]
        self.group = job_group(self.job_id)
        return self.actor.can("job.read") and await self.is_there()

    async def is_there(self) -> bool:
        return await database_sync_to_async(job_for)(self.actor, self.job_id) is not None

    async def pump(self) -> None:
        job = await database_sync_to_async(Job.objects.filter(pk=self.job_id).first)()
        if job is None:
            await self.close(UNKNOWN)
            return
        self.seq = job.last_seq
        await self.tell({"type": "snapshot", "seq": job.last_seq, **await database_sync_to_async(queries.summary)(job)})
        while await self.may_stay():
            if not await self.send_new(job):
                await self.wait()

    async def send_new(self, job: Job) -> bool:
        """Sends the next batch of events; False when there is none, or the database does not answer just now."""
        try:
            found, _ = await database_sync_to_async(queries.events_since)(job, self.seq, BATCH)
        except DatabaseError:
            await asyncio.sleep(POLL_SECONDS)
            return False
        for event in found:
            if not await self.may_stay():  # who reads slowly is asked between messages too
                return False
            await self.tell({"type": "event", "seq": event.seq, "kind": event.kind, "data": event.data, "time": event.time.isoformat()})
            self.seq = event.seq
        return bool(found)


class TeamSocket(Socket):
    """/ws/team/: which jobs of the team moved, at most once a second, so that lists can refresh themselves."""

    tickets = False

    async def open(self) -> bool:
        self.group = team_group(self.actor.team.pk)
        self.moved: dict[str, int] = {}
        return True

    def on_nudge(self, job: str, seq: int) -> None:
        self.moved[job] = max(seq, self.moved.get(job, 0))
        self.awake.set()

    async def pump(self) -> None:
        await self.tell({"type": "listening"})
        while await self.may_stay():
            await self.wait()
            moved, self.moved = self.moved, {}
            for job, seq in moved.items():
                if not await self.may_stay():
                    return
                await self.tell({"type": "nudge", "job": job, "seq": seq})
            if moved:
                await asyncio.sleep(TEAM_SECONDS)
