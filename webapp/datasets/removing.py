"""How a dataset leaves: to the trash, or into the archive where runs used it; back again, or for good."""

from __future__ import annotations

from typing import Literal

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core import trash
from webapp.datasets import files, hooks
from webapp.datasets.models import Dataset
from webapp.jobs.clock import database_time

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
        if users := hooks.users(locked, with_trash=False):
            return archive(actor, locked, users)
        trash.lay(locked, actor.user, database_time())
        audit.record(actor, "dataset.delete", locked)
    return "trashed"


def held(dataset: Dataset) -> Dataset:
    """The row, which nobody else changes before this transaction ends; InputError where it lies in the trash already."""
    rows = Dataset.objects.select_for_update(of=("self",)).select_related("job")
    locked = rows.filter(pk=dataset.pk).first()
    if locked is None:
        raise InputError(f"{dataset.name} is in the trash already.", code="gone")
    return locked


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
    """Removes rows and files of a dataset in the trash for good; without an actor since its term is over.

    Refused while anything needs its images, in the trash or not: so a run that can be restored always has its data.
    """
    if actor is not None:
        actor.require("trash.purge")
    with transaction.atomic():
        rows = Dataset.everything.select_for_update().filter(pk=dataset.pk, trashed_at__isnull=False)
        locked = (rows if actor else rows.filter(trashed_at__lte=database_time() - trash.term())).first()
        if locked is None:
            raise InputError(f"{dataset.name} is not in the trash any more.", code="gone")
        if users := hooks.users(locked, with_trash=True):
            raise InputError(f"{dataset.name} stays in the trash while {', '.join(users)} can still be restored.", code="in_use")
        audit.record_of(locked.team, actor, "dataset.purge", locked)
        folder = locked.folder
        files.doom(folder)
        locked.delete()
        transaction.on_commit(lambda: files.remove(folder))
