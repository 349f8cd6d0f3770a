"""Asks the resident worker why a network says what it says, and what is inside of it (`webapp.core.questions`).

A question is {"id", "run", "checkpoint", "file", "ask": {"about": …}, "raw"} with the picture's bytes; run: as in synset:classify; raw:
without the average of its weights, where one was kept, and left out where it is not. What can be asked and what is answered states
`classifier.explain.answers`. A thread of the worker answers, beside the classifications.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from webapp.core import questions
from webapp.core.questions import Refused
from webapp.core.resident import Soon

WHYS = "synset:why"
SECONDS = 90.0  # a slow method on a large network on a processor
AT_ONCE = 8  # of all callers of a web process; the worker answers one after another
NOBODY = "The worker that looks into networks does not run at the moment; the queue page says more. Try again in a moment."
LATE = "No answer came within {seconds:.0f} s: others asked before, or this network is too large for this machine. Try again in a moment."
MANY = "Others wait for so many answers that no more are taken now. Try again in a moment."
LINE = questions.Line(WHYS, "answer", "no picture can be handed over", "nothing can be explained", NOBODY, LATE)
HELD: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, list[int]] = weakref.WeakKeyDictionary()

image_key, wanted_key, reply_key = LINE.image, LINE.wanted, LINE.reply

__all__ = ["LINE", "WHYS", "Picture", "Refused", "ask", "image_key", "reply_key", "wanted_key"]


class Picture(NamedTuple):
    """What the network is shown: a name for sentences, and an image file's bytes."""

    name: str
    data: bytes


@contextmanager
def held() -> Iterator[None]:
    """A place among those who wait; raises Soon where there is none: each wait holds a picture in Redis."""
    waiting = HELD.setdefault(asyncio.get_running_loop(), [0])
    if waiting[0] >= AT_ONCE:
        raise Soon(MANY)
    waiting[0] += 1
    try:
        yield
    finally:
        waiting[0] -= 1


async def ask(
    run: str, picture: Picture, question: dict[str, Any], *, checkpoint: str = "best", raw: bool = False, seconds: float = SECONDS
) -> dict[str, Any]:
    """The answer of that network to that question about a picture; raises Unavailable, or Refused for good.

    raw: without the average of its weights, where one was kept.
    """
    with held():
        told = {"run": run, "checkpoint": checkpoint, "file": picture.name, "ask": question, **({"raw": True} if raw else {})}
        return await questions.ask(LINE, told, seconds, picture.data)
