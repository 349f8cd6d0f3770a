"""Sockets of a real web server: it is restarted under two hundred, some never read, and some lose their rights."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect as connect_sync

from tests.faults.house import House
from tests.faults.processes import end
from webapp.accounts.models import Membership, Role, User
from webapp.jobs import actions, queries
from webapp.jobs.actions import Claim, NewEvent
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults
SOCKETS = 200
STUCK, EVENTS, TEXT = 5, 6_000, "x" * 4_000  # sockets that never read, and 24 MB for each of them
MOST_GROWTH = 60_000_000  # bytes; what the stuck ones are sent is twice that
MOST_SECONDS = 60.0  # for those whose rights ended
MOST_STUCK_SECONDS = 150.0  # the close itself waits for one who does not answer
LOG = NewEvent("log", {"message": "hello"})


@pytest.fixture
def claim(house: House) -> Claim:
    """A job that somebody holds; what it tells is told here."""
    claim = actions.claim(house.train(epochs=1).job_id, "nobody@here:1")
    assert claim
    return claim


def cookie_of(user: User) -> tuple[Client, str]:
    """A browser that has signed in, and its cookie."""
    client = Client()
    client.force_login(user)
    return client, f"synset_session={client.cookies['synset_session'].value}"


def head(port: int, cookie: str) -> dict[str, str]:
    """What a page of ours sends along."""
    return {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}


@dataclass
class Watcher:
    """A client as the page is one: every number once, gaps filled from the rows, after a close soon connected again."""

    job: Job
    address: str
    headers: dict[str, str]
    seen: list[int] = field(default_factory=list)
    connects: int = 0

    async def watch(self) -> None:
        while True:
            try:
                async with connect(self.address, additional_headers=self.headers, open_timeout=20) as wire:
                    self.connects += 1
                    async for message in wire:
                        await self.take(message)
            except (ConnectionClosed, WebSocketException, OSError, TimeoutError):
                pass
            await asyncio.sleep(random.uniform(0.2, 1.0))

    async def take(self, message: str | bytes) -> None:
        text = str(message)
        if '"type":"snapshot"' in text:
            last = self.seen[-1] if self.seen else 0
            events, _ = await sync_to_async(queries.events_since)(self.job, last)
            self.seen += [event.seq for event in events]
        elif '"type":"event"' in text:
            seq = int(text.partition('"seq":')[2].partition(",")[0])
            self.seen += [seq] if seq > (self.seen[-1] if self.seen else 0) else []


def test_two_hundred_sockets_are_there_again_after_a_restart_and_miss_nothing(house: House, claim: Claim):
    job = Job.objects.get(pk=claim.job_id)
    server, port = house.web()
    headers = head(port, cookie_of(house.actor.user)[1])
    watchers = [Watcher(job, f"ws://127.0.0.1:{port}/ws/jobs/{job.id}/", headers) for _ in range(SOCKETS)]

    async def until(wanted: int, connects: int) -> None:
        end_at = time.monotonic() + 120
        while not all(w.connects >= connects and w.seen[-1:] == [wanted] for w in watchers):
            assert time.monotonic() < end_at, [(w.connects, w.seen) for w in watchers if w.seen[-1:] != [wanted]][:3]
            await asyncio.sleep(0.1)

    async def story() -> None:
        tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
        await until(await tell(), connects=1)
        assert await sync_to_async(end)(server) in (0, -15)
        await tell()  # while nobody listens
        await sync_to_async(house.web)(port)
        await until(await tell(), connects=2)
        for task in tasks:
            task.cancel()

    async def tell() -> int:
        return await sync_to_async(actions.record)(claim, [LOG])

    async_to_sync(story)()
    assert {tuple(w.seen) for w in watchers} == {tuple(range(1, watchers[0].seen[-1] + 1))}


@dataclass
class Hour:
    """What came of sockets that should not stay."""

    growth: int = 0  # bytes of the server
    left: int = 0  # stuck sockets that the server still held at the end
    codes: dict[str, tuple[int, float]] = field(default_factory=dict)  # close code, and after how many seconds


def stuck_socket(port: int, cookie: str, job_id: str) -> socket.socket:
    """A client that asks for the socket and then reads nothing."""
    wire = socket.create_connection(("127.0.0.1", port))
    lines = (f"GET /ws/jobs/{job_id}/ HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade")
    key = ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", f"Origin: http://127.0.0.1:{port}")
    wire.sendall("\r\n".join((*lines, *key, f"Cookie: {cookie}", "", "")).encode())
    assert b"101" in wire.recv(64)
    return wire


def until_closed(address: str, headers: dict[str, str]) -> int:
    """The code with which the server closes it."""
    with connect_sync(address, additional_headers=headers) as wire:
        try:
            while True:
                wire.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0


@pytest.fixture
def hour(house: House, claim: Claim) -> Iterator[Hour]:
    """Sockets that never read, one whose person signs out and one whose person is removed, all at the same time."""
    server, port = house.web()
    people = {name: User.objects.create(username=name) for name in ("leaves", "is removed")}
    for person in people.values():
        Membership.objects.create(user=person, team=house.actor.team, role=Role.VIEWER)
    browsers = {name: cookie_of(person) for name, person in people.items()}
    hour, address, began = Hour(), f"ws://127.0.0.1:{port}/ws/team/", time.monotonic()

    def note(name: str) -> None:
        code = until_closed(address, head(port, browsers[name][1]))
        hour.codes[name] = (code, time.monotonic() - began)

    threads = [threading.Thread(target=note, args=(name,)) for name in people]
    for thread in threads:
        thread.start()
    time.sleep(2.0)
    began = time.monotonic()
    browsers["leaves"][0].post("/logout/")
    Membership.objects.filter(user=people["is removed"]).delete()

    cookie = cookie_of(house.actor.user)[1]
    wires = [stuck_socket(port, cookie, claim.job_id) for _ in range(STUCK)]
    process = psutil.Process(server.pid)
    before = most = process.memory_info().rss
    for _ in range(EVENTS // 500):
        actions.record(claim, [NewEvent("log", {"message": TEXT})] * 500)
        most = max(most, process.memory_info().rss)
    mine = {wire.getsockname()[1] for wire in wires}

    def held() -> int:
        return len([c for c in process.net_connections() if c.raddr and c.raddr.port in mine and c.status == "ESTABLISHED"])

    while (held() or any(map(threading.Thread.is_alive, threads))) and time.monotonic() < began + MOST_STUCK_SECONDS:
        most = max(most, process.memory_info().rss)
        time.sleep(0.2)
    hour.growth, hour.left = most - before, held()
    yield hour
    for wire in wires:
        wire.close()


def test_sockets_that_should_not_stay_are_closed_within_a_minute_and_cost_no_memory(hour: Hour):
    assert (hour.left, hour.growth < MOST_GROWTH) == (0, True), f"{hour.left} stuck sockets, {hour.growth:,} bytes"
    assert {name: code for name, (code, _) in hour.codes.items()} == {"leaves": 4403, "is removed": 4403}
    assert max(seconds for _, seconds in hour.codes.values()) < MOST_SECONDS
