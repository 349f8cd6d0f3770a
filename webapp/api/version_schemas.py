"""What comes out about versions of datasets."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from webapp.api.paging import MOST, Page


class VersionOut(Schema):
    """A sealed version of a dataset; an experiment is launched on one by its number or fingerprint."""

    number: int
    fingerprint: str = Field(description="A sha256 over its rows; equal rows have equal fingerprints.")
    images: int
    classes: int = Field(description="How many there are.")
    parent: int | None = Field(description="The version that it was made from; null for an import.")
    changes: dict[str, int] = Field(
        description="Images relabelled, moved, removed and added since the version before, and classes renamed."
    )
    sealed_at: datetime


class VersionList(Schema):
    items: list[VersionOut]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


class VersionPage(Page):
    """How many versions, from where."""

    limit: int = Field(MOST, ge=1, le=MOST, description="How many items at most.")  # so many came before there were pages
