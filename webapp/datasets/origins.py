"""Where the images of an import come from when nobody sends them: an archive at an address, a folder of this server, or a bucket.

A dataset keeps its origin as {"kind": "address", "address": "https://…"}, as {"kind": "server", "root": "/srv/images",
"folder": "birds/2024"} or as {"kind": "bucket", "connection": its id, "name": "Lab photos", "path": "birds/2024"}.
The worker reads it anew at each attempt, so what an administrator takes back holds from then on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from classifier.spec.addresses import networks, parsed
from classifier.spec.buckets import VARIABLE
from classifier.spec.errors import InputError
from webapp.datasets import connections, queries, roots
from webapp.datasets.models import Connection, Dataset

ADDRESS, SERVER, BUCKET = "address", "server", "bucket"


def words(dataset: Dataset) -> str:
    """Where it comes from, for people: without what may be a key in an address, and without where the server keeps a root."""
    origin = dataset.origin or {}
    if origin.get("kind") == ADDRESS:
        return parsed(origin["address"]).shown
    if origin.get("kind") == BUCKET:
        return "/".join(part for part in (origin["name"], origin["path"]) if part)
    return f"server folder {roots.shown(origin['root'], origin['folder'])}" if origin else dataset.archive_name


def can_begin(dataset: Dataset) -> bool:
    """Whether its import has something to read, or somewhere to fetch it from."""
    return dataset.origin is not None or queries.archive_path(dataset) is not None


def source(dataset: Dataset) -> Path | None:
    """What the import reads, as far as it is here; a download comes to that place. None where it is gone.

    InputError for a folder that is not inside the roots any more.
    """
    origin = dataset.origin or {}
    if origin.get("kind") == SERVER:
        return roots.inside(origin["root"], origin["folder"])
    return dataset.folder / "upload" / dataset.archive_file if origin else queries.archive_path(dataset)


def to_fetch(dataset: Dataset) -> dict[str, str]:
    """The environment of a command that downloads it first; empty where there is nothing to download."""
    origin = dataset.origin or {}
    if origin.get("kind") not in (ADDRESS, BUCKET):
        return {}
    if (here := source(dataset)) is not None and here.exists():
        return {}  # it has its name once it is whole; where it came from may be closed by now
    if not settings.FETCH:
        raise InputError("This server downloads nothing any more (SYNSET_FETCH is off). Upload the archive.", code="address")
    bounds = {"most_bytes": settings.UPLOAD_MAX_BYTES, "networks": networks(settings.FETCH_NETWORKS)}
    place = {"address": origin["address"]} if origin["kind"] == ADDRESS else in_bucket(dataset, origin)
    return {VARIABLE: json.dumps({**place, **bounds})}


def in_bucket(dataset: Dataset, origin: dict[str, str]) -> dict[str, Any]:
    """The bucket with its key as they are now, and where in it; InputError where the connection is gone."""
    connection = Connection.objects.filter(pk=origin["connection"], team=dataset.team_id).first()
    if connection is None:
        words = f"The connection {origin['name']} was deleted. Import from another one, or upload the archive."
        raise InputError(words, code="bucket")
    if connection.kind not in connections.kinds():
        words = f"This server opens nothing of the kind {connection.kind} any more (SYNSET_BUCKET_KINDS)."
        raise InputError(words, code="bucket")
    return {"bucket": connections.bucket_of(connection).told(), "path": origin["path"]}
