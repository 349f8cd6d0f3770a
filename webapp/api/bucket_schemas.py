"""What goes in and comes out about buckets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.bringing_schemas import Options
from webapp.api.fields import Text, Word
from webapp.api.schemas import AN_ID


class ConnectionOut(Schema):
    """How the team opens a bucket, without what opens it."""

    id: str
    name: str
    kind: str = Field(description="s3, or another that this server opens.")
    bucket: str
    prefix: str = Field(description="Imports see what is below it alone.")
    endpoint: str = Field(description="The server's address; empty for Amazon S3.")
    opens: bool | None = Field(description="What its last test said; null where it was not tested.")
    created_at: datetime


class ConnectionList(Schema):
    items: list[ConnectionOut]


class FromBucket(Options):
    """An archive, or a folder of objects, in a bucket."""

    connection: Word = Field(description="Id of a connection of the team (GET /connections).")
    path: Annotated[Text, Field(max_length=1_000)] = Field("", description="Of a zip or tar, or of a folder; empty: all that it opens.")
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"connection": AN_ID, "path": "animals/2026", "name": "Animals"}]}
    )
