"""What comes out of the calls about slices of an evaluation, probes of its network and learning curves."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from webapp.api.evaluation_schemas import GapOut, GroupOut


class SliceOut(GroupOut):
    """A group beside all other images of its column."""

    behind: float = Field(description="Of 1, how much its accuracy lies below that of the other images.", examples=[0.12])
    behind_interval: list[float] = Field(description="95 %, for all groups of the column together: from, to.", examples=[[0.02, 0.24]])
    sure_behind: bool = Field(description="Whether chance would hardly give as much.")
    confidence: float | None = Field(description="The mean probability of what was said; null of an evaluation of an earlier release.")


class SlicedOut(Schema):
    """The groups of one way to slice, or of two at once."""

    by: str = Field(description="What `by` takes: a column's name, @size, @shape, @light or @ending.", examples=["site"])
    name: str = Field(examples=["site"])
    groups: list[SliceOut] = Field(description="Of at least 5 images, the worst first.")
    small: list[GroupOut] = Field(description="Of fewer, which say too little to be compared.")
    gap: GapOut | None


class SlicesOut(Schema):
    split: str
    n: int = Field(description="Images that were measured.")
    slices: list[SlicedOut] = Field(description="All ways, the surest gap first; with `by` that one alone.")


class StudyOut(Schema):
    id: str | None = Field(description="Null before the first was asked for, as all else.")
    job: str | None
    state: str | None
    result: dict[str, Any] | None = Field(description="What was found; null until it is done.")
