"""What goes in and comes out about rounds of labelling, reviews and suggestions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from webapp.api.draft_schemas import Filters, Label
from webapp.api.schemas import A_JOB, AN_ID, Given

MOST_ITEM = 2**63 - 1
MOST_KEPT = 20  # answers that are on their way when somebody leaves
Item = Annotated[int, Field(ge=1, le=MOST_ITEM, description="The `id` of an image that was handed out.", examples=[41])]
Doubt = Literal["label", "two_labels", "near_two_labels"]


class BeginRound(Given):
    """What a round goes through: images that match, findings of the newest check, or what a network suggests."""

    matching: Filters | None = Field(
        None, description="Images that match; all where it is empty. `changed` is no filter of a round.", examples=[{}]
    )
    findings: Doubt | None = Field(None, description="In place of `matching`: findings of that kind of the newest check.", examples=[None])
    suggestions: str | None = Field(None, max_length=20, description="In place of it: suggestions of that id.", examples=[None])
    label: Label | None = Field(None, description="With `suggestions`: of the images of that class alone.", examples=[None])


class RoundOut(Schema):
    """A round of labelling, which hands its images out a few at a time; nobody has to meet."""

    id: str = Field(examples=[AN_ID])
    kind: str = Field(description="chosen, findings, suggested or review.", examples=["chosen"])
    name: str = Field(examples=["Labelling: unlabelled"])
    by: str | None = Field(description="Who began it.", examples=["ada"])
    reviews: str | None = Field(description="Of a review: the round whose answers it looks at.", examples=[None])
    images: int | None = Field(description="That it goes through; null where they were not counted.")
    answered: int
    skipped: int
    passed: int = Field(description="Taken out or labelled by others before their turn came.")
    words: str = Field(examples=["128 of 1,024 labelled, 3 skipped"])
    closed_at: datetime | None
    created_at: datetime


class RoundList(Schema):
    items: list[RoundOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class Suggested(Schema):
    """What a network says of an image."""

    label: str
    probability: float | None = Field(description="How sure it is, of 1.")


class HandedOut(Schema):
    """An image that is yours for two minutes from the last call. A review is blind: it names neither path nor label."""

    id: int = Field(description="By which answers name it.")
    picture: str = Field(description="The address of its picture.")
    path: str
    was: str = Field(description="Its label as it is.")
    suggested: Suggested | None


class Handed(Schema):
    """What is to be labelled next."""

    items: list[HandedOut]
    more: bool = Field(description="Ask again: none was found in so short a look, and there may be some.")
    ended: str = Field(description="Why there is none; empty where there is some.", examples=[""])
    round: RoundOut


class Answer(Given):
    """What is said of one image."""

    item: Item
    do: Literal["label", "out", "skip"] = Field(
        "label", description="label: it shows `label`. out: it does not belong here. skip: leave it."
    )
    label: Label | None = Field(None, description="What it shows; a class that there is not is made.", examples=["bee"])


class Answered(Schema):
    """The image as it stands now."""

    item: int = Field(examples=[41])
    state: Literal["waiting", "answered", "skipped"] = Field(examples=["answered"])
    label: str = Field(description="Empty where it was skipped or taken out.", examples=["bee"])


class Undone(Schema):
    """The answer that was taken back; its image is handed out first again."""

    item: int = Field(examples=[41])


class LeaveRound(Given):
    """What stays yours."""

    keep: list[Item] = Field([], max_length=MOST_KEPT, description="Images whose answers are still on their way.", examples=[[]])


class GivenBack(Schema):
    images: int = Field(description="That are anybody's again.")


class RoundChange(Given):
    """What is done to a round."""

    op: Literal["close", "again", "review"] = Field(
        description="close: it hands nothing out any more. again: what was skipped comes again. review: others label a share of it blind."
    )
    share: float | None = Field(None, ge=0.01, le=1, description="review: how much of its answers, of 1.", examples=[None])


class Between(Schema):
    """How far two people agree."""

    first: str
    second: str
    images: int
    agreed: int
    kappa: float | None = Field(description="Cohen's; null where it is not defined.")


class Differing(Schema):
    first: str = Field(description="What the first person said.", examples=["bee"])
    second: str = Field(examples=["wasp"])
    images: int


class Disagreement(Schema):
    """An image about which the two differ."""

    item: int
    position: int
    path: str
    first: str = Field(description="What the first person said.", examples=["bee"])
    second: str = Field(examples=["wasp"])
    settled: str = Field(description="What holds after that; empty while nobody has settled it.", examples=[""])


class AgreementOut(Schema):
    """What a review says: how far people agree, and about what they do not."""

    images: int
    agreed: int
    kappa: float | None = Field(description="Cohen's, of all together; null where it is not defined.")
    low: float | None = Field(description="Of its 95 % interval.")
    high: float | None
    people: list[Between]
    differing: list[Differing] = Field(description="Pairs of classes that are taken for one another, the most first; 20 at most.")
    open: int = Field(description="Disagreements that nobody has settled.")
    items: list[Disagreement]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class Settle(Given):
    """What holds of an image about which two people differ."""

    item: Item
    label: Label = Field(examples=["bee"])


class Settled(Schema):
    item: int = Field(examples=[41])
    settled: str = Field(examples=["bee"])


class AskSuggestions(Given):
    """Whose suggestions."""

    network: str = Field(max_length=20, description="The id of an experiment with a trained network.", examples=[AN_ID])


class SuggestionsOut(Schema):
    """What a trained network says of every image of a version; a round goes through it, the least certain first."""

    id: str = Field(examples=[AN_ID])
    network: str = Field(description="As it was called then.", examples=["First"])
    version: int
    images: int = Field(description="Of which it says something; 0 until it is done.")
    state: str
    job: str = Field(examples=[A_JOB])


class SuggestionsList(Schema):
    items: list[SuggestionsOut] = Field(description="Newest first: those that can be gone through, and the newest that was asked for.")
