"""What goes in and comes out of calls about a training as it goes: steps, validations, the log."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from webapp.api.fields import Text

MOST_POINTS = 10_000


class StepsAsked(Schema):
    """Which part of which series, and how much of it."""

    of: Annotated[Text, Field(max_length=40)] = Field("loss", description="loss, rate, norm, speed, waiting or use.")
    first: float = Field(0, alias="from", description="From that step.", allow_inf_nan=False)
    last: float | None = Field(None, alias="to", description="To that step; to the newest unless given.", allow_inf_nan=False)
    points: int = Field(2000, ge=4, le=MOST_POINTS, description="At most so many: of each stretch the lowest and the highest.")
    window: float = Field(0, ge=0, le=1e9, description="Steps that are averaged over, around each; 0 for the values as they came.")


class StepsOut(Schema):
    of: str
    steps: int = Field(description="Steps so far, of which these are drawn.")
    step: list[int]
    value: list[float] = Field(description="Shares as fractions of 1, speed in images a second.")


class ValidationAsked(Schema):
    """Which validation."""

    at: float | None = Field(None, description="Where it lies, in epochs; the newest unless given.", allow_inf_nan=False)


class ValidationOut(Schema):
    at: float = Field(description="Where it lies, in epochs: 2 at the end of the second, 1.25 a quarter after the first.")
    places: list[float] = Field(description="Where all of them lie.")
    confusion: dict[str, Any] = Field(description="Without zeros: size, and parallel lists rows (true), columns (predicted), counts.")
    watched: dict[str, Any] | None = Field(
        description="What was said of the same few images, in parallel lists: positions, labels, best and probability; null where not kept."
    )


class LogAsked(Schema):
    """What is looked for."""

    q: Annotated[Text, Field(max_length=200)] = Field("", description="Lines with that alone, upper and lower case alike.")


class LogOut(Schema):
    found: int = Field(description="Lines in all.")
    lines: list[str] = Field(description="The newest 200 of them, oldest first; times are UTC.")
