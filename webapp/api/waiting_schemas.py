"""What goes in and comes out about images that wait in a draft."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from classifier.spec.peeked import MOST_IMAGES
from webapp.api.draft_schemas import Label
from webapp.api.fields import ADDED_EXIF_WORDS, AddedExif, Encoding
from webapp.api.schemas import Given

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AdditionOut(Schema):
    """An upload whose images the draft gains when it is sealed."""

    id: int = Field(description="By which its images are read and changed.")
    name: str = Field(examples=["more.zip"])
    bytes: int
    label: str | None = Field(description="The class of all its images; null: as their folders or their table say.", examples=["cat"])
    encoding: str | None = Field(description="Of its names that do not say theirs; null: as they read best.", examples=["cp866"])
    exif: str | None = Field(description="What cameras noted that is kept; null: what the dataset's import keeps.", examples=["date"])


class AdditionList(Schema):
    items: list[AdditionOut]


class WaitingOut(Schema):
    """An image as it would be added."""

    digest: str = Field(description="The SHA-256 of its file, by which changes name it.", examples=["0f" * 32])
    path: str = Field(description="Inside the upload.")
    label: str
    width: int
    height: int
    removed: bool = Field(description="Whether it is not added, since somebody said so or its class is taken out.")
    changed: bool = Field(description="Whether something is said of it alone.")


class LeftOut(Schema):
    file: str
    rule: str
    message: str


class Reading(Schema):
    encoding: str = Field(examples=["cp866"])
    examples: list[str] = Field(description="Some of the names, as it reads them.", examples=[["кот"]])


class NamesIn(Schema):
    """How names are read that do not say their encoding, and how others would read some of them, the likeliest first."""

    encoding: str = Field(examples=["cp866"])
    readings: list[Reading]


class WaitingList(Schema):
    """Images by their paths. They are looked at when they are first read: ask again while the state is `looking`."""

    state: Literal["looking", "seen", "failed"]
    why: str = Field(description="Why they cannot be shown, now or at all; empty where they can.", examples=[""])
    total: int = Field(description="How many are listed.")
    of: int = Field(description=f"How many the upload has; of very many the first {MOST_IMAGES:,} at most are looked at.")
    left: list[LeftOut] = Field(description="The first files that sealing would leave out.")
    left_count: int
    names_in: NamesIn | None = Field(description="Null where all names say their encoding. Another one is chosen by the op `read`.")
    columns: list[str] = Field(description="Of their tables that the version has not yet, and gets with them.", examples=[["ward"]])
    items: list[WaitingOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class WaitingChange(Given):
    """One edit of images that wait."""

    op: Literal["label", "remove", "restore", "read"]
    images: list[Digest] | None = Field(
        None, max_length=MOST_IMAGES, description="By their digests; without it, label and remove mean the whole upload.", examples=[None]
    )
    label: Label | None = Field(
        None,
        description="label: what they show, a class that there is not is made; of a whole upload null means as its folders say.",
        examples=["cat"],
    )
    encoding: Encoding | None = Field(None, description="read: of names that do not say theirs; empty: as they read best.", examples=[None])
    exif: AddedExif | None = Field(None, description=f"read: {ADDED_EXIF_WORDS}", examples=[None])
