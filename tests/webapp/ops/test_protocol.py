"""Senders and readers that nobody honest is, before any code of ours is asked."""

from __future__ import annotations

import asyncio
import time

import pytest
from uvicorn import Config, Server

from tests.plugins.stack import free_port
from webapp.ops import protocol

ANSWER = b"x" * 50_000_000
HEAD = b"POST /%s HTTP/1.1\r\nHost: here\r\n"


async def application(scope, receive, send):
    """Reads a body to its end and tells how long it was; under /long with an answer that takes long to read."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    body = ANSWER if scope["path"] == "/long" else b"%d bytes" % length
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


class Line:
    """A connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *parts: bytes) -> str:
        """Sends each; gives the answer until the server hangs up, or all that came of it where it broke off."""
        try:
            for part in parts:
                self.writer.write(part)
                await self.writer.drain()
            return (await self.reader.read()).decode()
        except ConnectionError:
            return "hung up"


@pytest.fixture
def talk(monkeypatch):
    """Runs a conversation with a server of this protocol: an async function of a Line that the fixture's user gives."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(protocol, "READ_SECONDS", 0.5)

    async def conversation(speak):
        port = free_port()
        config = Config(application, port=port, http=protocol.Protocol, lifespan="off", log_level="critical", timeout_keep_alive=30)
        server = Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        line = Line(*await asyncio.open_connection("127.0.0.1", port))
        try:
            async with asyncio.timeout(20):
                return await speak(line)
        finally:
            line.writer.transport.abort()
            server.should_exit = True
            await task

    return lambda speak: asyncio.run(conversation(speak))


def test_a_request_is_answered_as_before(talk):
    assert talk(lambda line: line.say(HEAD % b"", b"Connection: close\r\nContent-Length: 3\r\n\r\nabc")).endswith("3 bytes")


@pytest.mark.parametrize(
    "head",
    [HEAD % b"" + b"X-Long: ", b"GET /", HEAD % b"" + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Long: "],
    ids=["header", "address", "trailer"],
)
def test_a_head_without_end_is_not_gathered(head, talk):
    began = time.monotonic()
    said = talk(lambda line: line.say(head, *[b"a" * 50_000] * 400))
    assert said == "hung up" or "431" in said
    assert time.monotonic() - began < 5


def test_what_stands_beside_the_length_of_a_chunk_has_an_end(talk):
    head = HEAD % b"" + b"Transfer-Encoding: chunked\r\n\r\n1;"
    assert "bytes" not in talk(lambda line: line.say(head, *[b"a" * 50_000] * 40))


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: he"], ids=["nothing", "half a head"])
def test_a_head_that_does_not_come_is_not_waited_for(begun, talk):
    assert "408" in talk(lambda line: line.say(begun))


def test_a_body_may_take_longer_than_a_head(talk):
    async def slowly(line):
        line.writer.write(HEAD % b"" + b"Connection: close\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0.1)
            line.writer.write(b"a")
        return await line.say()

    assert talk(slowly).endswith("10 bytes")


def test_a_body_in_many_chunks_is_no_head(talk):
    head = HEAD % b"" + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert talk(lambda line: line.say(head, *[b"1\r\na\r\n"] * 30_000, b"0\r\n\r\n")).endswith("30000 bytes")


def test_a_reader_who_takes_nothing_is_given_up(talk):
    async def without_reading(line):
        line.writer.transport.pause_reading()
        line.writer.write(HEAD % b"long" + b"Content-Length: 0\r\n\r\n")
        await asyncio.sleep(2)
        line.writer.transport.resume_reading()
        try:
            return len(await line.reader.read())
        except ConnectionError:
            return 0

    assert talk(without_reading) < len(ANSWER)


def test_a_reader_who_takes_his_time_is_served(talk):
    async def slowly(line):
        line.writer.write(HEAD % b"long" + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
        length = 0
        while part := await line.reader.read(2_000_000):
            length += len(part)
            await asyncio.sleep(0.01)
        return length

    assert talk(slowly) > len(ANSWER)
