"""How a classification leaves: to the trash, back again, or for good."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core import trash
from webapp.datasets import files
from webapp.jobs import actions as jobs
from webapp.jobs.clock import database_time
from webapp.jobs.models import FINAL
from webapp.predictions.models import Classification


def held(row: Classification) -> Classification:
    """The row, which nobody else changes before this transaction ends; its job as it is then. InputError where it lies in the trash."""
    found = Classification.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise InputError(f"{row.name} was deleted.", code="gone")
    return found


def delete(actor: Actor, row: Classification) -> None:
    """To the trash, with its pictures, whose files stay; refused while it waits or runs, and while another network reads its pictures."""
    actor.require("job.edit")
    with transaction.atomic():
        found = held(row)
        if not found.job.is_final:
            raise InputError(f"{found.name} is not done; cancel it first, then delete it.", code="busy")
        if found.pk in read_by_others([found.pk]):
            raise InputError(
                f"The pictures of {found.name} are being classified by another network; wait for it, then delete this.", code="busy"
            )
        trash.lay(found, actor.user, database_time())
        audit.record(actor, "classification.delete", found)


def read_by_others(ids: Iterable[str]) -> set[str]:
    """Those whose pictures another network looks at, or is about to."""
    waiting = Classification.objects.filter(source__in=list(ids)).exclude(job__state__in=FINAL)
    return {row.source_id for row in waiting if row.source_id}


def restore(actor: Actor, row: Classification) -> None:
    """Out of the trash, as it was."""
    actor.require("job.edit")
    with transaction.atomic():
        if not trash.take(row):
            raise InputError(f"{row.name} is not in the trash any more.", code="gone")
        audit.record(actor, "classification.restore", row)


def purge_many(ids: Iterable[str], actor: Actor | None = None) -> trash.Purge:
    """Gives up classifications in the trash for good, without an actor those whose term is over; the keeper removes rows and files.

    Those stay whose pictures another network looks at.
    """
    if actor is not None:
        actor.require("trash.purge")
    with transaction.atomic():
        now = database_time()
        lying = trash.held(Classification, ids, now, over_term=actor is None)
        needed = read_by_others([row.pk for row in lying])
        going = [row for row in lying if row.pk not in needed]
        trash.give_up(Classification, going, now)
        audit.record_each(actor, "classification.purge", going)
        return trash.Purge(going, {row.pk: stays(row) for row in lying if row.pk in needed})


def stays(row: Classification) -> InputError:
    """Why one is kept."""
    told = f"The classification {row.name} stays in the trash while another network looks at its pictures; wait for it or cancel it."
    return InputError(told, code="in_use")


def finish(row: Classification) -> bool:
    """Removes the next slice of one that was given up; True once nothing of it is left. Files go first: its row remembers the rest."""
    files.remove(row.folder)
    for rows, order in ((row.corrections.all(), ("id",)), jobs.told_by(row.job_id)):
        if trash.delete_some(rows, *order):
            return False
    with transaction.atomic():
        Classification.everything.filter(pk=row.pk).delete()
        jobs.forget([row.job_id])
    return True
