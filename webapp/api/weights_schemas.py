"""What goes in and comes out of calls about uploaded weights."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from webapp.api.fields import Name


class WeightsUpload(Schema):
    """What goes with a weights file, in the same form."""

    name: Name = Field(description="What it is called.")


class WeightsFound(Schema):
    """What the check found in a file that it took."""

    tensors: int
    parameters: int = Field(description="Numbers that are learnt; running statistics are not counted.")
    dtypes: list[str] = Field(examples=[["float32", "int64"]])
    bytes: int = Field(description="Of the safetensors file that is kept.")
    fits: list[str] = Field(description="Networks of the catalogue that take these weights; empty where none does.")
    keys: list[str] = Field(description="The first names in the file.")


class WeightsOut(Schema):
    id: str = Field(description="`file:ID` is what the field `weights` of a configuration takes.")
    name: str
    file: str = Field(description="What the uploaded file was called.")
    state: str = Field(description="Of its check: queued, running, succeeded, failed or cancelled.")
    job: str = Field(description="Its check.")
    error: str = Field(description="Why it was refused, and what to send; empty otherwise.")
    found: WeightsFound | None = Field(description="Null until the check has succeeded.")
    created_at: datetime


class WeightsList(Schema):
    items: list[WeightsOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")
