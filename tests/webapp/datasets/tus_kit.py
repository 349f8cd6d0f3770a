"""A program that speaks tus to the whole ASGI application, as uvicorn would bring it: pieces, hang-ups and silences included."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http.request import HttpHeaders

from webapp.asgi import application

PART_TYPE = "application/offset+octet-stream"
PIECE = 50_000


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: HttpHeaders
    body: bytes

    @property
    def offset(self) -> int:
        return int(self.headers["upload-offset"])

    @property
    def error(self) -> dict[str, Any]:
        return dict(json.loads(self.body)["error"])


def metadata(**told: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def in_pieces(content: bytes, size: int = PIECE) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)] or [b""]


@contextmanager
def in_the_tests_transaction() -> Iterator[None]:
    """A request neither ends nor renews the database's connection, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


async def speak(method: str, path: str, headers: dict[str, str], body: Iterable[bytes] = (b"",), *, breaks: str = "") -> Answer:
    """One request. `breaks`: "gone" hangs up after the body's pieces, "silent" says nothing more: the body has no end."""
    parts, sent = list(body), []

    async def receive() -> dict[str, Any]:
        if parts:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts) or bool(breaks)}
        if breaks != "gone":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.lower().encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()]
    scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "headers": named, "query_string": b""}
    with in_the_tests_transaction():
        await application({**scope, "asgi": {"version": "3.0"}}, receive, send)
    headers_out = {f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], HttpHeaders(headers_out), b"".join(message.get("body", b"") for message in sent[1:]))


class Program:
    """Sends with the same headers each time; a path is what Location gave."""

    def __init__(self, headers: dict[str, str], creation: str) -> None:
        self.headers, self.creation = headers, creation

    async def aspeak(self, method: str, path: str, body: Iterable[bytes] = (b"",), breaks: str = "", **more: str) -> Answer:
        extra = {name.replace("_", "-"): value for name, value in more.items()}
        return await speak(method, path, {"Tus-Resumable": "1.0.0", **self.headers, **extra}, body, breaks=breaks)

    def speak(self, method: str, path: str, body: Iterable[bytes] = (b"",), breaks: str = "", **more: str) -> Answer:
        return async_to_sync(self.aspeak)(method, path, body, breaks, **more)

    def begin(self, length: int, **told: str) -> Answer:
        return self.speak("POST", self.creation, Upload_Length=str(length), Upload_Metadata=metadata(filename="hens.zip", **told))

    def begun(self, length: int, **told: str) -> str:
        """The address of a new upload."""
        answer = self.begin(length, **told)
        assert answer.status == 201, answer.body
        return str(answer.headers["location"])

    async def asend(self, path: str, offset: int, content: bytes, breaks: str = "", **more: str) -> Answer:
        sized = {} if breaks or "Transfer_Encoding" in more else {"Content_Length": str(len(content))}
        more = {"Content_Type": PART_TYPE, "Upload_Offset": str(offset), **sized, **more}
        return await self.aspeak("PATCH", path, in_pieces(content), breaks, **more)

    def send(self, path: str, offset: int, content: bytes, breaks: str = "", **more: str) -> Answer:
        return async_to_sync(self.asend)(path, offset, content, breaks, **more)

    def head(self, path: str) -> Answer:
        return self.speak("HEAD", path)
