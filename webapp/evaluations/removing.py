"""How an evaluation without a result leaves: at once and for good, since it has nothing that could be kept or restored."""

from __future__ import annotations

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.evaluations.models import Evaluation
from webapp.jobs import actions as jobs
from webapp.jobs.models import Kind, State


def removable(evaluation: Evaluation) -> bool:
    """Whether it was asked for by itself, came to a bad end and has nothing to keep."""
    job = evaluation.job
    return job.kind == Kind.EVALUATE and job.state in (State.FAILED, State.CANCELLED) and evaluation.result is None


def delete(actor: Actor, evaluation: Evaluation) -> None:
    """For good, with its job and what that told; refused while it waits or runs, and where there is a result."""
    actor.require("job.edit")
    with transaction.atomic():
        locked = held(evaluation)
        check_removable(locked)
        audit.record(actor, "evaluation.delete", locked.experiment, split=locked.split, checkpoint=locked.checkpoint)
        locked.delete()
        jobs.forget([locked.job_id])


def held(evaluation: Evaluation) -> Evaluation:
    """The row with its job as it is after the lock; who tries it again waits for this transaction, and finds it gone."""
    locked = Evaluation.objects.select_for_update(of=("self",)).filter(pk=evaluation.pk).first()
    if locked is None:
        raise InputError("This evaluation is not there any more.", code="gone")
    return locked


def check_removable(evaluation: Evaluation) -> None:
    """InputError with the reason and what to do."""
    title = evaluation.job.title
    if not evaluation.job.is_final:
        raise InputError(f"{title} is not finished; cancel it first, then delete it.", code="busy")
    if not removable(evaluation):
        told = f"{title} has a result, which stays with its experiment; delete {evaluation.experiment.name} to delete both."
        raise InputError(told, code="in_use")
