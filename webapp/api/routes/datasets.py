"""Datasets: upload, list, read, delete."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import NO_SPACE, ApiError, FieldErrors
from webapp.api.lines import plain_json
from webapp.api.paging import Page, cursor_behind, page_of, place_in
from webapp.api.problem_schemas import Leave, Left, ProblemList, ProblemPage
from webapp.api.schemas import DatasetList, DatasetOut, DatasetSummary, Made, Nothing, Removed, Upload
from webapp.api.service import IDEMPOTENCY, answers
from webapp.core.models import Trashable
from webapp.core.trash import until
from webapp.datasets import actions, leaving
from webapp.datasets.forms import ONE_ARCHIVE
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import newest_version, offered, problems, state, versions_of

router = Router()
FIRST_PROBLEMS = 100
PROBLEM_FIELDS = ("file", "rule", "message", "taken")


@router.post("/datasets", response=answers({202: Made}, 400, 409, 413, 507), openapi_extra=IDEMPOTENCY, summary="Upload a dataset")
def create_dataset(
    request: Request,
    form: Form[Upload],
    archive: Annotated[UploadedFile, File(..., description="A zip, or a tar (gz, bz2, xz), with images in class folders.")],
) -> Status[Any]:
    """Takes an archive of images in class folders and queues its import. Follow the job; then read the dataset."""
    request.actor.require("dataset.edit")
    if (count := len(request.FILES.getlist("archive"))) > 1:
        raise FieldErrors({"archive": ONE_ARCHIVE.format(count=count)})
    check_size(archive.size or 0)
    options = {"split": form.split, "seed": form.seed, "group": form.group or None}
    options |= {"alike": form.alike, "least": form.least, "most": form.most, "blur_faces": form.blur_faces, "encoding": form.encoding}
    options |= {"exif": form.exif, "look": form.look}
    dataset = actions.create(request.actor, form.name, archive, archive.name or "archive", options)
    return Status(202, {"id": dataset.id, "job": dataset.job_id})


def check_size(size: int) -> None:
    """413 for an archive over the limit, 507 where the import of one of this size would fill the disk."""
    if size > settings.UPLOAD_MAX_BYTES:
        raise ApiError(413, "too_large", f"An archive may have {settings.UPLOAD_MAX_BYTES:,} bytes; {size:,} came. Upload it in parts.")
    if shutil.disk_usage(Path(settings.SYNSET_HOME)).free < size:
        raise ApiError(507, "storage_full", NO_SPACE)


@router.get("/datasets", response=answers({200: DatasetList}), summary="List datasets")
def list_datasets(request: Request, page: Query[Page], archived: bool = False) -> dict[str, Any]:
    """The team's datasets, newest first, without their classes and problems; with `archived`, those in the archive."""
    request.actor.require("dataset.read")
    rows, following = page_of(offered(request.actor.team, archived=archived).select_related("job"), page)
    versions = versions_of(rows)
    return {"items": [summary(row, versions.get(row.id)) for row in rows], "next": following}


@router.get("/datasets/{id}", response=answers({200: DatasetOut}), summary="Read a dataset")
def read_dataset(request: Request, id: str) -> HttpResponse:
    """State, classes with their counts a split, and the first problems by file."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    version = newest_version(dataset)
    first = [{name: getattr(row, name) for name in PROBLEM_FIELDS} for row in problems(dataset, limit=FIRST_PROBLEMS).rows]
    return plain_json({**summary(dataset, version), "classes": version.classes if version else [], "problems": first})


@router.get("/datasets/{id}/problems", response=answers({200: ProblemList}), summary="Problems of a dataset")
def list_problems(request: Request, id: str, page: Query[ProblemPage]) -> dict[str, Any]:
    """Files that were left out and warnings about some that were taken, in the order they were found.

    A search by file reads a bounded number of them at a time: a page may be empty and have a `next`.
    """
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    found = problems(dataset, page.rule, place_in(page.cursor) if page.cursor else 0, page.limit, page.q.strip())
    items = [{name: getattr(row, name) for name in PROBLEM_FIELDS} for row in found.rows]
    return {"items": items, "next": cursor_behind(found.after) if found.after is not None else None}


@router.post("/datasets/{id}/problems/leave", response=answers({200: Left}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Leave problems")
def leave_problems(request: Request, id: str, body: Leave | None = None) -> dict[str, Any]:
    """Leaves the import's problems as they are: the home page reminds nobody of them until their number changes; `{"left": false}` takes
    that back."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    wanted = body is None or body.left
    (leaving.leave if wanted else leaving.recall)(request.actor, dataset)
    return {"id": dataset.id, "left": wanted}


def summary(dataset: Dataset, version: DatasetVersion | None) -> dict[str, Any]:
    """What a list shows of a dataset."""
    return {
        "id": dataset.id,
        "name": dataset.name,
        "state": state(dataset),
        "job": dataset.job_id,
        "version": version.number if version else None,
        "fingerprint": version.fingerprint if version else None,
        "images": version.images if version else 0,
        "problem_count": dataset.problem_count,
        "created_at": dataset.created_at,
        "archived": dataset.archived_at is not None,
    }


@router.delete("/datasets/{id}", response=answers({200: Removed}, 409), summary="Delete a dataset")
def delete_dataset(request: Request, id: str) -> dict[str, Any]:
    """Moves it to the trash, or into the archive where runs used it; its files stay either way. 409 while its import runs."""
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    return removed(dataset, actions.delete(request.actor, dataset))


@router.post("/datasets/{id}/unarchive", response=answers({200: DatasetSummary}, 400), openapi_extra=IDEMPOTENCY, summary="Unarchive")
def unarchive_dataset(request: Request, id: str, body: Nothing | None = None) -> dict[str, Any]:
    """Back into the lists and the launch form; of one that is not archived nothing changes."""
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    actions.unarchive(request.actor, dataset)
    dataset.refresh_from_db()
    return summary(dataset, newest_version(dataset))


def removed(thing: Trashable, outcome: str = "trashed") -> dict[str, Any]:
    """The answer to a deletion."""
    thing.refresh_from_db(fields=["trashed_at"])
    return {"id": thing.pk, "outcome": outcome, "until": until(thing.trashed_at) if thing.trashed_at else None}
