"""What goes in and comes out about buckets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from webapp.api.fields import NAME_LENGTH, Group, Shares, Text, Word
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


class FromBucket(Given):
    """An archive, or a folder of objects, in a bucket."""

    connection: Word = Field(description="Id of a connection of the team (GET /connections).")
    path: Annotated[Text, Field(max_length=1_000)] = Field("", description="Of a zip or tar, or of a folder; empty: all that it opens.")
    name: Annotated[Text, Field(max_length=NAME_LENGTH)] = Field("", description="What it is called; taken from the path unless given.")
    split: Shares = Field("70/15/15", description="Shares of train, validation and test, for splits that it does not bring.")
    seed: int = Field(0, ge=0, lt=2**32, description="The same seed cuts the same splits.")
    group: Group = Field("", description="A regular expression; files with the same match stay in one split.")
    alike: bool = Field(False, description="Images that look nearly the same stay in one split; about 1.3 ms an image more.")
    blur_faces: bool = Field(False, description="Faces that a detector finds are blurred in what is kept; about 0.2 s an image.")
    least: int | None = Field(None, ge=1, description="Classes with fewer images are left out.")
    most: int | None = Field(None, ge=1, description="Of larger classes so many images, chosen by the seed and their content.")
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"connection": AN_ID, "path": "animals/2026", "name": "Animals"}]}
    )
