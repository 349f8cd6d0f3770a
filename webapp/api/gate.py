"""Stands before Django, which takes a whole body to disk before any view is asked: refuses early what no view would take.

A body over the limit, one that the disk cannot hold, and a large one to the API without a living token never reach the disk.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings

from webapp.accounts.actions import token_actor
from webapp.api.errors import NO_SPACE, ApiError, body_of

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]  # an ASGI application of (scope, receive, send); Django types its messages otherwise

API = "/api/v1/"
SMALL_BYTES = 1_000_000  # bodies up to here are let through; the view answers
FORM_BYTES = 1_000_000  # what a form's other fields and its boundaries may add to an archive
COPIES = 2  # of an upload on disk at a time: the body as it came, and its file
TOO_LARGE = "A request may have {limit:,} bytes here (SYNSET_UPLOAD_MAX_BYTES). Send less, or an archive in parts."
NO_TOKEN = "This call needs a living token. Send the header `Authorization: Bearer TOKEN`; the account page makes one."


class Gate:
    """An ASGI application around another."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        error = await refusal(scope)
        if error is None:
            return await self.metered(scope, Meter(receive, send, limit_bytes()))
        return await refuse(scope, send, error)

    async def metered(self, scope: Scope, meter: Meter) -> None:
        """Runs the application; answers in its place where its body was too long or filled the disk."""
        try:
            await self.app(scope, meter.receive, meter.send)
        except OSError as error:
            if meter.answered or error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            await refuse(scope, meter.send, ApiError(507, "storage_full", NO_SPACE))
        if meter.over and not meter.answered:
            await refuse(scope, meter.send, too_large())


class Meter:
    """Counts a body whose length was not announced; over the limit the application hears that the caller hung up."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self.source, self.target, self.left = receive, send, limit
        self.answered = False

    @property
    def over(self) -> bool:
        return self.left < 0

    async def receive(self) -> Message:
        """The next part of the body."""
        message = await self.source()
        self.left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.over else message

    async def send(self, message: Message) -> None:
        """Notes that an answer went out."""
        self.answered = True
        await self.target(message)


def limit_bytes() -> int:
    """The longest body that anything takes."""
    return int(settings.UPLOAD_MAX_BYTES) + FORM_BYTES


def too_large() -> ApiError:
    """413 with the limit."""
    return ApiError(413, "too_large", TOO_LARGE.format(limit=settings.UPLOAD_MAX_BYTES))


async def refusal(scope: Scope) -> ApiError | None:
    """Why this request must not be read at all."""
    headers = {name.lower(): value for name, value in scope["headers"]}
    announced = headers.get(b"content-length", b"")
    length = int(announced) if announced.isdigit() else None
    if length is not None and length <= SMALL_BYTES:
        return None
    if length is not None and length > limit_bytes():
        return too_large()
    if length is not None and shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free < COPIES * length:
        return ApiError(507, "storage_full", NO_SPACE)
    if (length or b"transfer-encoding" in headers) and scope["path"].startswith(API):
        unknown: ApiError | None = await database_sync_to_async(stranger)(headers.get(b"authorization", b""))
        return unknown
    return None


def stranger(authorization: bytes) -> ApiError | None:
    """401 for a header without a living token."""
    scheme, _, token = authorization.decode("latin-1").strip().partition(" ")
    known = scheme.lower() == "bearer" and token_actor(token.strip()) is not None
    return None if known else ApiError(401, "no_token", NO_TOKEN, WWW_Authenticate='Bearer realm="Synset"')


async def refuse(scope: Scope, send: Send, error: ApiError) -> None:
    """The API's shape under its address, the sentence alone to a page."""
    is_api = scope["path"].startswith(API)
    body = json.dumps(body_of(error)).encode() if is_api else error.message.encode()
    kind = b"application/json" if is_api else b"text/plain; charset=utf-8"
    extra = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
