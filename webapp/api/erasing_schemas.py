"""What comes out about images that are erased for good."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from webapp.api.schemas import A_JOB, AN_ID


class ErasedIn(Schema):
    """A dataset that holds the image."""

    dataset: str = Field(examples=[AN_ID])
    name: str = Field(examples=["Birds"])
    images: dict[str, int] = Field(description="How many samples of each version show it, by the version's number.", examples=[{"1": 1}])


class Elsewhere(Schema):
    """A classification of many images that holds it, too."""

    id: str = Field(examples=[AN_ID])
    name: str = Field(examples=["trip.zip"])
    words: str = Field(examples=["1 of its images"])


class SawIt(Schema):
    """What learnt from the image, or was measured on it. Weights and figures are not changed by an erasure."""

    id: str = Field(examples=[AN_ID])
    name: str = Field(examples=["First"])
    words: str = Field(examples=["learnt from it"])


class Beside(Schema):
    """What may show the same and is not erased with it."""

    name: str = Field(examples=["more.zip"])
    words: str = Field(examples=["waits in the draft of Birds"])


class Twin(Schema):
    """An image that a check found to be nearly the same; it is erased by itself."""

    dataset: str = Field(examples=[AN_ID])
    position: int = Field(examples=[7])
    path: str = Field(examples=["wren/007.jpg"])


class ErasureAsked(Schema):
    """What to erase an image would do."""

    digest: str = Field(description="The sha256 of the file that was imported.", examples=["9f86d081884c7d65…"])
    erased: bool = Field(description="Whether that is done already, everywhere.", examples=[False])
    places: list[ErasedIn]
    saw: list[SawIt]
    classifications: list[Elsewhere] = Field(description="From which it goes, too.", examples=[[]])
    corrections: list[str] = Field(description="Datasets from whose drafts' corrections it goes, too.", examples=[[]])
    busy: str | None = Field(description="The job that reads one of those datasets now, and that has to end first.", examples=[None])
    archives: list[Beside] = Field(description="Archives of the team that lie here unread.")
    twins: list[Twin]
    unchecked: list[str] = Field(description="Datasets in which nobody looked for images that are nearly the same.", examples=[[]])


class ErasureOut(Schema):
    """An image that somebody had erased. Of the image its content hash is kept alone."""

    id: str
    digest: str = Field(examples=["9f86d081884c7d65…"])
    by: str | None = Field(description="Who asked for it.", examples=["ada"])
    state: str
    job: str = Field(examples=[A_JOB])
    asked_at: datetime
    places: list[ErasedIn] = Field(description="Where it was, once it is done.")
    classifications: list[Elsewhere] = Field(description="From which it went, once it is done.")
    saw: list[SawIt] = Field(description="What had used it by then.")


class ErasureList(Schema):
    items: list[ErasureOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")
