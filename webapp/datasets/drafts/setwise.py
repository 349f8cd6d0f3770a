"""Changes of all samples that match, as one edit: the database makes the rows from sets, none of them passes through Python.

What the rules say is what `changing.changed` says; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Q

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets.draft_models import Draft, DraftSample, Edit, EditSample
from webapp.datasets.drafts import classes
from webapp.datasets.drafts.changing import check, numbered, told
from webapp.datasets.drafts.opening import new_edit, open_one, opened
from webapp.datasets.models import Dataset, Sample

PART = 300_000  # samples in one transaction, about two seconds: everybody who writes waits for its end
CHUNK = 100_000  # positions in one statement
LAST_POSITION = 2**31 - 1
SAMPLES, SAID, BEFORE = (model._meta.db_table for model in (Sample, DraftSample, EditSample))
Find = Callable[[Draft], Sequence[int] | np.ndarray]  # positions of the draft's base

# `s` is a sample of the base, `d` what the draft says of it, if anything; what is null is as in the base.
GONE = "COALESCE(d.removed, FALSE)"


def change_matching(
    actor: Actor,
    dataset: Dataset,
    find: Find,
    *,
    expected: int | None = None,
    label: str | None = None,
    split: int | None = None,
    removed: bool | None = None,
    why: str = "",
    key: str = "",
) -> Edit:
    """As `drafts.change`, of the samples that `find` gives once nobody else can change the draft.

    Many go into the one edit in parts, between which others write: what they change meanwhile stays as they say, and where the draft
    may not be changed any more, InputError says how far it came. Raises InputError also where they are not as many as were `expected`.
    The same `key` gives the edit that was made with it.
    """
    with transaction.atomic():
        draft = open_one(actor, dataset)
        if key and (first := draft.edits.filter(did__key=key).first()):
            return first
        positions = np.sort(np.asarray(find(draft), np.int64))
        agree(len(positions), expected)
        check(positions.tolist()[:1], label, split, removed)
        number, made = numbered(draft, label)
        did = told({"label": label and classes.known(draft, number or 0).label, "split": split, "removed": removed, "key": key or None})
        edit = new_edit(actor, draft, did, why, before={"classes": made} if made else {})
        change = {"label": number, "split": split, "removed": removed}
        parts = (positions[start : start + PART] for start in range(0, len(positions), PART))
        if not any(lay(draft, edit, part, change) for part in parts):  # to the first that changes anything
            raise InputError("Nothing changes: the draft says so already.", code="nothing")
        recount(draft)
        draft.save()
    for part in parts:
        try:
            go_on(actor, dataset, edit, part, change)
        except InputError as error:
            far = f"{edit.samples:,} images are changed, not all {len(positions):,}."
            raise InputError(f"{far} {error.message}", code=error.code) from error
    return edit


def go_on(actor: Actor, dataset: Dataset, edit: Edit, positions: np.ndarray, change: dict[str, Any]) -> None:
    """The next part of an edit, without samples that were changed since it began."""
    with transaction.atomic():
        draft = opened(actor, dataset)
        if not draft.edits.filter(pk=edit.pk, undone_at=None).exists():
            raise InputError("The change was taken back while it went on.", code="gone")
        later = EditSample.objects.filter(edit__draft=draft, edit__number__gt=edit.number, edit__undone_at=None)
        within = later.filter(position__range=(positions[0].item(), positions[-1].item()))
        free = positions[~np.isin(positions, list(within.values_list("position", flat=True)))]
        if len(free) and lay(draft, edit, free, change):
            recount(draft)
            draft.save()


def agree(count: int, expected: int | None) -> None:
    """InputError where other images match than somebody saw, or none."""
    if expected is not None and count != expected:
        raise InputError(f"{expected:,} images matched when you looked, {count:,} match now. Look at them, then change them.", code="moved")
    if not count:
        raise InputError("No image matches, so nothing changes. Take a filter away.", code="nothing")


def lay(draft: Draft, edit: Edit, positions: np.ndarray, change: dict[str, Any]) -> int:
    """The draft says so of these positions, which ascend; how many of them that changed, with the edit what it said before."""
    label, split, gone = expressions(change)
    named: dict[str, Any] = {"draft": draft.pk, "edit": edit.pk, "dataset": draft.dataset_id, "base": draft.base_id, **change}
    named |= {"first": positions[0].item(), "last": positions[-1].item()}
    source = "unnest(%(chosen)s::integer[]) AS j(value)" if connection.vendor == "postgresql" else "json_each(%(chosen)s) AS j"
    keep = f"""
        INSERT INTO {BEFORE} (edit_id, dataset_id, position, label, split, removed)
        SELECT %(edit)s, %(dataset)s, s.position, d.label, d.split, {GONE}
        FROM {source}
        JOIN {SAMPLES} s ON s.version_id = %(base)s AND s.position = j.value
        LEFT JOIN {SAID} d ON d.draft_id = %(draft)s AND d.position = s.position
        WHERE COALESCE({label}, -1) <> COALESCE(d.label, -1) OR COALESCE({split}, -1) <> COALESCE(d.split, -1) OR {gone} <> {GONE}"""
    put = f"""
        INSERT INTO {SAID} (draft_id, position, label, split, removed)
        SELECT %(draft)s, d.position, {label}, {split}, {gone}
        FROM {BEFORE} d JOIN {SAMPLES} s ON s.version_id = %(base)s AND s.position = d.position
        WHERE d.edit_id = %(edit)s AND d.position BETWEEN %(first)s AND %(last)s
          AND ({label} IS NOT NULL OR {split} IS NOT NULL OR {gone})"""
    changed = 0
    with connection.cursor() as cursor:
        for start in range(0, len(positions), CHUNK):
            some = positions[start : start + CHUNK].tolist()
            cursor.execute(keep, {**named, "chosen": some if connection.vendor == "postgresql" else json.dumps(some)})
            changed += cursor.rowcount
        cursor.execute(forget(), named)
        cursor.execute(put, named)
    edit.samples += changed
    edit.save(update_fields=["samples"])
    return changed


def expressions(change: dict[str, Any]) -> tuple[str, str, str]:
    """What the draft says afterwards of label, split and whether it is taken out."""
    label = "d.label" if change["label"] is None else "NULLIF(%(label)s, s.label)"
    split = "d.split" if change["split"] is None else "NULLIF(%(split)s, s.split)"
    if change["removed"] is not None:
        return label, split, "TRUE" if change["removed"] else "FALSE"
    return label, split, GONE if change["label"] is None else "FALSE"  # to say what an image shows is to want it


def forget() -> str:
    """The draft says nothing any more of what the edit touched between two positions."""
    touched = f"SELECT position FROM {BEFORE} WHERE edit_id = %(edit)s AND position BETWEEN %(first)s AND %(last)s"
    return f"DELETE FROM {SAID} WHERE draft_id = %(draft)s AND position IN ({touched})"


def put_back(draft: Draft, edit: Edit) -> None:
    """The draft says what it said before that edit, which was its last; the caller saves it."""
    back = f"""
        INSERT INTO {SAID} (draft_id, position, label, split, removed)
        SELECT %(draft)s, position, label, split, removed FROM {BEFORE}
        WHERE edit_id = %(edit)s AND (label IS NOT NULL OR split IS NOT NULL OR removed)"""
    named: dict[str, Any] = {"draft": draft.pk, "edit": edit.pk, "first": 0, "last": LAST_POSITION}
    with connection.cursor() as cursor:
        cursor.execute(forget(), named)
        cursor.execute(back, named)
    recount(draft)


def recount(draft: Draft) -> None:
    """How many samples it changes; one that is taken out counts as that alone."""
    kept = Q(removed=False)
    counts = draft.samples.aggregate(
        gone=Count("pk", filter=Q(removed=True)),
        other=Count("pk", filter=kept & Q(label__isnull=False)),
        elsewhere=Count("pk", filter=kept & Q(split__isnull=False)),
    )
    draft.removed, draft.relabelled, draft.moved = counts["gone"], counts["other"], counts["elsewhere"]
