"""What comes out of the calls about evaluations: figures, and how they differ by group."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from webapp.api.schemas import TestOpened


class GroupOut(Schema):
    """The images of one value."""

    value: str = Field(description="Empty for images without one; of a column of numbers a range, such as 18 to 34.", examples=["Bonn"])
    n: int = Field(description="Images.", examples=[120])
    accuracy: float = Field(description="The share that was named rightly.", examples=[0.93])
    interval: list[float] = Field(description="95 %, of the accuracy: from, to.", examples=[[0.87, 0.96]])
    compared: bool = Field(description="Whether it has images enough (5) to say anything.")


class GapOut(Schema):
    """The best and the worst of a column's groups of at least 5 images."""

    better: str = Field(examples=["Bonn"])
    worse: str = Field(examples=["Cologne"])
    points: float = Field(description="Between their accuracies, of 1.", examples=[0.12])
    interval: list[float] = Field(description="95 %, of the points, for all pairs of groups together: from, to.", examples=[[0.03, 0.21]])
    sure: bool = Field(description="Whether chance would hardly give as much.")


class ColumnOut(Schema):
    """How right the network is by one column that came with the images, the worst group first."""

    column: str = Field(examples=["site"])
    groups: list[GroupOut]
    gap: GapOut | None


class EvaluationOut(Schema):
    id: str
    experiment: str
    dataset: str
    split: str
    checkpoint: str
    views: str = Field(description="Whose predictions were averaged: none, flip or ten_crop; empty: as the training was configured.")
    raw: bool = Field(description="Whether an average of the weights was left aside.")
    state: str
    job: str
    result: dict[str, Any] | None = Field(description="The figures, as `test` in result.json; null until it is done.")
    test_opened: TestOpened | None = Field(description="Of the test split that it measured; null for another split.")
    groups: list[ColumnOut] = Field(description="By columns of few values or of numbers; empty where there are none, or until it is done.")
