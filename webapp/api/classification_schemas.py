"""What goes into and comes out of the calls about many pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from webapp.api.draft_schemas import Label, Position
from webapp.api.fields import Text, Word
from webapp.api.paging import Page
from webapp.api.schemas import AN_ID, Given
from webapp.datasets.drafts.corrections import MOST

NETWORK = "An experiment's id, or `published:` with the name of a network of the catalogue whose weights are here."


class Sent(Given):
    """What goes with the pictures."""

    network: Annotated[Text, Field(max_length=120)] = Field(description=NETWORK, examples=[AN_ID])


class Again(Given):
    """By which network the same pictures are classified."""

    network: Annotated[Text, Field(max_length=120)] = Field(description=NETWORK, examples=["published:efficientnet_lite0"])


class Corrected(Given):
    """Which of the pictures are of which class."""

    rows: list[Position] = Field(min_length=1, max_length=MOST, description="`row` of the answers.", examples=[[3, 17]])
    label: Label = Field(description="The class that is right, by its label or its readable name.", examples=["bee"])
    dataset: Word | None = Field(None, description="In whose draft; that from which the network learnt unless named.", examples=[AN_ID])


class Listed(Page):
    """Which classifications, from where."""

    network: Annotated[Text, Field(max_length=120)] = Field("", description="By that network alone.")


class AnswerPage(Page):
    """Which answers, from where."""

    label: Annotated[Text, Field(max_length=500)] = Field("", description="Sure answers of that class alone.")
    sort: Literal["", "doubt"] = Field("", description="`doubt`: the least sure first; else in the order of the archive.")
    show: Literal["", "unsure", "refused"] = Field("", description="The unsure ones, or the files that were refused.")
    beside: Annotated[Text, Field(max_length=40)] = Field("", description="Another one of the same images, for `other` of each row.")
    differing: bool = Field(False, description="With `beside`: rows alone on which the two name different classes.")


class ClassCount(Schema):
    """One class of the network."""

    label: str = Field(examples=["bee"])
    name: str = Field(description="A readable name, where the label is an id.", examples=["bee"])
    n: int = Field(description="Pictures that were surely of it.", examples=[41])


class ClassificationSummary(Schema):
    """Many pictures that a network was asked about."""

    id: str
    name: str = Field(description="As the archive was called.", examples=["trip.zip"])
    state: str = Field(examples=["succeeded"])
    job: str
    network: str = Field(description="An experiment's id, or `published:NAME`; it may be gone by now.")
    network_name: str
    network_here: bool = Field(description="Whether it can still be looked at.")
    unsure_below: float | None = Field(description="The threshold as it was; null: never unsure.")
    images: int | None = Field(description="Pictures that were classified, unsure ones too; null until it is done.")
    unsure: int
    refused: int = Field(description="Files that could not be read.")
    ignored: int = Field(description="Files that are no pictures.")
    erased: int = Field(description="Pictures that were erased for good since; no other figure counts them.")
    created_at: datetime
    created_by: str | None


class ClassificationOut(ClassificationSummary):
    classes: list[ClassCount] = Field(description="In the network's order; empty until it is done.")
    error: str = Field(description="Why it failed.")


class ClassificationList(Schema):
    items: list[ClassificationSummary]
    next: str | None


class GuessOut(Schema):
    """One of the five best classes."""

    label: str
    name: str
    probability: float = Field(examples=[0.93])


class OtherOut(Schema):
    """What the network beside it says of the same picture."""

    unsure: bool
    top: list[GuessOut]
    differs: bool = Field(description="Whether its best class is another one; the same is what has the same label or readable name.")


class RowOut(Schema):
    """One picture."""

    row: int = Field(description="Its place among all.")
    file: str = Field(examples=["trip/0001.jpg"])
    unsure: bool
    top: list[GuessOut]
    put_right: str | None = Field(description="The class that somebody said it is; null where none holds.", examples=[None])
    other: OtherOut | None = Field(None, description="With `beside`.")


class RefusedOut(Schema):
    """One file that was not classified."""

    file: str
    rule: str = Field(examples=["truncated"])
    message: str


class AgreementOut(Schema):
    """How often two networks name the same class."""

    n: int = Field(description="Pictures that both answered, unsure ones too.")
    same: int
    interval: list[float] = Field(description="95 %, of the share (Wilson).", examples=[[0.61, 0.83]])


class AnswerList(Schema):
    items: list[RowOut]
    refused: list[RefusedOut] = Field(description="With `show=refused`.")
    agreement: AgreementOut | None = Field(None, description="With `beside`.")
    next: str | None
