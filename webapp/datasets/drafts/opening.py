"""Which draft is open, and the lock under which it is changed."""

from __future__ import annotations

from typing import Any

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.core.words import shortened
from webapp.datasets.draft_models import Draft, Edit
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import newest_version
from webapp.datasets.removing import held

WHY_LENGTH = 200  # of the row
NONE_OPEN = "{name} has no draft. Change something first, then it has one."


def current(dataset: Dataset) -> Draft | None:
    """The open draft, with its base and its job."""
    draft = Draft.objects.filter(dataset=dataset, closed_at__isnull=True).select_related("base", "job", "created_by").first()
    if draft is not None:
        draft.dataset = draft.base.dataset = dataset
    return draft


def locked(actor: Actor, dataset: Dataset) -> Draft | None:
    """Inside a transaction: the open draft, which nobody else changes before its end. InputError where it may not be changed."""
    actor.require("dataset.edit")
    row = held(dataset)
    if row.archived_at is not None:
        raise InputError(f"{row.name} is archived; take it out of the archive to change it.", code="archived")
    draft = current(row)
    if draft is not None and draft.sealing:
        raise InputError("The draft is being sealed. Wait for its end, or cancel that job to go on changing it.", code="busy")
    return draft


def open_one(actor: Actor, dataset: Dataset) -> Draft:
    """As `locked`; a new one over the newest version where none is open."""
    return locked(actor, dataset) or started(actor, newest(dataset))


def opened(actor: Actor, dataset: Dataset) -> Draft:
    """As `locked`; InputError where none is open."""
    draft = locked(actor, dataset)
    if draft is None:
        raise InputError(NONE_OPEN.format(name=dataset.name), code="no_draft")
    return draft


def newest(dataset: Dataset) -> DatasetVersion:
    """InputError where there is none."""
    version = newest_version(dataset)
    if version is None:
        raise InputError(f"{dataset.name} has no images yet; wait for its import.", code="no_version")
    return version


def started(actor: Actor, base: DatasetVersion) -> Draft:
    """A new draft over that version."""
    draft = Draft.objects.create(dataset=base.dataset, base=base, created_by=actor.user)
    draft.dataset, draft.base = base.dataset, base
    return draft


def new_edit(actor: Actor, draft: Draft, did: dict[str, Any], why: str = "", **more: Any) -> Edit:
    """The next edit of a draft that is held; the caller saves the draft."""
    draft.edits_made += 1
    return Edit.objects.create(draft=draft, number=draft.edits_made, user=actor.user, did=did, why=shortened(why, WHY_LENGTH), **more)
