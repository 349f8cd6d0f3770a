"""Rows of a classification that a network got wrong: their pictures, as they are kept, go into a dataset's draft with the right class."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor, Request
from webapp.datasets import packs
from webapp.datasets.drafts.corrections import MOST, MOST_BYTES
from webapp.datasets.models import Dataset
from webapp.predictions import feedback
from webapp.predictions.many import reading
from webapp.predictions.many.choosing import MOST_DIGITS
from webapp.predictions.models import Classification, Correction

COUNT = "Expected 1 to {most} rows in one call, {count:,} came. Send them in several calls."
ABSENT = "{name} has {count:,} rows, counted from 0; row {row:,} is none of them."
TOO_MUCH = "One call takes {most} MB of images, and these rows have more. Choose fewer at a time."
GONE = "The pictures of {name} are not on this server any more, so none of them can be added to a dataset."
ERASED = "The image of row {row:,} of {name} was erased for good; it is added to no dataset."
NO_ROW = "Expected the numbers of rows, as 3,17; {text!r} came."


def put_right(actor: Actor, found: Classification, rows: Sequence[int], dataset: Dataset, label: str) -> feedback.Said:
    """Those rows are of that class, as `feedback.put_right` says it of files."""
    actor.require("dataset.edit")
    taken = pictures(found, list(dict.fromkeys(rows)))
    images, originals = [(one.name, one.data) for one in taken], {one.digest: one.sent for one in taken}
    said = feedback.put_right(actor, dataset, images, label, originals)
    keep(found, [one for one in taken if one.digest in said.edits], said)
    return said


def keep(found: Classification, put: Sequence[Picture], said: feedback.Said) -> None:
    """That these were said to be of that class, by the edit of each; nothing where the classification was deleted meanwhile."""
    with transaction.atomic():
        if Classification.objects.select_for_update(of=("self",)).filter(pk=found.pk).first() is not None:
            Correction.objects.bulk_create(
                Correction(
                    classification=found, row=one.row, sent=one.sent, digest=one.digest, name=said.name, edit_id=said.edits[one.digest]
                )
                for one in put
            )


def said_of(found: Classification, rows: Iterable[int]) -> dict[int, Correction]:
    """What was said last of those rows and holds: not undone, of no draft that was discarded and of no dataset in the trash."""
    known = Correction.objects.filter(classification=found, row__in=rows, edit__undone_at=None, edit__draft__dataset__trashed_at=None)
    known = known.exclude(edit__draft__closed_at__isnull=False, edit__draft__version=None)
    dataset = {"dataset_id": F("edit__draft__dataset"), "dataset_name": F("edit__draft__dataset__name")}
    return {one.row: one for one in known.annotate(**dataset).order_by("pk")}


def marked(found: Classification, rows: Sequence[reading.Row]) -> list[reading.Row]:
    """The same, with what was said of them."""
    said = said_of(found, [row.row for row in rows])
    return [row._replace(put=said.get(row.row)) for row in rows]


class Picture(NamedTuple):
    """A row's picture: a file's name and bytes, their hash, and the hash of the file that was sent."""

    row: int
    name: str
    data: bytes
    digest: str
    sent: str


def pictures(found: Classification, rows: Sequence[int]) -> list[Picture]:
    """Those of the rows. InputError for what cannot be."""
    if not 1 <= len(rows) <= MOST:
        raise InputError(COUNT.format(most=MOST, count=len(rows)), code="too_many")
    answers = reading.opened(found)
    if absent := [row for row in rows if not 0 <= row < len(answers)]:
        raise InputError(ABSENT.format(name=found.name, count=len(answers), row=absent[0]))
    if erased := answers.erased(rows):
        raise InputError(ERASED.format(row=erased[0], name=found.name), code="erased")
    taken, size = list[Picture](), 0
    try:
        for row in answers.answers(rows):
            data, sent = packs.kept(found.answers / "pack", row.image)
            if (size := size + len(data)) > MOST_BYTES:
                raise InputError(TOO_MUCH.format(most=MOST_BYTES >> 20), code="too_large")
            taken.append(Picture(row.row, called(row.file, data), data, hashlib.sha256(data).hexdigest(), sent))
    except (packs.Missing, FileNotFoundError) as error:
        raise InputError(GONE.format(name=found.name), code="gone") from error
    return taken


def called(file: str, data: bytes) -> str:
    """As the file was, with the ending of what is kept of it."""
    return f"{PurePosixPath(file).stem or 'image'}.{'png' if data.startswith(packs.PNG_START) else 'jpg'}"


def rows_in(text: str) -> list[int]:
    """Of "3,17"; InputError for what is none."""
    parts = text.split(",")
    if wrong := [part for part in parts if not (part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS)]:
        raise InputError(NO_ROW.format(text=wrong[0][:20]))
    return [int(part) for part in parts]


def learnt_from(found: Classification) -> str:
    """The id of the dataset that its network learnt from; empty where the network is gone, or a published one."""
    return found.experiment.dataset_id if found.experiment else ""


def offered(request: Request, found: Classification) -> dict[str, Any]:
    """What a page needs to offer it to who may: the datasets that can take pictures, and the one to begin with."""
    if not request.actor.can("dataset.edit"):
        return {}
    return {"datasets": feedback.datasets(request.actor), "learnt_from": learnt_from(found)}
