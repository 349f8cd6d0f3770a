"""What the home page tells: what runs and waits, what needs somebody, what is finished."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count

from webapp.accounts.models import Team, User
from webapp.datasets.models import Dataset
from webapp.jobs import queries as jobs
from webapp.jobs.clock import database_time
from webapp.jobs.models import Job, Kind, Queue, State
from webapp.ops.overview import finished, moving, needs
from webapp.ops.overview.asked import Asked

__all__ = ["Asked", "overview", "slots"]


def overview(team: Team, user: User, asked: Asked) -> dict[str, Any]:
    """Everything on the home page, in a fixed number of queries."""
    counts = numbers(team)
    return {
        "moving": moving.table(team, user, asked),
        "slots": slots(),
        "needs": needs.table(team, user, asked),
        "finished": finished.table(team, user, asked),
        "asked": asked,
        "numbers": counts,
        "fresh": not counts["running"] + counts["waiting"] and not Dataset.objects.filter(team=team).exists(),
    }


def numbers(team: Team) -> dict[str, int]:
    """How many jobs run and wait, and how many trainings ended well since yesterday."""
    moving_jobs = Job.objects.filter(team=team, state__in=(State.QUEUED, State.RUNNING))
    found = dict(moving_jobs.order_by().values_list("state").annotate(Count("pk")))
    since = database_time() - timedelta(days=1)
    done = Job.objects.filter(team=team, state=State.SUCCEEDED, finished_at__gte=since, kind=Kind.TRAIN).count()
    return {"running": found.get(State.RUNNING, 0), "waiting": found.get(State.QUEUED, 0), "finished": done}


def slots() -> dict[str, int]:
    """Device slots and the living hosts that offer them."""
    nodes = list(jobs.nodes().filter(role=Queue.DEVICE))
    return {"slots": sum(node.slots for node in nodes), "hosts": len({node.host for node in nodes})}
