"""Every write to searches for a learning rate: asked for, and found."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from classifier.spec.config import TrainConfig
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.datasets.models import DatasetVersion
from webapp.experiments import weights
from webapp.experiments.actions import check_offered
from webapp.experiments.models import RateSearch
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind

KEPT = 5  # of one person, ended ones


def start(actor: Actor, version: DatasetVersion, config: TrainConfig) -> RateSearch:
    """Queues a search with that configuration; a person has one at a time, so that an earlier one is cancelled.

    The same once more, while it waits or runs, gives the first. Raises ConfigError where the dataset may not be trained on.
    """
    actor.require("experiment.create")
    values = config.to_mapping()
    mine = RateSearch.objects.filter(team=actor.team, created_by=actor.user)
    for earlier in mine.exclude(job__state__in=FINAL).select_related("job"):
        if earlier.config == values and earlier.version_id == version.pk and earlier.job.cancel_requested_at is None:
            return earlier
        jobs.request_cancel(earlier.job, actor)
    with transaction.atomic():
        weights.keep(actor.team, values["weights"])
        check_offered(version.dataset)
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.FIND_LR, title=f"Learning rate of {config.model}")
        made = RateSearch.objects.create(team=actor.team, created_by=actor.user, version=version, config=values, job=job)
        record(actor, "experiment.find_lr", version.dataset, model=config.model)
    forget_old(actor)
    return made


def running(actor: Actor) -> str:
    """The id of the person's search that waits or runs; empty where there is none."""
    mine = RateSearch.objects.filter(team=actor.team, created_by=actor.user, job__cancel_requested_at=None)
    return mine.exclude(job__state__in=FINAL).order_by("-id").values_list("id", flat=True).first() or ""


def forget_old(actor: Actor) -> None:
    """Of a person's ended searches the newest few are kept: what they found stands in the form by then."""
    ended = RateSearch.objects.filter(team=actor.team, created_by=actor.user, job__state__in=FINAL).order_by("-id")
    old = dict(ended.values_list("pk", "job_id")[KEPT:])
    with transaction.atomic():
        RateSearch.objects.filter(pk__in=old).delete()
        jobs.forget(list(old.values()))


def found(id: str, event: dict[str, Any]) -> None:
    """What a `rate_found` event says; called inside the transaction that ends the job."""
    RateSearch.objects.filter(pk=id).update(suggested=event["suggested"], curve=event["curve"])
