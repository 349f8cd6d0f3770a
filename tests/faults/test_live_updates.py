"""Sockets while Redis goes away and comes back."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator

from tests.faults.house import House
from tests.faults.processes import kill_session
from webapp.accounts.actions import issue_ticket
from webapp.asgi import application
from webapp.jobs import actions, broadcast, consumers
from webapp.jobs.hub import hub

pytestmark = pytest.mark.faults
LOG = actions.NewEvent("log", {"message": "hello"})


async def heard(socket: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    """The next message, which is of that kind."""
    message = json.loads(await socket.receive_from(timeout=20))
    assert message["type"] == kind
    return message


async def until_hub_is(healthy: bool) -> None:
    for _ in range(300):
        if hub().healthy is healthy:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"nudges arrive: {not healthy}")


def test_an_open_socket_misses_nothing_while_redis_restarts_and_says_that_it_is_late(house: House, monkeypatch):
    monkeypatch.setattr(consumers, "QUIET_SECONDS", 600.0)  # while nudges arrive nothing else makes it look
    claim = actions.claim(house.train(epochs=1).job_id, "nobody@here:1")
    ticket = issue_ticket(house.actor)

    async def conversation() -> tuple[list[int], list[bool]]:
        socket = WebsocketCommunicator(application, f"/ws/jobs/{claim.job_id}/?ticket={ticket}", headers=[(b"host", b"localhost")])
        await socket.connect()
        seen = [(await heard(socket, "snapshot"))["seq"]]
        await until_hub_is(True)
        kill_session(house.redis)
        await until_hub_is(False)
        told = [(await heard(socket, "link"))["delayed"]]
        await sync_to_async(actions.record)(claim, [LOG])  # its nudge is lost
        seen.append((await heard(socket, "event"))["seq"])
        house.redis = await sync_to_async(house.start_redis)()
        await until_hub_is(True)
        broadcast.Pause.until = 0.0
        told.append((await heard(socket, "link"))["delayed"])  # from now on only a nudge helps
        await sync_to_async(actions.record)(claim, [LOG])
        seen.append((await heard(socket, "event"))["seq"])
        await socket.disconnect()
        return seen, told

    assert async_to_sync(conversation)() == ([2, 3, 4], [True, False])
