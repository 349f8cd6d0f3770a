"""One-click fixes: what a finding asks for becomes one edit of the dataset's draft, which is undone as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from classifier.spec.errors import InputError
from classifier.spec.quality import MOST_FINDINGS
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.draft_models import Draft, Edit, EditSample
from webapp.datasets.drafts.changing import Says, said_of, sealed_of
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.datasets.queries import newest_version

OUT, OTHER_OUT, LABEL, UNDO = "out", "other", "label", "undo"
# Kinds of which all may go at once: whatever the images show, one of each pair stays, or there is nothing to see.
ALL_AT_ONCE = frozenset(("leak", "near_leak", "duplicate", "near_duplicate", "flat"))
OTHER_BASE = "The images changed since this check: it is of version {0}. Look at the newest version, and check that."


def fits(check: QualityCheck, draft: Draft | None) -> bool:
    """Whether the check's positions are those that a change of the dataset would be about."""
    newest = newest_version(check.version.dataset)
    return newest is not None and newest.pk == check.version_id and (draft is None or draft.base_id == check.version_id)


def fix(actor: Actor, check: QualityCheck, kind: str, do: str, ranks: Sequence[int] | None) -> Edit:
    """Takes the images of some findings out, or those that they repeat; or gives one the class that it seems to be of.

    ranks: None for all findings of the kind. Raises InputError for what cannot be.
    """
    if not fits(check, drafts.current(check.version.dataset)):
        raise InputError(OTHER_BASE.format(check.version.number), code="gone")
    found = chosen(check, kind, ranks)
    why = f"quality check: {KIND_WORDS[kind].title.lower()}"
    dataset = check.version.dataset
    if do == LABEL:
        if len(found) != 1 or found[0].seems is None:
            raise InputError("One image at a time is given the class that it seems to be of.")
        label = check.version.classes[found[0].seems]["label"]
        return drafts.change(actor, dataset, [found[0].position], label=label, why=why)
    positions = [finding.other if do == OTHER_OUT else finding.position for finding in found]
    return drafts.change(actor, dataset, [position for position in positions if position is not None], removed=True, why=why)


def undo(actor: Actor, check: QualityCheck, kind: str, rank: int) -> Edit:
    """What the draft says of one finding's images is as its base says again.

    The person's own edit of that image alone is taken back; what others did, or did to many images, stays beside an edit that changes
    this image back. Raises InputError where the draft says nothing of them.
    """
    draft = drafts.current(check.version.dataset)
    if not fits(check, draft):
        raise InputError(OTHER_BASE.format(check.version.number), code="gone")
    positions = [place for finding in chosen(check, kind, [rank]) for place in (finding.position, finding.other) if place is not None]
    said = said_of(draft, positions) if draft else {}
    if draft is None or not said:
        raise InputError("The draft says nothing of these images any more.", code="nothing")
    with transaction.atomic():  # of a pair both, or neither
        edits = [undo_one(actor, draft, position, says) for position, says in said.items()]
    return edits[-1]


def undo_one(actor: Actor, draft: Draft, position: int, says: Says) -> Edit:
    """Of one image that the draft says something of."""
    rows = EditSample.objects.filter(dataset=draft.dataset_id, position=position, edit__draft=draft, edit__undone_at=None)
    newest = rows.select_related("edit").order_by("-edit__number").first()
    if newest is not None and newest.edit.user_id == actor.user.pk and newest.edit.samples == 1:
        edit: Edit = newest.edit
        drafts.take_back(actor, draft.dataset, edit)
        return edit
    label, split = sealed_of(draft, [position])[position]
    back: dict[str, Any] = {"removed": False} if says.removed else {}
    back |= {"label": draft.base.classes[label]["label"]} if says.label is not None else {}
    back |= {"split": split} if says.split is not None else {}
    return drafts.change(actor, draft.dataset, [position], **back, why="quality check: as it was")


def chosen(check: QualityCheck, kind: str, ranks: Sequence[int] | None) -> list[Finding]:
    """The findings of these ranks; InputError where all are meant of a kind that has to be looked at one by one."""
    rows = Finding.objects.filter(of=check, kind=kind)
    if ranks is None:
        if kind not in ALL_AT_ONCE:
            raise InputError("These have to be looked at one by one.")
        return list(rows.order_by("rank")[:MOST_FINDINGS])
    return list(rows.filter(rank__in=list(ranks)[:MOST_FINDINGS]).order_by("rank"))
