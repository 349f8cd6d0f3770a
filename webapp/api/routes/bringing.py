"""Datasets whose images nobody sends: an archive at an address, or a folder of the server."""

from __future__ import annotations

from typing import Annotated, Any

from django.conf import settings
from django.http import Http404
from ninja import Query, Router, Status

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.api.bringing_schemas import FolderList, FromAddress, FromFolder
from webapp.api.schemas import Made
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets import bringing, roots

router = Router()
LONGEST = 4_000


@router.post("/datasets/from/address", response=answers({202: Made}, 400), openapi_extra=IDEMPOTENCY, summary="Import from an address")
def from_address(request: Request, body: FromAddress) -> Status[Any]:
    """Queues an import that downloads the archive itself, from a public server alone. Follow the job; then read the dataset."""
    request.actor.require("dataset.edit")
    dataset = bringing.from_address(request.actor, body.name, body.address, body.chosen())
    return Status(202, {"id": dataset.id, "job": dataset.job_id})


@router.post("/datasets/from/folder", response=answers({202: Made}, 400), openapi_extra=IDEMPOTENCY, summary="Import a server folder")
def from_folder(request: Request, body: FromFolder) -> Status[Any]:
    """Queues an import that reads a folder of the server where it lies. Follow the job; then read the dataset."""
    request.actor.require("dataset.edit")
    dataset = bringing.from_server(request.actor, body.name, body.root, body.folder, body.chosen())
    return Status(202, {"id": dataset.id, "job": dataset.job_id})


@router.get("/datasets/from/folder", response=answers({200: FolderList}), summary="List server folders")
def list_folders(
    request: Request,
    root: Annotated[str, Query(max_length=LONGEST, description="A root; without it, the roots are listed.")] = "",
    folder: Annotated[str, Query(max_length=LONGEST, description="Below that root.")] = "",
) -> dict[str, Any]:
    """The folders that may be imported from, one level at a time; 404 for any other."""
    request.actor.require("dataset.edit")
    if not root:
        return {"root": None, "folder": "", "folders": list(settings.ROOTS), "files": 0, "more": False}
    try:
        found = roots.listed(root, folder)
    except (InputError, OSError):
        raise Http404(roots.NOT_THERE) from None
    return {"root": root, "folder": folder, "folders": found.folders, "files": found.files, "more": found.more}
