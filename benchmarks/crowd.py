"""Many visitors of one server: people who click through pages, and sockets that follow one job."""

from __future__ import annotations

import asyncio
import datetime
import http.client
import json
import random
import statistics
import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import websockets

FINAL = ("succeeded", "failed", "cancelled")
THINKS = (3.0, 7.0)  # seconds between two clicks


class Person(threading.Thread):
    """Clicks through pages at random until told to stop; keeps how long each took, in milliseconds."""

    def __init__(self, base: str, cookie: str, paths: Sequence[str], thinks: tuple[float, float], seed: int) -> None:
        super().__init__(daemon=True)
        self.thinks = thinks
        self.host, self.cookie, self.paths = urlsplit(base).netloc, cookie, paths
        self.chance = random.Random(seed)
        self.over = threading.Event()
        self.took: list[float] = []
        self.refused: list[int] = []

    def run(self) -> None:
        while not self.over.wait(self.chance.uniform(*self.thinks)):
            began = time.perf_counter()
            connection = http.client.HTTPConnection(self.host, timeout=60)  # the server closes one that was quiet for some seconds
            connection.request("GET", self.chance.choice(self.paths), headers={"Cookie": self.cookie})
            answer = connection.getresponse()
            answer.read()
            self.took.append(1000 * (time.perf_counter() - began))
            if answer.status != 200:
                self.refused.append(answer.status)
            connection.close()


class Heard(NamedTuple):
    """What one socket was told: where it began, the numbers that came, and how late each was (seconds)."""

    since: int
    seqs: list[int]
    late: list[float]


async def listen(base: str, job: str, ticket: str) -> Heard:
    """Follows a job until its end."""
    address = f"ws{base.removeprefix('http')}/ws/jobs/{job}/?ticket={ticket}"
    async with websockets.connect(address, max_size=None, open_timeout=60, ping_interval=None) as socket:
        heard = Heard(json.loads(await socket.recv())["seq"], [], [])
        async for text in socket:
            message: dict[str, Any] = json.loads(text)
            if message["type"] != "event":
                continue
            heard.seqs.append(message["seq"])
            heard.late.append(time.time() - datetime.datetime.fromisoformat(message["time"]).timestamp())
            if message["kind"] == "state" and message["data"]["state"] in FINAL:
                break
    return heard


class Listeners(threading.Thread):
    """So many sockets on one job, in a loop of their own."""

    def __init__(self, base: str, job: str, tickets: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.base, self.job, self.tickets = base, job, tickets
        self.heard: list[Heard | BaseException] = []

    def run(self) -> None:
        async def all_of_them() -> list[Heard | BaseException]:
            return await asyncio.gather(*(listen(self.base, self.job, ticket) for ticket in self.tickets), return_exceptions=True)

        self.heard = asyncio.run(all_of_them())


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` percent of the values do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
