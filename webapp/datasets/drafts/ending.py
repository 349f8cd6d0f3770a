"""How a draft ends: sealed by a job as the next version, or discarded; and the draft that brings an older version back."""

from __future__ import annotations

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.datasets.draft_models import Draft, WaitingImage
from webapp.datasets.drafts import adding, reopening
from webapp.datasets.drafts.opening import NONE_OPEN, current, locked, newest, opened, started
from webapp.datasets.models import Dataset, DatasetVersion, Erasure
from webapp.datasets.removing import held
from webapp.jobs import actions as jobs
from webapp.jobs.clock import database_time
from webapp.jobs.models import FINAL, Job, Kind


def seal(actor: Actor, dataset: Dataset) -> Job:
    """Queues the job that makes the next version of the open draft; a second click finds the job of the first."""
    actor.require("dataset.edit")
    with transaction.atomic():
        draft = current(held(dataset))
        if draft is None:
            raise InputError(NONE_OPEN.format(name=dataset.name), code="no_draft")
        if draft.sealing and draft.job is not None:
            return draft.job
        if Erasure.objects.filter(team=dataset.team).exclude(job__state__in=FINAL).exists():  # the version would copy the image's name
            raise InputError("An image is being erased. Seal the draft once that has ended.", code="busy")
        draft = opened(actor, dataset)
        last = newest(dataset)
        if draft.is_empty and draft.base_id == last.pk:
            raise InputError(f"The draft says the same as version {last.number}; there is nothing to seal.", code="nothing")
        draft.job = jobs.submit(team=dataset.team, user=actor.user, kind=Kind.SEAL, title=f"{dataset.name} v{last.number + 1}")
        draft.save(update_fields=["job"])
        record(actor, "dataset.seal", dataset, version=last.number + 1)
    return draft.job


def discard(actor: Actor, dataset: Dataset) -> None:
    """The open draft is given up, and the rounds of labelling that wrote into it; what the sealed versions say stays."""
    with transaction.atomic():
        draft = opened(actor, dataset)
        close(draft)
        reopening.closed(draft)
        record(actor, "dataset.discard_draft", dataset)


def close(draft: Draft, version: DatasetVersion | None = None) -> None:
    """Ended for good; its edits stay as history."""
    draft.samples.all().delete()
    WaitingImage.objects.filter(addition__draft=draft).delete()
    adding.remove_archives(draft)
    draft.closed_at, draft.version = database_time(), version
    draft.save(update_fields=["closed_at", "version"])


def revert(actor: Actor, dataset: Dataset, version: DatasetVersion) -> Draft:
    """A draft that says what an older version says, and no more. InputError where a draft with changes is open: those would be lost."""
    with transaction.atomic():
        draft, last = locked(actor, dataset), newest(dataset)
        if version.dataset_id != dataset.pk or not version.ready or version.number >= last.number:
            raise InputError(f"Only a version before the newest one, {last.number}, can be brought back.")
        if draft is not None and not draft.is_empty:
            raise InputError(
                "There is an open draft with changes. Seal or discard it first, then bring the older version back.", code="busy"
            )
        if draft is not None and draft.base_id == version.pk:  # a second click
            return draft
        if draft is not None:
            close(draft)
        made = started(actor, version)
        record(actor, "dataset.revert", dataset, version=version.number)
    return made
