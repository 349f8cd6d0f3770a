"""What comes out about what two versions differ in, and what a team writes about a dataset."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from webapp.api.draft_schemas import SplitWord
from webapp.api.fields import Text
from webapp.api.paging import Page
from webapp.api.schemas import AN_ID, Given
from webapp.datasets.describing import LICENCE_LENGTH

ChangeKind = Literal["relabelled", "moved", "removed", "added"]


class Compare(Page):
    """Which versions are compared, and which of the images that differ are listed."""

    base: int | None = Field(None, ge=1, le=2**31 - 1, description="The version to compare with; the one before it unless given.")
    kind: ChangeKind = Field("relabelled", description="Which images are listed; all kinds are counted.")


class Standing(Schema):
    """What a version says of an image."""

    label: str
    split: SplitWord


class Changed(Schema):
    """An image that the two versions say something else of."""

    position: int
    path: str
    before: Standing | None = Field(description="Null where it was not there.")
    after: Standing | None = Field(description="Null where it was taken out.")


class Turn(Schema):
    """A class that images left, and the one that they came to."""

    before: str = Field(examples=["cat"])
    after: str = Field(examples=["dog"])
    images: int


class DifferenceOut(Schema):
    """What a version differs in from another one."""

    base: int = Field(description="Number of the version that it is compared with.")
    version: int
    counts: dict[str, int] = Field(
        description="Images of each kind of change.", examples=[{"relabelled": 2, "moved": 0, "removed": 1, "added": 0}]
    )
    turns: list[Turn] = Field(description="Which classes images changed, the most first; without those that were only renamed.")
    renamed: list[Turn] = Field(description="Classes that have another label and the same images.")
    items: list[Changed] = Field(description="Images of the kind that was asked for, by position.")
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class Describe(Given):
    """Words for the data card. What is left out stays as it is."""

    description: str | None = Field(None, description="In Markdown.", examples=["Wrens and owls of one summer."])
    licence: Annotated[Text, Field(max_length=LICENCE_LENGTH)] | None = Field(
        None, description="What may be done with the images.", examples=["CC BY 4.0"]
    )
    mark: str | None = Field(
        None, max_length=16, description="Of the words that were read: 409 where others were saved since.", examples=[None]
    )


class Described(Schema):
    """What the team wrote about a dataset."""

    id: str = Field(examples=[AN_ID])
    description: str = Field(examples=["Wrens and owls of one summer."])
    licence: str = Field(examples=["CC BY 4.0"])
    mark: str = Field(description="What tells these words from any others.", examples=["0123456789abcdef"])
