"""What goes in and comes out about quality reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from classifier.spec.quality import MOST_FINDINGS
from webapp.api.draft_schemas import Kind, SplitWord
from webapp.api.fields import Word
from webapp.api.leak_schemas import Leaking
from webapp.api.schemas import A_JOB, AN_ID, Given


class Report(Schema):
    """What a check found."""

    id: str = Field(description="Of the check; fixes name it.", examples=[AN_ID])
    ended_at: datetime | None
    counts: dict[str, int] = Field(
        description="Findings of each kind, those beyond what is listed too.", examples=[{"near_leak": 2, "label": 7}]
    )
    leaks: dict[str, int] = Field(description="Images of the second split that also stand in the first.", examples=[{"train-test": 2}])
    facts: dict[str, Any] = Field(
        description="grouped (further images of which one of the same group stands in the first split), imbalance, shortcuts, "
        "distributions, by what label errors were told (judged), and how many images have no label yet (unlabelled): "
        "they are in neither imbalance nor shortcuts, and no label of theirs is doubted.",
        examples=[
            {"unlabelled": 12, "imbalance": None, "shortcuts": [], "judged": {"images": 300, "of": 300, "accuracy": 0.95, "reason": ""}},
        ],
    )


class QualityOut(Schema):
    """The newest check of the newest version, and the newest report."""

    version: int | None = Field(description="That is checked. Null before the import has succeeded.", examples=[1])
    state: str | None = Field(description="Of the newest check's job; null where none was asked for.")
    job: str | None = Field(description="The newest check's.", examples=[A_JOB])
    leaking: Leaking | None = Field(description="Of this version. Null before the import has succeeded.")
    report: Report | None = Field(description="Of the newest check of this version that has succeeded.")


class FoundImage(Schema):
    """As the check saw it; the open draft may have changed it since."""

    position: int
    path: str
    label: str
    split: SplitWord


class FindingOut(Schema):
    """One image, or two, with something to look at."""

    rank: int = Field(description="Its place among those of its kind, the worst is 0; fixes name it.")
    image: FoundImage
    other: FoundImage | None = Field(description="The image that it repeats, where the kind is about two.")
    seems: str | None = Field(description="Label of the class that it seems to be of.", examples=["dog"])
    score: float
    settled: bool = Field(description="Whether the open draft changes one of its images.", examples=[False])


class FindingList(Schema):
    items: list[FindingOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class Fix(Given):
    """What some findings ask for, as one edit of the draft."""

    check: Word = Field(description="Id of the report.", examples=[AN_ID])
    kind: Kind = Field(examples=["near_leak"])
    do: Literal["out", "other", "label"] = Field(
        description="out: takes the images out. other: those that they repeat. label: gives one the class that it seems to be of.",
        examples=["out"],
    )
    ranks: list[Annotated[int, Field(ge=0, le=2**31 - 1)]] = Field(
        [], max_length=MOST_FINDINGS, description="Which findings.", examples=[[0, 1]]
    )
    every: bool = Field(False, description="In place of `ranks`: all of a kind of which one image of each pair stays.", examples=[False])
