"""Many pictures classified as a job: sent, listed, read, taken along, asked again, deleted."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.classification_schemas import (
    Again,
    AnswerList,
    AnswerPage,
    ClassificationList,
    ClassificationOut,
    Corrected,
    Listed,
    Sent,
)
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.paging import cursor_behind, number_in, page_of
from webapp.api.routes.correcting import CorrectionsOut, shown_of
from webapp.api.routes.datasets import check_size, removed
from webapp.api.schemas import Made, Removed
from webapp.api.service import IDEMPOTENCY, answers
from webapp.core.pieces import InPieces
from webapp.datasets.forms import ONE_ARCHIVE
from webapp.datasets.models import Dataset
from webapp.predictions import removing
from webapp.predictions.many import asking, beside, correcting, reading
from webapp.predictions.many.reading import Wanted
from webapp.predictions.many.views import csv_answer
from webapp.predictions.models import Classification

router = Router()
NOT_DONE = "{} is not classified yet; follow its job until that has succeeded."
NO_DATASET = "is missing; give the id of one that has the class, for the network learnt from none that is here"
GONE = "The answers of {} by {} are gone, or not of the same images any more."
NO_BESIDE = "needs beside, the classification that the rows are held against"
FILE: dict[str, Any] = {
    "responses": {200: {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}
}
Archive = Annotated[UploadedFile, File(..., description="A zip, or a tar (gz, bz2, xz), of images in any folders.")]


@router.post(
    "/classifications", response=answers({202: Made}, 400, 409, 413, 507), openapi_extra=IDEMPOTENCY, summary="Classify many images"
)
def create_classification(request: Request, form: Form[Sent], archive: Archive) -> Status[Any]:
    """Takes an archive of images, whatever its folders are called, and queues their classification. Larger ones come in parts:
    `POST /uploads` with `becomes` and `network` in its metadata."""
    request.actor.require("experiment.create")
    if (count := len(request.FILES.getlist("archive"))) > 1:
        raise FieldErrors({"archive": ONE_ARCHIVE.format(count=count)})
    check_size(archive.size or 0)
    made = asking.begin(request.actor, archive, archive.name or "archive", form.network)
    return Status(202, {"id": made.pk, "job": made.job_id})


@router.get("/classifications", response=answers({200: ClassificationList}), summary="List classifications")
def list_classifications(request: Request, page: Query[Listed]) -> dict[str, Any]:
    """The team's, newest first, without their counts by class."""
    request.actor.require("experiment.read")
    rows: QuerySet[Classification] = reading.history(request.actor.team, page.network).defer("classes")
    found, following = page_of(rows, page)
    return {"items": [shown(row) for row in found], "next": following}


@router.get("/classifications/{id}", response=answers({200: ClassificationOut}), summary="Read a classification")
def read_classification(request: Request, id: str) -> dict[str, Any]:
    """How far it is, and how many pictures each class has."""
    found = get_for(request.actor, Classification, id, "experiment.read")
    return shown(found) | {"classes": found.classes, "error": found.job.error}


@router.get("/classifications/{id}/answers", response=answers({200: AnswerList}, 409), summary="Answers of a classification")
def list_answers(request: Request, id: str, page: Query[AnswerPage]) -> dict[str, Any]:
    """Each picture with its five best classes, in the order of the archive; of a class, the unsure ones, or what was refused. `beside`
    names another classification of the same images, whose answers stand beside these."""
    found = done(request, id)
    if page.label and page.show:
        raise FieldErrors({"label": "is given beside show; one of the two may be"})
    after = number_in(page.cursor) if page.cursor else -1
    other = beside_named(found, page.beside)
    if page.differing and other is None:
        raise FieldErrors({"differing": NO_BESIDE})
    wanted = Wanted(page.show, page.label, page.sort == "doubt", page.beside, page.differing)
    told = reading.page(found, wanted, after, page.limit, other)
    if other is not None and told.beside is None:
        raise ApiError(409, "gone", GONE.format(other.name, other.network_name))
    rows = [answer_of(row) for row in correcting.marked(found, told.rows)]
    refused = [{"file": one.file, "rule": one.rule, "message": one.message} for one in told.refused]
    shown = {"items": rows, "refused": refused, "next": cursor_behind(told.after) if told.after is not None else None}
    held = told.beside
    return shown | {"agreement": held and {"n": held.n, "same": held.same, "interval": held.interval}}


