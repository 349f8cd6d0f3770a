"""What is told of uploads in parts."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from webapp.api.schemas import AN_ID


class UploadOut(Schema):
    """An archive that comes in parts."""

    id: str
    url: str = Field(description="Where its parts are sent to.", examples=[f"/api/v1/uploads/{AN_ID}"])
    name: str = Field(description="Of the dataset to be.")
    archive_name: str
    length: int = Field(description="Bytes of the whole.")
    offset: int = Field(description="Bytes that are here.")
    expires_at: datetime = Field(description="When it is removed, unless more of it comes before.")
    dataset: str | None = Field(description="The dataset whose archive it replaces, if any.")


class UploadList(Schema):
    items: list[UploadOut]
    next: str | None
