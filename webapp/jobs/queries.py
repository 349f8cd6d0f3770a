"""Reads of the queue that pages, API, sockets and worker share."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from webapp.accounts.models import Team
from webapp.jobs.clock import ago, database_time, node_alive_seconds
from webapp.jobs.models import Attempt, Job, JobEvent, Node, State

SLICE = 500  # events read at a time
PAGE_CHARACTERS, EVENT_CHARACTERS = 4_000_000, 200  # of a page of events, of one without its message
ORDER = ("-priority", "queued_at", "id")


class Events(NamedTuple):
    """Some events in order, and the `since` to go on with (None: that was all for now)."""

    events: list[JobEvent]
    next: int | None


class Silence(NamedTuple):
    """Seconds since a running job told something, and what they are called: "", quiet (half of what is borne) or silent."""

    seconds: float
    level: str


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


def heard(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """The jobs with `told_at`, the time of their newest event: one look into an index a job."""
    newest = JobEvent.objects.filter(job=OuterRef("pk"), seq=OuterRef("last_seq"))
    return jobs.annotate(told_at=Subquery(newest.values("time")[:1]))


def silence(job: Any, now: datetime.datetime) -> Silence:
    """Of a running job of `heard`, at the database's time `now`."""
    seconds = max(0.0, (now - (job.told_at or job.started_at or now)).total_seconds())
    most = silent_seconds()
    return Silence(seconds, "silent" if seconds >= most else "quiet" if seconds >= most / 2 else "")


def silent_seconds() -> float:
    """After how long without a word a running job counts as silent."""
    return float(settings.JOB_SILENT_SECONDS)


def outside_trash(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Those whose dataset, experiment or classification does not lie in the trash."""
    kept = jobs.filter(dataset__trashed_at__isnull=True, experiment__trashed_at__isnull=True, draft__dataset__trashed_at__isnull=True)
    kept = kept.filter(rate_search__version__dataset__trashed_at__isnull=True, quality_check__version__dataset__trashed_at__isnull=True)
    kept = kept.filter(suggesting__version__dataset__trashed_at__isnull=True)
    kept = kept.filter(erasure__dataset__trashed_at__isnull=True, study__experiment__trashed_at__isnull=True)
    kept = kept.filter(embedding_map__experiment__trashed_at__isnull=True, classification__trashed_at__isnull=True)
    return kept.exclude(evaluations__experiment__trashed_at__isnull=False)


def events_since(job: Job, since: int, limit: int = 10_000) -> Events:
    """Events numbered above `since`, at most `limit`, and fewer where their lines are long: several may be asked for at once."""
    told, found, held, more = JobEvent.objects.filter(job=job).order_by("seq"), list[JobEvent](), 0, True
    while more and len(found) < limit and held < PAGE_CHARACTERS:
        count = min(SLICE, limit - len(found))
        some = list(told.filter(seq__gt=found[-1].seq if found else since)[: count + 1])
        more, some = len(some) > count, some[:count]
        found += some
        held += sum(EVENT_CHARACTERS + len(str(event.data.get("message", ""))) for event in some)
    return Events(found, found[-1].seq if more and found else None)


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


def last_errors(jobs: Sequence[Job]) -> dict[str, str]:
    """{job id: why it was not done when it was tried last}, of those that wait again, are paused or run again; in one query."""
    told = {job.id: job.error for job in jobs if job.state in (State.QUEUED, State.PAUSED) and job.error}
    again = {job.id: job.attempt - 1 for job in jobs if job.state == State.RUNNING and job.attempt > 1}
    ended = Attempt.objects.filter(job__in=again, ended_at__isnull=False).order_by("fence")  # the last of a number is the one that counted
    outcomes = ended.values_list("job", "number", "outcome") if again else ()
    return told | {job_id: outcome for job_id, number, outcome in outcomes if number == again[job_id]}


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