def beside_named(found: Classification, id: str) -> Classification | None:
    """The other one of the same images that was named; None where none was."""
    other = beside.named(found, id)
    if other is None and id:
        raise FieldErrors({"beside": f"must be another classification of the same images that is done; {id[:40]!r} came"})
    return other


def answer_of(row: reading.Row) -> dict[str, Any]:
    """What the API shows of one picture."""
    told = {"row": row.row, "file": row.file, "unsure": row.unsure, "top": [guess._asdict() for guess in row.top]}
    other = row.other and {"unsure": row.other.unsure, "top": [guess._asdict() for guess in row.other.top], "differs": row.differs}
    return told | {"put_right": row.put.name if row.put else None, "other": other}


@router.get(
    "/classifications/{id}/csv", response=answers({200: None}, 409), openapi_extra=FILE, summary="Answers of a classification as CSV"
)
def download_answers(request: Request, id: str, beside: str = "") -> InPieces:
    """`file,label,name,probability,unsure`, the five best, and why a file was refused; no cell begins like a formula. With `beside`,
    another classification of the same images, its best class and whether that `differs`."""
    found = done(request, id)
    return csv_answer(found, beside_named(found, beside))


@router.post(
    "/classifications/{id}/again",
    response=answers({202: Made}, 400, 409),
    openapi_extra=IDEMPOTENCY,
    summary="Classify the same images again",
)
def classify_again(request: Request, id: str, body: Again) -> Status[Any]:
    """By that network, as a classification of its own; one that failed or was cancelled is tried once more itself."""
    found = get_for(request.actor, Classification, id, "experiment.create")
    made = asking.again(request.actor, found, body.network)
    return Status(202, {"id": made.pk, "job": made.job_id})


@router.post(
    "/classifications/{id}/corrections",
    response=answers({201: CorrectionsOut}, 400, 409, 507),
    openapi_extra=IDEMPOTENCY,
    summary="Put right what a network got wrong among many images",
)
def correct_answers(request: Request, id: str, body: Corrected) -> Status[Any]:
    """As `POST /datasets/{id}/corrections` does it, with pictures that are here already: rows of the answers are of that class. What the
    dataset has under the hash of the file that was sent is labelled anew in its draft, the rest waits there as the pack keeps it."""
    request.actor.require("dataset.edit")
    found = done(request, id)
    wanted = body.dataset or correcting.learnt_from(found)
    if not wanted:
        raise FieldErrors({"dataset": NO_DATASET})
    dataset = get_for(request.actor, Dataset, wanted, "dataset.edit")
    return Status(201, shown_of(correcting.put_right(request.actor, found, body.rows, dataset, body.label)))


@router.delete("/classifications/{id}", response=answers({200: Removed}, 409), summary="Delete a classification")
def delete_classification(request: Request, id: str) -> dict[str, Any]:
    """To the trash, with the images that were sent. Refused with 409 while it waits or runs, or another network reads its images."""
    found = get_for(request.actor, Classification, id, "job.edit")
    removing.delete(request.actor, found)
    return removed(found)


def done(request: Request, id: str) -> Classification:
    """One that has answers; ApiError 409 before."""
    found = get_for(request.actor, Classification, id, "experiment.read")
    if not found.is_done:
        raise ApiError(409, "not_ready", NOT_DONE.format(found.name))
    return found


def shown(found: Classification) -> dict[str, Any]:
    """What a list shows of one."""
    names = ("id", "name", "network", "network_name", "unsure_below", "images", "unsure", "refused", "ignored", "erased", "created_at")
    told = {name: getattr(found, name) for name in names}
    who = found.created_by.username if found.created_by else None
    return told | {"state": found.job.state, "job": found.job_id, "network_here": not found.network_left, "created_by": who}
