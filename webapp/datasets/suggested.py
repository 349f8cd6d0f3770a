"""Suggestions of a trained network as they lie there: the engine's file, read by place. A look at a million images is one row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from classifier.spec.suggestions import RECORD
from webapp.core import trash
from webapp.datasets import files
from webapp.datasets.labelling_models import LabelRound, Suggesting
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, State

KEPT = 5  # of a dataset, beside those that open rounds go through


class Suggestion(NamedTuple):
    """What the network says of one image."""

    place: int  # 0 for the least certain
    position: int
    label: str
    probability: float


def finished(suggesting: Suggesting, told: Mapping[str, Any]) -> None:
    """What the `suggested` event says, inside the transaction that ends the job."""
    Suggesting.objects.filter(pk=suggesting.pk).update(images=told["images"], classes=told["classes"])


def newest(version: DatasetVersion) -> Suggesting | None:
    """The newest that was asked for, however it stands."""
    return Suggesting.objects.filter(version=version).select_related("job", "created_by").order_by("-id").first()


def done(dataset: Dataset) -> list[Suggesting]:
    """Those that can be gone through, the newest first; of older versions too, since a position is the same image in each."""
    rows = Suggesting.objects.filter(version__dataset=dataset, job__state=State.SUCCEEDED).select_related("version", "created_by", "job")
    found = list(rows.order_by("-id")[:KEPT])
    for one in found:
        one.version.dataset = dataset
    return found


def read(suggesting: Suggesting, after: int, limit: int) -> list[Suggestion]:
    """Suggestions after that place, the least certain first; none where the file is gone."""
    start = after + 1
    try:
        with suggesting.file.open("rb") as file:
            file.seek(start * RECORD.size)
            data = file.read(limit * RECORD.size)
    except FileNotFoundError:
        return []
    whole = data[: len(data) - len(data) % RECORD.size]
    rows = enumerate(RECORD.iter_unpack(whole), start)
    return [Suggestion(place, position, suggesting.classes[label], probability) for place, (position, label, probability) in rows]


def forget_older(suggesting: Suggesting) -> None:
    """Of a dataset's ended ones the newest few are kept, and those that an open round goes through."""
    dataset = suggesting.version.dataset
    used = LabelRound.objects.filter(dataset=dataset, closed_at=None, suggesting__isnull=False).values("suggesting")
    ended = Suggesting.objects.filter(version__dataset=dataset, job__state__in=FINAL).exclude(pk__in=used).select_related("version")
    for old in list(ended.order_by("-id"))[KEPT:]:
        old.version.dataset = dataset
        forget(old)


def forget(old: Suggesting) -> None:
    """The row with its job and its file."""
    old.file.unlink(missing_ok=True)
    with transaction.atomic():
        old.delete()
        jobs.forget([old.job_id])


def removed_some(dataset: Dataset) -> bool:
    """Removes the next slice of a given-up dataset's suggestions; False once none is left. Their files went with the dataset's."""
    found = Suggesting.objects.filter(version__dataset=dataset).first()
    if found is None:
        return False
    rows, order = jobs.told_by(found.job_id)
    if trash.delete_some(rows, *order):
        return True
    with transaction.atomic():
        found.delete()
        jobs.forget([found.job_id])
    return True


def move_in(suggesting: Suggesting, made: Path) -> None:
    """The engine's file takes its place, for good."""
    if made.exists():  # else an end that was not committed has moved it there
        made.replace(suggesting.file)
        files.sync(suggesting.file.parent)
