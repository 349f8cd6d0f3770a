"""What goes in and comes out about buckets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.bringing_schemas import Options
from webapp.api.fields import Text, Word
from webapp.api.schemas import AN_ID, Given


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


class LevelOf(Given):
    """Which folder."""

    path: Annotated[Text, Field(max_length=1_000)] = Field("", description="Below what the connection opens; empty: the top.")


class LevelOut(Schema):
    """What lies directly in a folder of a bucket."""

    folder: str
    folders: list[str]
    archives: list[str] = Field(description="Objects that are called as archives are.")
    others: int = Field(description="Further objects directly in it, as far as one answer of the server tells.")
    more: bool = Field(description="Whether there is more than was listed.")


class FromBucket(Options):
    """An archive, or a folder of objects, in a bucket."""

    connection: Word = Field(description="Id of a connection of the team (GET /connections).")
    path: Annotated[Text, Field(max_length=1_000)] = Field("", description="Of a zip or tar, or of a folder; empty: all that it opens.")
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"connection": AN_ID, "path": "animals/2026", "name": "Animals"}]}
    )
