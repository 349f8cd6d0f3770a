"""How a dataset leaves: to the trash, or into the archive where runs used it; back again, or for good."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core import trash
from webapp.datasets import files, hooks, suggested
from webapp.datasets.models import Dataset, EditSample, LabelItem
from webapp.datasets.quality import actions as quality
from webapp.jobs import actions as jobs
from webapp.jobs.clock import database_time
from webapp.jobs.models import FINAL

Outcome = Literal["trashed", "archived"]


def delete(actor: Actor, dataset: Dataset) -> Outcome:
    """To the trash; into the archive where something outside the trash needs its images. Its files stay either way.

    Refused while its import is not at its end. Who launches on it holds the same row, so that one of the two waits.
    """
    actor.require("dataset.delete")
    with transaction.atomic():
        locked = held(dataset)
        if not locked.job.is_final:
            raise InputError(f"{locked.name} is being imported; cancel the import first, then delete it.", code="busy")
        if is_sealing(locked):
            raise InputError(f"A new version of {locked.name} is being sealed; cancel that job first, then delete it.", code="busy")
        if users := hooks.users(locked, with_trash=False):
            return archive(actor, locked, users)
        trash.lay(locked, actor.user, database_time())
        hooks.tell_trashed(actor, locked)
        audit.record(actor, "dataset.delete", locked)
    return "trashed"


def held(dataset: Dataset) -> Dataset:
    """The row, which nobody else changes before this transaction ends; InputError where it lies in the trash already.

    Its job is read after the lock: in one query PostgreSQL would join the job from before, and find no row where that changed meanwhile.
    """
    locked = Dataset.objects.select_for_update().filter(pk=dataset.pk).first()
    if locked is None:
        raise InputError(f"{dataset.name} is in the trash already.", code="gone")
    return locked


def is_sealing(dataset: Dataset) -> bool:
    """Whether a job that makes its next version waits or runs."""
    return dataset.drafts.filter(closed_at__isnull=True, job__isnull=False).exclude(job__state__in=FINAL).exists()


def archive(actor: Actor, dataset: Dataset, users: list[str]) -> Outcome:
    """Out of the lists and of the launch form; what used it goes on reading it."""
    if dataset.archived_at is not None:
        raise InputError(f"{dataset.name} stays archived, since {', '.join(users)} used it; delete those first.", code="in_use")
    Dataset.objects.filter(pk=dataset.pk).update(archived_at=database_time())
    audit.record(actor, "dataset.archive", dataset, used_by=users)
    return "archived"


def unarchive(actor: Actor, dataset: Dataset) -> None:
    """Back into the lists; nothing changes where it stands there already."""
    actor.require("dataset.delete")
    with transaction.atomic():
        if Dataset.objects.filter(pk=dataset.pk, archived_at__isnull=False).update(archived_at=None):
            audit.record(actor, "dataset.restore", dataset, out_of="archive")


def restore(actor: Actor, dataset: Dataset) -> None:
    """Out of the trash, as it was."""
    actor.require("dataset.delete")
    with transaction.atomic():
        if not trash.take(dataset):
            raise InputError(f"{dataset.name} is not in the trash any more.", code="gone")
        audit.record(actor, "dataset.restore", dataset, out_of="trash")


def purge(dataset: Dataset, actor: Actor | None = None) -> None:
    """Gives up one for good; InputError with the reason where it stays."""
    made = purge_many([dataset.pk], actor)
    for reason in made.held.values():
        raise reason
    if not made.going:
        raise InputError(f"{dataset.name} is not in the trash any more.", code="gone")


def purge_many(ids: Iterable[str], actor: Actor | None = None) -> trash.Purge:
    """Gives up datasets in the trash for good, without an actor those whose term is over; the keeper removes rows and files.

    Those stay whose images anything needs, in the trash or not: so a run that can be restored always has its data.
    """
    if actor is not None:
        actor.require("trash.purge")
    with transaction.atomic():
        now = database_time()
        lying = trash.held(Dataset, ids, now, over_term=actor is None)
        needed = hooks.needed([dataset.pk for dataset in lying])
        going = [dataset for dataset in lying if dataset.pk not in needed]
        trash.give_up(Dataset, going, now)
        audit.record_each(actor, "dataset.purge", going)
        return trash.Purge(going, {dataset.pk: stays(dataset) for dataset in lying if dataset.pk in needed})


def stays(dataset: Dataset) -> InputError:
    """Why a dataset is kept: what needs it, and where that is."""
    outside = hooks.users(dataset, with_trash=False, most=hooks.MOST_NAMES + 1)
    names = outside or hooks.users(dataset, with_trash=True, most=hooks.MOST_NAMES + 1)
    are, those = ("are", "those") if len(names) > 1 else ("is", "that")
    where, move = (f"{are} not in the trash", f"delete {those}") if outside else ("can still be restored", f"delete {those} for good")
    told = f"The dataset {dataset.name} stays in the trash: {hooks.in_words(names)}, which used it, {where}; {move} first."
    return InputError(told, code="in_use")


def finish(dataset: Dataset) -> bool:
    """Removes the next slice of one that was given up; True once nothing of it is left, or where it has to wait for what reads its images,
    or for an erasure that was asked for here: other datasets may hold the image too.

    Files go first: its row remembers the rest.
    """
    if not hooks.take_along(dataset) or dataset.erasures.exclude(job__state__in=FINAL).exists():
        return True
    files.remove(dataset.folder)
    if quality.removed_some(dataset) or suggested.removed_some(dataset):
        return False
    samples = [(version.samples.all(), ("position",)) for version in dataset.versions.all()]
    drafts = list(dataset.drafts.all())
    drawn = [(draft.samples.all(), ("position",)) for draft in drafts]
    labelled = (LabelItem.objects.filter(dataset=dataset), ("position",))
    edits = ((EditSample.objects.filter(dataset=dataset), ("position",)), *((draft.edits.all(), ("number",)) for draft in drafts))
    sealings = [draft.job_id for draft in drafts if draft.job_id] + list(dataset.erasures.values_list("job_id", flat=True))
    told = [jobs.told_by(id) for id in (dataset.job_id, *sealings)]
    for rows, order in (*samples, *drawn, labelled, *edits, (dataset.problems.all(), ("taken", "id")), *told):
        if trash.delete_some(rows, *order):
            return False
    with transaction.atomic():
        dataset.uploads.filter(finished_at=None).update(dataset=None)  # what was sent to replace its archive becomes a new one
        Dataset.everything.filter(pk=dataset.pk).delete()
        jobs.forget([dataset.job_id, *sealings])
    return True
