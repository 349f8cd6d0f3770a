"""Weights files: upload, list, read, delete."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import NO_SPACE, ApiError, FieldErrors
from webapp.api.paging import Page, page_of
from webapp.api.schemas import Made, Removed
from webapp.api.service import IDEMPOTENCY, answers
from webapp.api.weights_schemas import WeightsList, WeightsOut, WeightsUpload
from webapp.datasets.files import StorageFull
from webapp.experiments import uploads
from webapp.experiments.models import WeightsFile

router = Router()
TOO_LARGE = "A weights file may have {limit:,} bytes here (SYNSET_WEIGHTS_MAX_BYTES); {size:,} came."


@router.post("/weights", response=answers({202: Made}, 400, 409, 413, 507), openapi_extra=IDEMPOTENCY, summary="Upload weights")
def create_weights(
    request: Request,
    form: Form[WeightsUpload],
    file: Annotated[UploadedFile, File(..., description="A state dict as torch.save writes it, or a safetensors file.")],
) -> Status[Any]:
    """Takes weights and queues their check, in which nothing is run. Once it has succeeded, `file:ID` names them to a launch."""
    request.actor.require("experiment.create")
    if (count := len(request.FILES.getlist("file"))) > 1:
        raise FieldErrors({"file": uploads.ONE_FILE.format(count=count)})
    check_size(file.size or 0)
    try:
        made = uploads.create(request.actor, form.name, file, file.name or "weights")
    except StorageFull:
        raise ApiError(507, "storage_full", NO_SPACE) from None
    return Status(202, {"id": made.id, "job": made.job_id})


def check_size(size: int) -> None:
    """413 for a file over the limit, 507 where the check of one of this size would fill the disk."""
    if size > settings.WEIGHTS_MAX_BYTES:
        raise ApiError(413, "too_large", TOO_LARGE.format(limit=settings.WEIGHTS_MAX_BYTES, size=size))
    if shutil.disk_usage(Path(settings.SYNSET_HOME)).free < size:
        raise ApiError(507, "storage_full", NO_SPACE)


@router.get("/weights", response=answers({200: WeightsList}), summary="List weights")
def list_weights(request: Request, page: Query[Page]) -> dict[str, Any]:
    """The team's uploaded weights, newest first."""
    request.actor.require("experiment.read")
    rows, following = page_of(WeightsFile.objects.filter(team=request.actor.team).select_related("job"), page)
    return {"items": [shown(row) for row in rows], "next": following}


@router.get("/weights/{id}", response=answers({200: WeightsOut}), summary="Read weights")
def read_weights(request: Request, id: str) -> dict[str, Any]:
    """How their check stands, and what it found."""
    return shown(get_for(request.actor, WeightsFile, id, "experiment.read"))


def shown(file: WeightsFile) -> dict[str, Any]:
    """An uploaded file as the API tells it."""
    return {
        "id": file.id,
        "name": file.name,
        "file": file.file_name,
        "state": file.job.state,
        "job": file.job_id,
        "error": file.job.error if file.job.is_final else "",
        "found": file.told,
        "created_at": file.created_at,
    }


@router.delete("/weights/{id}", response=answers({200: Removed}, 409), summary="Delete weights")
def delete_weights(request: Request, id: str) -> dict[str, Any]:
    """Removes them for good; runs that started from them keep their own. 409 while they are checked, and while a training needs them."""
    file = get_for(request.actor, WeightsFile, id, "job.edit")
    uploads.delete(request.actor, file)
    return {"id": id, "outcome": "purged", "until": None}
