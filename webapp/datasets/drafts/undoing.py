"""The newest edit of a draft is taken back, whatever it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets.draft_models import Draft, Edit
from webapp.datasets.drafts import changing
from webapp.datasets.drafts.changing import CHUNK, Says, put, said_of
from webapp.datasets.drafts.opening import opened
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
        take_back(draft, edit)
        restore(draft, edit.before)
        draft.save()
        edit.undone_at = database_time()
        edit.save(update_fields=["undone_at"])
    return edit


def take_back(draft: Draft, edit: Edit) -> None:
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
