"""What goes in and comes out of the calls about reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.evaluation_schemas import ColumnOut
from webapp.api.leak_schemas import Leaks
from webapp.api.schemas import A_TEST, Given, TestOpened

TAGS = "At most ten, of 1 to 30 characters without a comma. Kept in lower case, with single spaces, without # before it, each once."


class ReportSummary(Schema):
    id: str
    title: str
    tags: list[str]
    dataset: str
    experiment: str
    evaluation: str
    model: str
    top1: float | None = Field(description="On the split that it measured; null where that has no images.")
    author: str | None
    shared: bool = Field(description="Whether a link opens it now.")
    opened: int = Field(description="How often its links were opened.")
    created_at: datetime


class ReportList(Schema):
    items: list[ReportSummary]
    next: str | None = Field(description="The cursor to go on with, or null.")


class ReportDetail(ReportSummary):
    notes: str = Field(description="Markdown.")
    revision: int = Field(description="Rises with each edit; send it back to be told when somebody else saved meanwhile.")
    test: dict[str, Any] | None = Field(description="As in result.json.", examples=[A_TEST])
    test_opened: TestOpened | None = Field(description="Of the test split that it measured; null for another split.")
    leaks: Leaks
    groups: list[ColumnOut] = Field(description="By columns of few values or of numbers; empty where there are none.")


class ReportEdit(Given):
    """What is left out stays as it is."""

    title: str = Field("", max_length=1000, description="1 to 200 characters.")
    notes: str = Field("", max_length=100_000, description="Markdown, at most 20,000 characters.")
    tags: list[str] = Field([], max_length=100, description=TAGS)
    revision: int | None = Field(None, ge=0, lt=2**31, description="The revision that the edit began from.")
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"notes": "Good **enough**.", "tags": ["pilot"], "revision": 0}]}
    )


class LinkAsked(Given):
    days: int = Field(30, ge=0, lt=10**6, description="7, 30 or 90.")
    with_model: bool = Field(False, description="Whether it offers the trained weights too.")
    with_groups: bool = Field(False, description="Whether it shows figures by what a table said of the images, of 5 images and more.")


class LinkOut(Schema):
    id: str = Field(description="To revoke it with.")
    url: str = Field(description="Shown this once; only a hash is kept.")
    expires_at: datetime
    with_model: bool
    with_groups: bool
