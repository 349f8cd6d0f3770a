"""Problems of an import that somebody has seen and leaves as they are: nobody is reminded of them until there are more or fewer."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.datasets.models import Dataset
from webapp.datasets.removing import held
from webapp.jobs.clock import database_time
from webapp.jobs.models import State

NOT_LEFT = Q(left_count__isnull=True) | ~Q(left_count=F("problem_count"))


def leave(actor: Actor, dataset: Dataset) -> None:
    """For the whole team, as many problems as there are now; nothing changes where somebody did so already."""
    actor.require("dataset.edit")
    with transaction.atomic():
        locked = held(dataset)
        if locked.job.state != State.SUCCEEDED or not locked.problem_count:
            raise InputError(f"{locked.name} has no problems of a finished import to leave as they are.", code="nothing")
        if locked.left:
            return
        left = {"left_at": database_time(), "left_by": actor.user, "left_count": locked.problem_count}
        Dataset.objects.filter(pk=locked.pk).update(**left)
        record(actor, "dataset.leave", locked, findings=locked.problem_count)


def recall(actor: Actor, dataset: Dataset) -> None:
    """Takes that back; nothing changes where it was not left."""
    actor.require("dataset.edit")
    with transaction.atomic():
        rows = Dataset.objects.filter(pk=dataset.pk, left_count__isnull=False)
        if rows.update(left_at=None, left_by=None, left_count=None):
            record(actor, "dataset.recall", dataset)
