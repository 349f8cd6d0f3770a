"""Uploads that were called after an image: loose images that are dropped come as an archive with the name of the first one."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from classifier.spec.packfile import ERASED_PATH
from webapp.datasets.erasing.texts import SHORT
from webapp.datasets.models import Addition, Dataset, Edit, Problem, Upload

NAME_LENGTH = 255  # of the rows: a stem may be shorter than what stands in its place


def called(dataset: Dataset, paths: Sequence[str]) -> list[str]:
    """The names of uploads of the dataset that were called after one of these files: what jobs told names them as well. One that is a
    number or so short that it is a part of anything is none."""
    added = Addition.objects.filter(draft__dataset=dataset).values_list("name", flat=True)
    sent = Upload.objects.filter(dataset=dataset, finished_at__isnull=False).values_list("archive_name", flat=True)
    names = {dataset.archive_name, *added, *sent}
    files = {PurePosixPath(path).name for path in paths}
    found = (name for name in names if any(is_after(name, file) for file in files))
    return sorted(name for name in found if len(name) > SHORT and not name.isdecimal())


def is_after(text: str, name: str) -> bool:
    """Whether an upload of that name was called after the file."""
    stem = PurePosixPath(name).stem
    return text == name or text in (f"{stem}.tar", stem) or text.startswith(f"{stem} and ")


def forget(dataset: Dataset, paths: Sequence[str]) -> None:
    """What of the dataset was uploaded under such a name, and what people were told of it since."""
    for path in paths:
        forget_name(dataset, PurePosixPath(path).name)


def forget_name(dataset: Dataset, name: str) -> None:
    """The same of one file."""
    stem = PurePosixPath(name).stem
    for row in Addition.objects.filter(draft__dataset=dataset, name__startswith=stem):
        if (now := renamed(row.name, name)) != row.name:
            forget_addition(dataset, row, now)
    if (now := renamed(dataset.archive_name, name)) != dataset.archive_name:
        Dataset.everything.filter(pk=dataset.pk).update(archive_name=now)
    for upload in Upload.objects.filter(dataset=dataset, finished_at__isnull=False, archive_name__startswith=stem):
        rename_upload(upload, name)


def renamed(text: str, name: str) -> str:
    """The name of an upload that was called after the file, without that; any other as it is."""
    return f"{ERASED_PATH}{text[len(PurePosixPath(name).stem) :]}"[:NAME_LENGTH] if is_after(text, name) else text


def rename_upload(upload: Upload, name: str) -> None:
    """One that was called after the file."""
    if (now := renamed(upload.archive_name, name)) != upload.archive_name:
        told = {"archive_name": now, "metadata": without_file(upload.metadata)}
        Upload.objects.filter(pk=upload.pk).update(**told)


def forget_addition(dataset: Dataset, row: Addition, name: str) -> None:
    """The archive's name in its row, in the edits that tell of it, and in findings of what came in it."""
    for edit in Edit.objects.filter(draft=row.draft_id, did__add=row.name):
        Edit.objects.filter(pk=edit.pk).update(did=edit.did | {"add": name})
    came = f"It came in {row.name}."
    for problem in Problem.objects.filter(dataset=dataset, message__endswith=came):
        Problem.objects.filter(pk=problem.pk).update(message=f"{problem.message.removesuffix(came)}It came in {name}.")
    Addition.objects.filter(pk=row.pk).update(name=name)


def without_file(metadata: str) -> str:
    """tus's pairs of a key and a Base64 text, without those that name the file."""
    kept = base64.b64encode(ERASED_PATH.encode()).decode()
    pairs: list[Any] = [pair.strip().partition(" ") for pair in metadata.split(",")]
    return ",".join(f"{key} {kept}" if key in ("filename", "name") else f"{key} {value}".strip() for key, _, value in pairs)
