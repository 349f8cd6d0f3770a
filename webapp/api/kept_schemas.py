"""What comes out of the calls about a report's model card, manifest and snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.schemas import Given


class CardTable(Schema):
    title: str
    head: list[str]
    rows: list[list[str]]
    note: str


class CardSection(Schema):
    title: str
    facts: list[list[str]]
    sentences: list[str]
    tables: list[CardTable]
    commands: list[str] = Field(description="Lines to be typed as they are.")


class CardOut(Schema):
    title: str
    intended: str = Field(description="What it is for, in the team's Markdown; empty where nobody has said it.")
    licence: str
    sections: list[CardSection]
    markdown: str = Field(description="The whole card as one text.")


class Intended(Given):
    intended: str = Field(max_length=20_000, description="Markdown, at most 4,000 characters: what it is for, and what not.")
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"intended": "Sorting fruit, never counting it."}]})


class SnapshotOut(Schema):
    id: str
    title: str
    created_at: datetime
    author: str | None
    sha256: str = Field(description="Of what was frozen.")
    manifest: dict[str, Any]


class SnapshotList(Schema):
    items: list[SnapshotOut] = Field(description="The newest first.")
