"""What runs, what waits and what is paused, in one table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Lower

from webapp.accounts.models import Team, User
from webapp.experiments.summaries import Curves, curves_of
from webapp.jobs import queries as jobs
from webapp.jobs.models import Job, State
from webapp.ops.overview.asked import Asked

MOST_ROWS = 20
MOST_PLACES = 10_000
SUBJECTS = ("experiment__dataset", "experiment__version", "dataset", "created_by")
HEAVY = ("experiment__version__classes", "experiment__resolved", "experiment__dataset__problem_rules", "dataset__problem_rules")
RUNNING_FIRST = Case(When(state=State.RUNNING, then=Value(0)), When(state=State.QUEUED, then=Value(1)), default=Value(2))
MOVING = (State.RUNNING, State.QUEUED, State.PAUSED)
ORDERS: dict[str, tuple[Any, ...]] = {  # asked for → the order in the database
    "order": (RUNNING_FIRST, "started_at", "queue", *jobs.ORDER),
    "name": (Lower("title"), "id"),
    "progress": ("-progress", "id"),
    "top1": (F("experiment__best_top1").desc(nulls_last=True), "id"),
    "ends": (F("eta_seconds").asc(nulls_last=True), RUNNING_FIRST, "queued_at", "id"),
}
NO_CURVES: Curves = {"train_loss": [], "val_top1": []}


class Moving(NamedTuple):
    """One line: a job with its small curves, and for a waiting one its place and when it will start, as far as that is known."""

    job: Job
    curves: Curves
    position: int | None
    starts: datetime | None


def table(team: Team, user: User, asked: Asked) -> dict[str, Any]:
    """The first rows in the asked order, and whether there are more."""
    found = list(wanted(team, user, asked).order_by(*ORDERS.get(asked.moving, ORDERS["order"]))[: MOST_ROWS + 1])
    return {"rows": rows(found[:MOST_ROWS]), "more": len(found) > MOST_ROWS}


def wanted(team: Team, user: User, asked: Asked) -> QuerySet[Job]:
    """The team's jobs that run, wait or are paused, as they were asked for."""
    found = Job.objects.filter(team=team, state__in=MOVING).select_related(*SUBJECTS).defer(*HEAVY)
    if asked.mine:
        found = found.filter(created_by=user)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    return found.filter(title__icontains=asked.q) if asked.q else found


def rows(found: list[Job]) -> list[Moving]:
    """Each with what the table tells of it."""
    trainings = {job.id: job.experiment for job in found if hasattr(job, "experiment") and job.state == State.RUNNING}
    curves = curves_of(trainings.values())
    places = positions(job for job in found if job.state == State.QUEUED)
    starts = starts_about({job.id: job.queue for job in found}, places)
    return [
        Moving(
            job, curves.get(trainings[job.id].id, NO_CURVES) if job.id in trainings else NO_CURVES, places.get(job.id), starts.get(job.id)
        )
        for job in found
    ]


def positions(waiting: Iterable[Job]) -> dict[str, int]:
    """{job: its place in its own queue, over all teams' jobs}, in one query however many wait."""
    queues = {job.queue for job in waiting}
    places: dict[str, int] = {}
    lengths: dict[str, int] = defaultdict(int)
    if queues:
        ahead = Job.objects.filter(state=State.QUEUED, queue__in=queues).order_by("queue", *jobs.ORDER)
        for job_id, queue in ahead.values_list("id", "queue")[:MOST_PLACES]:
            lengths[queue] += 1
            places[job_id] = lengths[queue]
    return places


def starts_about(queues: dict[str, str], places: dict[str, int]) -> dict[str, datetime | None]:
    """When each waiting job starts, as far as the jobs before it say; each queue is looked at once."""
    waits = {queue: jobs.waits(queue) for queue in {queues[id] for id in places if id in queues}}
    return {id: jobs.after(waits[queues[id]], places[id]) for id in queues if id in places}
