"""What goes in and comes out about an archive that is looked at before it is imported."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from webapp.api.fields import Group
from webapp.api.schemas import A_JOB, AN_ID, Given


class PreviewOut(Schema):
    """How an archive is understood, while its import waits for a word."""

    id: str = Field(examples=[AN_ID])
    waiting: bool = Field(
        description="Whether somebody is to say if it is understood; false before the look has ended, and once it is imported."
    )
    job: str = Field(description="The look, or the import that waits.", examples=[A_JOB])
    state: str = Field(description="Of that job.", examples=["paused"])
    found: dict[str, Any] | None = Field(
        description="As `python -m classifier inspect --json` tells it: kind, classes, tables, tree, what is left out.",
        examples=[{"kind": "folders", "classes": {"cat": {"train": 7, "validation": 2, "test": 1}}}],
    )
    choose: dict[str, Any] = Field(description="What was corrected so far.", examples=[{}])


class Decide(Given):
    """What is said to it."""

    do: Literal["import", "look"] = Field("import", description="import: it is right so. look: look once more, with these corrections.")
    choose: dict[str, Any] | None = Field(
        None, description="Corrections as `import --choose` takes them; without it, those of before.", examples=[{"level": 1}]
    )
    group: Group | None = Field(None, description="A regular expression; files with the same match stay in one split.", examples=[None])
