"""Events: numbered without gaps, stored with the change they tell of, nudged after the commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q

from webapp.jobs import broadcast
from webapp.jobs.models import Job, JobEvent

Also = Callable[[], None]  # writes other rows inside the same transaction


class NewEvent(NamedTuple):
    """An event that has no number yet: kind (state, progress, epoch, log, problem) and its JSON data."""

    kind: str
    data: dict[str, Any]


def state_event(job: Job) -> NewEvent:
    """What watchers learn of a job's new state."""
    facts = {"state": job.state, "attempt": job.attempt, "max_attempts": job.max_attempts, "progress": job.progress}
    return NewEvent("state", facts | ({"error": job.error, "code": job.error_code} if job.error else {}))


def change(job_id: str, guard: Q, events: Sequence[NewEvent] = (), *, also: Also | None = None, **columns: Any) -> Job | None:
    """Compare-and-set: sets the columns and appends the events where `guard` holds; gives the job as it is now, or None.

    A change of `state` appends its state event by itself. The update locks the row, so numbers have no gaps; a nudge
    follows the commit. `also` writes inside the same transaction.
    """
    count = len(events) + ("state" in columns)
    with transaction.atomic():
        if not Job.objects.filter(guard, pk=job_id).update(last_seq=F("last_seq") + count, **columns):
            return None
        job = Job.objects.get(pk=job_id)
        append(job, [*events, *([state_event(job)] if "state" in columns else [])])
        if also is not None:
            also()
    return job


def append(job: Job, events: Sequence[NewEvent]) -> None:
    """Stores the events under the last numbers up to job.last_seq and nudges once they are committed."""
    first = job.last_seq - len(events) + 1
    JobEvent.objects.bulk_create([JobEvent(job=job, seq=first + i, kind=e.kind, data=e.data) for i, e in enumerate(events)])
    if events:
        transaction.on_commit(lambda: broadcast.nudge(job.id, job.team_id, job.last_seq), robust=True)
