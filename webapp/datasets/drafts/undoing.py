"""An edit of a draft is taken back: the newest, whatever it changed, or one of samples alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets.draft_models import Draft, Edit, EditSample
from webapp.datasets.drafts import adding, changing, waiting
from webapp.datasets.drafts.changing import CHUNK, Says, chunks, put, said_of
from webapp.datasets.drafts.opening import opened
from webapp.datasets.drafts.reopening import reopened
from webapp.datasets.drafts.setwise import put_back
from webapp.datasets.models import Dataset
from webapp.jobs.clock import database_time


def undo(actor: Actor, dataset: Dataset) -> Edit:
    """Takes the newest edit of the open draft back that was not taken back yet; whoever made it."""
    with transaction.atomic():
        draft = opened(actor, dataset)
        edit = draft.edits.filter(undone_at__isnull=True).order_by("-number").first()
        if edit is None:
            raise InputError("There is nothing left to undo in this draft.", code="nothing")
        lay_back(draft, edit)
        restore(draft, edit.before)
        draft.save()
        edit.undone_at = database_time()
        edit.save(update_fields=["undone_at"])
        reopened(edit)
    return edit


def take_back(actor: Actor, dataset: Dataset, edit: Edit) -> None:
    """Takes one edit of samples back, whatever was done to other samples since. InputError where a later edit touched one of them.

    A class that it made stays where anything was changed since: that may have used it.
    """
    with transaction.atomic():
        draft = opened(actor, dataset)
        if edit.draft_id != draft.pk or edit.undone_at is not None or is_covered(draft, edit):
            raise InputError("What it shows was changed again since; undo that first.", code="covered")
        lay_back(draft, edit)
        if not draft.edits.filter(number__gt=edit.number, undone_at=None).exists():
            restore(draft, edit.before)
        draft.save()
        edit.undone_at = database_time()
        edit.save(update_fields=["undone_at"])


def is_covered(draft: Draft, edit: Edit) -> bool:
    """Whether a later edit that holds touched one of its samples."""
    later = EditSample.objects.filter(dataset=draft.dataset_id, edit__draft=draft, edit__number__gt=edit.number, edit__undone_at=None)
    positions = edit.rows.values_list("position", flat=True).iterator(CHUNK)
    return any(later.filter(position__in=some).exists() for some in chunks(positions))


def lay_back(draft: Draft, edit: Edit) -> None:
    """The draft says of the edit's samples what it said before."""
    if edit.samples > changing.MOST:
        put_back(draft, edit)
        return
    earlier = {row.position: Says(row.label, row.split, row.removed) for row in edit.rows.iterator(CHUNK)}
    put(draft, earlier, said_of(draft, list(earlier)))


def restore(draft: Draft, before: Mapping[str, Any]) -> None:
    """Classes and the cutting of splits as they were."""
    for number, become in before.get("classes", {}).items():
        draft.classes.pop(number, None)
        if become is not None:
            draft.classes[number] = become
    if "resplit" in before:
        draft.resplit = before["resplit"]
    if "addition" in before:
        adding.take_back(draft, before["addition"])
    if "was" in before:
        adding.put_back(draft, before["was"])
    if "images" in before:
        waiting.put_back(draft, before["images"])
