"""An edit of a draft is taken back: the newest of a person, the newest of all, or one of samples alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

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

NOTHING_LEFT = "There is nothing left to undo in this draft."
OF_OTHERS = "There is nothing of yours left to undo in this draft. Its newest edit is by {who}; under Versions it can be taken back."
COVERED = "{who} changed the same since; nothing was undone. Take that edit back first, under Versions, or change what you meant anew."
NOT_NEWEST = "Edit {number} is not the newest one of this draft any more; nothing was undone. Reload the page."


def undo(actor: Actor, dataset: Dataset, *, number: int | None = None) -> Edit:
    """Takes this person's newest edit of the open draft back; with a `number` that edit, whoever made it, if it is the newest of all.

    What others changed since stays. InputError where they changed the same, so that nobody's later word is lost unseen.
    """
    with transaction.atomic():
        draft = opened(actor, dataset)
        edit = newest_of(actor, draft) if number is None else newest_numbered(draft, number)
        withdraw(draft, edit)
        reopened(edit)
    return edit


def take_back(actor: Actor, dataset: Dataset, edit: Edit) -> None:
    """Takes one edit of samples back, whatever was done to other samples since. InputError where a later edit touched one of them."""
    with transaction.atomic():
        draft = opened(actor, dataset)
        if edit.draft_id != draft.pk or edit.undone_at is not None or cover(draft, edit) is not None:
            raise InputError("What it shows was changed again since; undo that first.", code="covered")
        withdraw(draft, edit)


def holding(draft: Draft) -> QuerySet[Edit]:
    """Edits that were not taken back, the newest first."""
    return draft.edits.filter(undone_at__isnull=True).select_related("user").order_by("-number")


def newest_of(actor: Actor, draft: Draft) -> Edit:
    """This person's newest edit; InputError where there is none, or another's lies over it."""
    newest, mine = holding(draft).first(), holding(draft).filter(user=actor.user).first()
    if newest is None:
        raise InputError(NOTHING_LEFT, code="nothing")
    if mine is None:
        raise InputError(OF_OTHERS.format(who=maker(newest)), code="nothing")
    if over := cover(draft, mine):
        raise InputError(COVERED.format(who=maker(over)), code="covered")
    return mine


def newest_numbered(draft: Draft, number: int) -> Edit:
    """The newest edit of all; InputError where it has another number, as somebody was quicker."""
    newest = holding(draft).first()
    if newest is None or newest.number != number:
        raise InputError(NOT_NEWEST.format(number=number), code="covered")
    return newest


def maker(edit: Edit) -> str:
    """Who made it."""
    return str(edit.user or "somebody who left")


def cover(draft: Draft, edit: Edit) -> Edit | None:
    """A later edit that holds and rests on this one: it touched one of its samples, or took a class out, to which they might go back.

    What changed classes, splits or additions is rested on by all that came later.
    """
    later = holding(draft).filter(number__gt=edit.number)
    if not edit.samples:
        return later.first()
    of_classes = later.filter(samples=0, did__has_key="class").defer("before")
    if gone := next((each for each in of_classes if each.did["to"] is None), None):
        return gone
    for some in chunks(edit.rows.values_list("position", flat=True).iterator(CHUNK)):
        if row := touching(draft, edit).filter(position__in=some).first():
            return row.edit
    return None


def touching(draft: Draft, edit: Edit) -> QuerySet[EditSample]:
    """What later edits that hold did to samples; joined, so that a few samples are looked up and not all those edits."""
    later = EditSample.objects.filter(dataset=draft.dataset_id, edit__draft=draft, edit__number__gt=edit.number, edit__undone_at=None)
    return later.select_related("edit__user")


def withdraw(draft: Draft, edit: Edit) -> None:
    """The draft says what it said before the edit. A class that it made stays where anything was changed since: that may have used it."""
    lay_back(draft, edit)
    if not holding(draft).filter(number__gt=edit.number).exists():
        restore(draft, edit.before)
    draft.save()
    edit.undone_at = database_time()
    edit.save(update_fields=["undone_at"])


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
