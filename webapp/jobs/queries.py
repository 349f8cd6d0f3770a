"""Reads of the queue that pages, API, sockets and worker share."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet, Subquery

from webapp.accounts.models import Team
from webapp.jobs.clock import ago, database_time, node_alive_seconds
from webapp.jobs.models import Job, JobEvent, Node, Queue, State

ORDER = ("-priority", "queued_at", "id")
PING_SECONDS = 1.0
WELL = {
    "database": "The database answers.",
    "redis": "Redis answers.",
    "workers": "A worker serves each queue.",
    "keeper": "The keeper watches the queue.",
}


class Events(NamedTuple):
    """Some events in order, and the `since` to go on with (None: that was all for now)."""

    events: list[JobEvent]
    next: int | None


def position(job: Job) -> int | None:
    """The job's place in its queue, 1 for the next; None when it does not wait.

    Times are compared inside the database: SQLite keeps fewer digits of its own clock than Python writes.
    """
    if job.state != State.QUEUED:
        return None
    own = Subquery(Job.objects.filter(pk=job.pk).values("queued_at"))
    level = Q(priority=job.priority)
    before = Q(priority__gt=job.priority) | level & Q(queued_at__lt=own) | level & Q(queued_at=own, id__lt=job.id)
    return 1 + Job.objects.filter(before, queue=job.queue, state=State.QUEUED).count()


def waiting(team: Team | None = None) -> QuerySet[Job]:
    """Jobs that wait, the next first; of one team, or of all."""
    jobs = Job.objects.filter(state=State.QUEUED).select_related("team", "created_by")
    return (jobs if team is None else jobs.filter(team=team)).order_by("queue", *ORDER)


def running(team: Team | None = None) -> QuerySet[Job]:
    """Jobs that run, the oldest first."""
    jobs = Job.objects.filter(state=State.RUNNING).select_related("team", "created_by")
    return (jobs if team is None else jobs.filter(team=team)).order_by("started_at", "id")


def paused(team: Team) -> QuerySet[Job]:
    """A team's jobs that were set aside, the newest first."""
    return Job.objects.filter(team=team, state=State.PAUSED).select_related("team", "created_by").order_by("-id")


def outside_trash(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Those whose dataset or experiment does not lie in the trash."""
    kept = jobs.filter(dataset__trashed_at__isnull=True, experiment__trashed_at__isnull=True)
    return kept.exclude(evaluations__experiment__trashed_at__isnull=False)


def events_since(job: Job, since: int, limit: int = 10_000) -> Events:
    """Events numbered above `since`, at most `limit`."""
    found = list(JobEvent.objects.filter(job=job, seq__gt=since).order_by("seq")[: limit + 1])
    more = len(found) > limit
    return Events(found[:limit], found[limit - 1].seq if more else None)


def started_about(job: Job) -> datetime.datetime | None:
    """When a waiting job will start if nothing goes wrong; None where the jobs before it do not say how long they take."""
    place = position(job)
    if place is None:
        return job.started_at
    return after(waits(job.queue), place)


def waits(queue: str) -> list[float]:
    """Seconds until the next jobs of a queue start, the first one first, as far as those that run say how long they take."""
    slots = sum(node.slots for node in nodes() if node.role == queue) or 1
    ahead = list(Job.objects.filter(queue=queue, state=State.RUNNING).values_list("eta_seconds", flat=True))
    return [0.0] * max(0, slots - len(ahead)) + sorted(eta for eta in ahead if eta is not None)


def after(seconds: list[float], place: int) -> datetime.datetime | None:
    """When the job in that place starts, by `waits`; None beyond what is known."""
    return None if place > len(seconds) else database_time() + datetime.timedelta(seconds=seconds[place - 1])


def nodes() -> QuerySet[Node]:
    """Processes that reported themselves lately."""
    return Node.objects.filter(beat_at__gte=ago(node_alive_seconds())).order_by("role", "name")


def services() -> list[dict[str, Any]]:
    """What the system stands on, each as {"name", "ok", "sentence"}."""
    database = service("database", database_fault())
    roles = set(nodes().values_list("role", flat=True)) if database["ok"] else set()
    return [database, service("redis", redis_fault()), service("workers", workers_fault(roles)), service("keeper", keeper_fault(roles))]


def service(name: str, fault: str) -> dict[str, Any]:
    """One line of `services`."""
    return {"name": name, "ok": not fault, "sentence": fault or WELL[name]}


def database_fault() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"The database does not answer ({type(error).__name__}); nothing can be read or saved."
    return ""


def redis_fault() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PING_SECONDS, socket_connect_timeout=PING_SECONDS) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        return f"Redis does not answer ({type(error).__name__}); jobs are saved, live updates and classification wait."
    return ""


def workers_fault(roles: set[str]) -> str:
    missing = [name for name in Queue.values if name not in roles]
    return f"No worker serves the queue {' and '.join(missing)}; its jobs wait." if missing else ""


def keeper_fault(roles: set[str]) -> str:
    return "" if "keeper" in roles else "The keeper does not report; jobs whose worker died stay where they are."


def summary(job: Job) -> dict[str, Any]:
    """The job as the API and the socket's snapshot show it."""
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "position": position(job),
        "progress": job.progress,
        "eta_seconds": job.eta_seconds,
        "stage": job.stage,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "cancelling": job.asked_words == "Cancelling",
        "pausing": job.asked_words == "Pausing",
        "finishing": job.asked_words == "Finishing",
        "error": job.error or None,
        "error_code": job.error_code or None,
    }
