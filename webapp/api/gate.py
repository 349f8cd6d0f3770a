"""Stands before Django, which takes a whole body to disk before any view is asked: refuses early what no view would take.

A body over the limit, one that the disk cannot hold, a large one of a stranger (to the API without a living token, elsewhere
without a session), a large one where no files are taken, and where nothing but an answer is asked for (GET, HEAD, OPTIONS) never
reach the disk.
"""

from __future__ import annotations

import asyncio
import errno
import json
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings

from webapp.accounts.actions import token_actor
from webapp.accounts.actor import Actor
from webapp.api.errors import NO_SPACE, ApiError, body_of
from webapp.datasets.uploads.receive import BODY
from webapp.jobs.admission import header, session_person

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]  # an ASGI application of (scope, receive, send); Django types its messages otherwise

API = "/api/v1/"
NO_RIGHT = "Your role, or this token's scope, does not allow uploads here. Ask an owner of the team."
SMALL_BYTES = 1_000_000  # bodies up to here are let through; the view answers
FORM_BYTES = 1_000_000  # what a form's other fields and its boundaries may add to an archive
ASKING = ("GET", "HEAD", "OPTIONS")  # no view reads a body of these, but Django would take it to disk all the same
SILENT_SECONDS = 60.0  # so long a sender may send nothing, and a whole small body may take
SLOWEST = 1_000  # bytes a second, beyond that: a byte now and then would hold a connection for ever
PARTS = (f"{API}uploads/", "/datasets/uploads/")
TAKERS = (  # the addresses that take more than a small body, and the right that each asks for
    (re.compile(rf"/datasets/(upload|uploads|[^/]+/(replace|draft/add))/|{API}(datasets|uploads(/[^/]+)?)"), "dataset.edit"),
    (re.compile(rf"/classify/correct/|{API}datasets/[^/]+/corrections"), "dataset.edit"),
    (re.compile(rf"/models/weights/|{API}weights"), "experiment.create"),
    (re.compile(rf"/classify/many/send/|{API}classifications"), "experiment.create"),
    (re.compile(rf"/classify/(run|why)/|{API}(experiments|models)/[^/]+/(classify|explain)"), "classify"),
)
OVERRIDES = ("PATCH", "DELETE", "HEAD")
COPIES = 2  # of an upload on disk at a time: the body as it came, and its file
TOO_LARGE = "A request may have {limit:,} bytes here (SYNSET_UPLOAD_MAX_BYTES). Send less, or an archive in parts."
NO_FILES = f"This address takes up to {SMALL_BYTES:,} bytes. Archives, weights and pictures go to addresses of their own."
NO_BODY = "A {method} request takes no body here. Send it without one, or what you have to send by POST."
TOO_SLOW = "The body came too slowly, so this waits no longer. Send it again by a faster connection, or an archive in parts."
NO_SESSION = "Sign in first: only small forms are taken from those who are not."
NO_TOKEN = "This call needs a living token. Send the header `Authorization: Bearer TOKEN`; the account page makes one."


class Gate:
    """An ASGI application around another."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = spoken_as(scope)
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["method"] == "PATCH" and is_part(scope):
            return await self.app({**scope, BODY: receive}, NoBody().receive, send)
        if scope["method"] in ASKING:
            return await self.asked(scope, receive, send)
        error = announced_refusal(scope)
        limit, too_long = limit_bytes(), too_large()
        if error is None and may_be_large(scope) and (stranger := await database_sync_to_async(stranger_error)(scope)):
            limit, too_long = SMALL_BYTES, stranger
            error = stranger if length_of(scope) is not None or is_api(scope) else None
        if error is not None:
            return await refuse(scope, send, error)
        return await self.metered(scope, Meter(receive, send, limit, too_long))

    async def asked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request that needs no body, whoever it comes from: a small one is let through unread, as some programs send it."""
        no_body = ApiError(413, "too_large", NO_BODY.format(method=scope["method"]))
        if (length_of(scope) or 0) > SMALL_BYTES:
            return await refuse(scope, send, no_body)
        return await self.metered(scope, Meter(receive, send, SMALL_BYTES, no_body))

    async def metered(self, scope: Scope, meter: Meter) -> None:
        """Runs the application; answers in its place where its body was too long or filled the disk."""
        try:
            await self.app(scope, meter.receive, meter.send)
        except OSError as error:
            if meter.answered or error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            await refuse(scope, meter.send, ApiError(507, "storage_full", NO_SPACE))
        if meter.refused and not meter.answered:
            await refuse(scope, meter.send, meter.refused)


class NoBody:
    """Stands in for a body that the view reads itself, a piece at a time: Django would take all of it to disk before it asks the view."""

    def __init__(self) -> None:
        self.told = False

    async def receive(self) -> Message:
        """An empty body; then nothing more comes, nor a word that the caller hung up: that the view hears."""
        if self.told:
            await asyncio.Event().wait()
        self.told = True
        return {"type": "http.request", "body": b"", "more_body": False}


