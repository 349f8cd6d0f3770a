"""Buckets: through which connections a team imports, and an import through one. Who holds keys makes connections, on the pages alone."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.bucket_schemas import ConnectionList, FromBucket, LevelOf, LevelOut
from webapp.api.schemas import Made
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets import bringing, connections
from webapp.datasets.models import Connection

router = Router()


@router.get("/connections", response=answers({200: ConnectionList}), summary="List connections")
def list_connections(request: Request) -> dict[str, Any]:
    """The team's connections to buckets, by name, without keys. An owner makes them on the page Team."""
    request.actor.require("dataset.edit")
    return {"items": [shown(row) for row in connections.of_team(request.actor.team)]}


def shown(row: Connection) -> dict[str, Any]:
    """As the API tells it."""
    public = {name: getattr(row, name) for name in ("id", "name", "kind", "bucket", "prefix", "endpoint", "created_at")}
    return {**public, "opens": row.opened if row.tried_at else None}


@router.get("/connections/{id}/folders", response=answers({200: LevelOut}, 409), summary="Look into a bucket")
def folders(request: Request, id: str, page: Query[LevelOf]) -> dict[str, Any]:
    """The folders and archives that lie directly in a folder of the bucket, 500 of each at most, asked within half a minute."""
    connection = get_for(request.actor, Connection, id, "dataset.edit")
    found = connections.listed(request.actor, connection, page.path)
    return {name: found[name] for name in ("folder", "folders", "archives", "others", "more")}


@router.post("/datasets/from/bucket", response=answers({202: Made}, 400), openapi_extra=IDEMPOTENCY, summary="Import from a bucket")
def from_bucket(request: Request, body: FromBucket) -> Status[Any]:
    """Queues an import that copies an archive, or a folder of objects, from a bucket. Follow the job; then read the dataset."""
    connection = get_for(request.actor, Connection, body.connection, "dataset.edit")
    dataset = bringing.from_bucket(request.actor, body.name, connection, body.path, body.chosen())
    return Status(202, {"id": dataset.id, "job": dataset.job_id})
