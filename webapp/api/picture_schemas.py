"""What comes out about one image of a dataset: what is known of it, and what became of it."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from webapp.api.draft_schemas import ImageOut


class StepOut(Schema):
    """A version that has the image, or what somebody did to it or said of it."""

    when: datetime
    who: str = Field(description="Empty of a version.", examples=["ada"])
    words: str = Field(examples=["called it bee"])
    why: str = Field(examples=[""])


class OneImage(ImageOut):
    """One image, as the list of images has it, with what is known of it."""

    version: int = Field(description="Whose image it is shown as; under an open draft its base.")
    digest: str = Field(description="The sha256 of the file that was imported.", examples=["9f86d081884c7d65…"])
    erased: bool = Field(description="Whether it was erased for good: its row stays.", examples=[False])
    metadata: dict[str, str] = Field(description="By column of the table that came along.", examples=[{"site": "north"}])
    history: list[StepOut] = Field(description="What became of it, the oldest first; of very many edits the newest.")
    earlier: int = Field(description="How many edits and answers there are before those.", examples=[0])