class Meter:
    """Counts a body as it comes; where it must end, at the limit, at a full disk or because it does not go on, the application
    hears that the caller hung up."""

    def __init__(self, receive: Receive, send: Send, limit: int, too_long: ApiError) -> None:
        self.source, self.target, self.limit, self.too_long = receive, send, limit, too_long
        self.taken, self.more, self.began_at = 0, True, time.monotonic()
        self.refused: ApiError | None = None
        self.answered = False

    async def receive(self) -> Message:
        """The next part of the body; after its end, whether the caller hangs up."""
        if self.refused:
            return {"type": "http.disconnect"}
        try:
            async with asyncio.timeout(self.patience() if self.more else None):
                message = await self.source()
        except TimeoutError:
            self.refused = ApiError(408, "too_slow", TOO_SLOW, Connection="close")
            return {"type": "http.disconnect"}
        self.taken, self.more = self.taken + len(message.get("body", b"")), message.get("more_body", False)
        if self.taken > self.limit:
            self.refused = self.too_long
        elif self.taken > SMALL_BYTES and disk_free() < self.taken:  # no room for its file beside the body
            self.refused = ApiError(507, "storage_full", NO_SPACE)
        return {"type": "http.disconnect"} if self.refused else message

    def patience(self) -> float:
        """Seconds to wait for the next part."""
        due = self.began_at + SILENT_SECONDS + self.taken / SLOWEST - time.monotonic()
        return min(SILENT_SECONDS, max(0.0, due))

    async def send(self, message: Message) -> None:
        """Notes that an answer went out."""
        self.answered = True
        await self.target(message)


def is_part(scope: Scope) -> bool:
    """Whether one of an upload's parts is sent there."""
    return bool(scope["path"].startswith(PARTS))


def spoken_as(scope: Scope) -> Scope:
    """The request as tus means it: who can send no PATCH or DELETE sends a POST that says so."""
    if scope["type"] != "http" or scope["method"] != "POST" or not is_part(scope):
        return scope
    method = header(scope, b"x-http-method-override").upper()
    return {**scope, "method": method} if method in OVERRIDES else scope


def limit_bytes() -> int:
    """The longest body that anything takes."""
    return int(settings.UPLOAD_MAX_BYTES) + FORM_BYTES


def too_large() -> ApiError:
    """413 with the limit."""
    return ApiError(413, "too_large", TOO_LARGE.format(limit=settings.UPLOAD_MAX_BYTES))


def disk_free() -> int:
    """Bytes where bodies and uploads go."""
    return shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free


def is_api(scope: Scope) -> bool:
    """Whether programs call there."""
    return bool(scope["path"].startswith(API))


def length_of(scope: Scope) -> int | None:
    """The announced length; None for a body that comes in chunks, or for none."""
    announced = header(scope, b"content-length")
    return int(announced) if announced.isascii() and announced.isdigit() else None


def announced_refusal(scope: Scope) -> ApiError | None:
    """Why a body of the announced length must not be read at all."""
    length = length_of(scope)
    if length is None or length <= SMALL_BYTES:
        return None
    if length > limit_bytes():
        return too_large()
    return ApiError(507, "storage_full", NO_SPACE) if disk_free() < COPIES * length else None


def may_be_large(scope: Scope) -> bool:
    """Whether more than a small body can follow."""
    length = length_of(scope)
    return bool(header(scope, b"transfer-encoding")) if length is None else length > SMALL_BYTES


def stranger_error(scope: Scope) -> ApiError | None:
    """401 for a call without a living token, 403 for a page without a session, and for those who may send nothing large there; 413
    where nobody may."""
    actor, verb = sender(scope), sending_verb(scope)
    if actor is not None and verb is None:
        return ApiError(413, "too_large", NO_FILES)
    if actor is not None and verb is not None:
        return None if actor.can(verb) else ApiError(403, "forbidden", NO_RIGHT)
    if not is_api(scope):
        return ApiError(403, "no_session", NO_SESSION)
    return ApiError(401, "no_token", NO_TOKEN, WWW_Authenticate='Bearer realm="Synset"')


def sender(scope: Scope) -> Actor | None:
    """Who sends it: by token to the API, by session elsewhere."""
    if not is_api(scope):
        return session_person(scope)
    scheme, _, token = header(scope, b"authorization").strip().partition(" ")
    return token_actor(token.strip()) if scheme.lower() == "bearer" else None


def sending_verb(scope: Scope) -> str | None:
    """The right that a large body needs there; None where none is taken."""
    return next((verb for address, verb in TAKERS if address.fullmatch(scope["path"])), None)


async def refuse(scope: Scope, send: Send, error: ApiError) -> None:
    """The API's shape under its address, the sentence alone to a page."""
    body = json.dumps(body_of(error)).encode() if is_api(scope) else error.message.encode()
    kind = b"application/json" if is_api(scope) else b"text/plain; charset=utf-8"
    extra = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
