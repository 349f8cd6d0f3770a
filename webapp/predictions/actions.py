"""Classify pictures: checked here, answered by the resident worker."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Sequence
from typing import Any, TypeAlias

from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import UploadedFile

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.predictions import client

MOST_FILES = 100
MOST_BYTES = client.IMAGE_BYTES  # of one picture
BATCH_BYTES = 16 * 1024**2  # held in memory at a time
BATCHES_AT_ONCE = 4  # of all callers; others wait, for the worker answers one after another anyway
TURNS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()

Picture: TypeAlias = "UploadedFile[Any]"


async def classify(actor: Actor, network: str, images: Sequence[Picture], most: int = MOST_FILES, near: str = "") -> list[dict[str, Any]]:
    """One result a picture, in their order: {"file", "top"} or {"file", "error"}. network: a RUN with a model, or published:NAME.

    near: a map's stem, for the training images nearest to each.
    """
    actor.require("classify")
    if not 1 <= len(images) <= most:
        raise InputError(f"Expected 1 to {most} images in one call, {len(images):,} came. Send them in several calls.", code="too_many")
    answers: list[dict[str, Any]] = []
    fitting = [image for image in images if not is_too_big(image)]
    for batch in client.portions(fitting, lambda image: image.size or 0, BATCH_BYTES):
        async with turn():
            asked: dict[str, Any] = {"near": near} if near else {}
            answers += await client.classify(network, await sync_to_async(contents)(batch), **asked)
    rest = iter(answers)
    return [too_big(image) if is_too_big(image) else next(rest) for image in images]


def turn() -> asyncio.Semaphore:
    """What a caller holds while a batch of theirs lies in memory."""
    return TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(BATCHES_AT_ONCE))


def contents(batch: Sequence[Picture]) -> list[client.Image]:
    """Their names and bytes; large ones come from disk, so not on the event loop."""
    return [(image.name or "image", image.read()) for image in batch]


def is_too_big(image: Picture) -> bool:
    """Whether it is not even looked at."""
    return (image.size or 0) > MOST_BYTES


def too_big(image: Picture) -> dict[str, Any]:
    """The answer to a picture that is not even looked at."""
    words = f"It has {(image.size or 0) / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:.0f} MB are taken. Send a smaller picture."
    return {"file": image.name or "image", "error": words}
