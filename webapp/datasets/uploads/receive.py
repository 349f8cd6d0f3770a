"""Takes a part as it comes: a block at a time to disk, off the event loop; with the last byte the dataset is made, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from webapp.accounts.actions import still_may
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import get_for
from webapp.datasets import actions, drafts
from webapp.datasets.files import FULL, Arrived, StorageFull
from webapp.datasets.models import Dataset, Upload
from webapp.datasets.uploads import becoming, refusals
from webapp.datasets.uploads.part import Part, opened
from webapp.jobs.models import State

BODY = "synset.body"  # of an ASGI scope: where the body is read that was kept from Django, which would take all of it first
BLOCK_BYTES = 1 << 20  # held in memory and written at a time
TELL_BYTES = 8 << 20  # after so many more it is told also in the middle of a request: so little a crash loses
SILENT_SECONDS = 15.0  # of a sender; then the part ends, so that the same sender can go on by another connection


class Checksum(NamedTuple):
    """A hash of hashlib that has seen nothing yet, and what it must come to."""

    hash: Any
    wanted: bytes


class Ended(Exception):
    """The sender hung up, or fell silent, before the end of what it announced."""

    def __init__(self, *, silent: bool) -> None:
        self.silent = silent


async def pieces(request: HttpRequest) -> AsyncIterator[bytes]:
    """The body as it comes. Raises Ended."""
    receive: Callable[[], Awaitable[dict[str, Any]]] | None = getattr(request, "scope", {}).get(BODY)
    while receive is None:  # a server that gives Django a file to read
        piece = await asyncio.to_thread(request.read, BLOCK_BYTES)
        if not piece:
            return
        yield piece
    more = True
    while more:
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                message = await receive()
        except TimeoutError:
            raise Ended(silent=True) from None
        if message["type"] == "http.disconnect":
            raise Ended(silent=False)
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def take(actor: Actor, upload: Upload, offset: int, request: HttpRequest, checksum: Checksum | None = None) -> None:
    """Appends the body at that offset, and brings the upload up to date.

    Raises Refused; what was told stays on disk whatever happens.
    """
    part = None
    try:
        part = await sync_to_async(opened)(upload)
        if offset != part.told:
            raise refusals.elsewhere(upload, part.told, offset)
        if announced(request) > part.left:
            raise refusals.too_long(upload)
        ended = await fill(actor, part, request, checksum)
        await sync_to_async(settle)(actor, part)
        if ended and ended.silent and not upload.finished_at:
            raise refusals.silent(upload, part.told)
    except (OSError, StorageFull) as error:
        if part:
            part.cut()
        if isinstance(error, FileNotFoundError) and not upload.path.exists():  # discarded meanwhile
            raise refusals.gone(upload) from error
        if isinstance(error, OSError) and error.errno not in FULL:
            raise
        raise refusals.disk_full(upload) from error
    finally:
        if part:
            part.close()


def announced(request: HttpRequest) -> int:
    """Bytes of the body; 0 where it comes in chunks of its own."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


async def fill(actor: Actor, part: Part, request: HttpRequest, checksum: Checksum | None) -> Ended | None:
    """Writes the body; whether its sender left before its end. With a checksum nothing is told before all of it fits."""
    block, ended = bytearray(), None
    try:
        async for piece in pieces(request):
            block += piece
            if len(block) > part.left:
                part.cut()
                raise refusals.too_long(part.upload)
            if len(block) >= BLOCK_BYTES:
                await write(actor, part, block, checksum)
                block = bytearray()
    except Ended as early:
        ended = early
    await write(actor, part, block, checksum)
    if checksum and checksum.hash.digest() != checksum.wanted:
        part.cut()
        raise refusals.wrong_checksum(part.upload, part.told)
    return ended


async def write(actor: Actor, part: Part, block: bytearray, checksum: Checksum | None) -> None:
    """A block to disk; every now and then it is told, but the last one's end makes the dataset."""
    if checksum:
        checksum.hash.update(block)
    await asyncio.to_thread(part.write, block)
    if not checksum and part.left and part.size - part.told >= TELL_BYTES:
        await sync_to_async(tell)(actor, part)


def settle(actor: Actor, part: Part) -> None:
    """Tells what came; where that is all, makes the dataset and tells both at once, so that neither is ever without the other.

    Forbidden where the sender lost the right meanwhile: a part may take hours.
    """
    with part.held():
        if part.left:
            tell(actor, part)
        else:
            make_dataset(actor, part)


def tell(actor: Actor, part: Part) -> None:
    """Tells what came from one who may still send."""
    part.tell(lambda: still_may(actor, "dataset.edit"))


def make_dataset(actor: Actor, part: Part) -> None:
    """Of the whole archive; a new one also where the one to replace is gone, or was imported meanwhile by another archive.

    Refused where it was discarded or finished meanwhile.
    """
    upload = part.upload
    if upload.purpose is not None:
        becoming.make(actor, part)
        upload.path.unlink(missing_ok=True)
        upload.refresh_from_db()
        return
    archive = Arrived(upload.path)

    def also(dataset: Dataset) -> None:
        still_may(actor, "dataset.edit")
        finished(part, dataset)

    if upload.adds is not None and upload.dataset:
        gains = get_for(actor, Dataset, upload.dataset.pk, "dataset.edit")
        label, how = upload.adds["label"], {name: value for name, value in upload.adds.items() if name != "label"}
        drafts.add(actor, gains, archive, upload.archive_name, label, how=how, also=also)
    elif dataset := Dataset.objects.filter(pk=upload.dataset_id, team=actor.team).exclude(job__state=State.SUCCEEDED).first():
        actions.replace_archive(actor, dataset, archive, upload.archive_name, upload.options, also=also)
    else:
        actions.create(actor, upload.name, archive, upload.archive_name, upload.options, also=also)
    upload.path.unlink(missing_ok=True)
    upload.refresh_from_db()


def finished(part: Part, dataset: Dataset) -> None:
    """In the transaction that makes the dataset; Refused, which undoes all of it, where the upload was discarded or finished meanwhile."""
    rows = Upload.objects.filter(pk=part.upload.pk, offset=part.told, finished_at=None)
    if not rows.update(offset=part.size, finished_at=Now(), touched_at=Now(), dataset=dataset):
        raise refusals.gone(part.upload)
    transaction.on_commit(part.finish)
