"""What comes out about images that are judged by and were learnt from."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field


class Leaking(Schema):
    """What is known, with a check or without one, of test images that a training on this version would learn from."""

    images: int = Field(description="That stand in train too, or belong to a group there that was to stay together.", examples=[2])
    words: str = Field(description="The same as a sentence; empty for none.", examples=["2 of 30 test images also stand in train"])
    looked: bool = Field(description="Whether a check looked for look-alikes; else content and groups alone were compared.")


class Leaks(Schema):
    """Whether images that were measured on were learnt from."""

    images: int = Field(description="That stand in train too, or belong to a group there that was to stay together.", examples=[0])
    known: Literal["looks", "bytes", "nothing"] = Field(
        description="looks: the dataset version was checked. bytes: compared by content and groups alone, not for look-alikes. "
        "nothing: it is of another dataset, which was not compared.",
        examples=["looks"],
    )
