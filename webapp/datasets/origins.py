"""Where the images of an import come from when nobody sends them: an archive at an address, or a folder of this server.

A dataset keeps its origin as {"kind": "address", "address": "https://…"} or as {"kind": "server", "root": "/srv/images",
"folder": "birds/2024"}.
The worker reads it anew at each attempt, so what an administrator takes back holds from then on.
"""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from classifier.spec.addresses import networks, parsed
from classifier.spec.errors import InputError
from webapp.datasets import queries, roots
from webapp.datasets.models import Dataset

ADDRESS, SERVER = "address", "server"
VARIABLE = "SYNSET_FETCH"  # as `python -m classifier import --fetch` reads it


def words(dataset: Dataset) -> str:
    """Where it comes from, for people: without what may be a key in an address, and without where the server keeps a root."""
    origin = dataset.origin or {}
    if origin.get("kind") == ADDRESS:
        return parsed(origin["address"]).shown
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
    if origin.get("kind") != ADDRESS:
        return {}
    if not settings.FETCH:
        raise InputError("This server downloads nothing any more (SYNSET_FETCH is off). Upload the archive.", code="address")
    told = {"address": origin["address"], "most_bytes": settings.UPLOAD_MAX_BYTES, "networks": networks(settings.FETCH_NETWORKS)}
    return {VARIABLE: json.dumps(told)}
