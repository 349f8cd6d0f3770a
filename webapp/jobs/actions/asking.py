"""What people ask of jobs: run this, stop that, try again."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.accounts.models import Team, User
from webapp.core.words import shortened
from webapp.jobs import broadcast, queue
from webapp.jobs.actions.ending import CANCELLED, PAUSED, WAITS
from webapp.jobs.actions.telling import append, change, state_event
from webapp.jobs.models import FINAL, PAUSABLE, QUEUE_OF, Job, Kind, State

TITLE_LENGTH = 200


def submit(*, team: Team, user: User | None, kind: str, title: str, priority: int = 0, paused: bool = False) -> Job:
    """A new job, saved as queued; workers hear of it after the commit, and later if Redis is down.

    One that is paused waits for `resume`.
    """
    kind = Kind(kind)
    with transaction.atomic():
        job = Job.objects.create(
            team=team,
            created_by=user,
            kind=kind,
            queue=QUEUE_OF[kind],
            title=shortened(title, TITLE_LENGTH),
            priority=priority,
            state=State.PAUSED if paused else State.QUEUED,
            max_attempts=settings.JOB_MAX_ATTEMPTS,
            last_seq=1,
        )
        append(job, [state_event(job)])
        if not paused:
            transaction.on_commit(lambda: queue.poke(job.id, job.queue), robust=True)
    return job


def request_cancel(job: Job, by: Actor | None = None) -> Literal["cancelled", "requested", "ended"]:
    """Stops a job: at once while it waits, by a flag that its worker reads while it runs; repeats are welcome."""
    with transaction.atomic():
        told = stop(job)
        if by is not None and told != "ended" and job.cancel_requested_at is None:
            record(by, "job.cancel", job, title=job.title)
    return told


def stop(job: Job) -> Literal["cancelled", "requested", "ended"]:
    """What `request_cancel` does to the row."""
    for _ in range(3):  # it may be claimed, or come back to the queue, between the two
        if cancel_queued(job.id):
            return "cancelled"
        asked = Job.objects.filter(pk=job.id, state=State.RUNNING).update(cancel_requested_at=Coalesce("cancel_requested_at", Now()))
        if asked:
            nudge(job)
            return "requested"
    return "ended"


def cancel_queued(job_id: str) -> bool:
    """Cancels a job that waits or is paused; False when it does neither."""
    asked: dict[str, Any] = {**CANCELLED, "cancel_requested_at": Now()}
    return change(job_id, Q(state__in=(State.QUEUED, State.PAUSED)), **asked) is not None


def pause(job: Job, by: Actor | None = None) -> Literal["paused", "requested", "refused"]:
    """Sets a training aside: at once while it waits, with a checkpoint while it runs; it goes on by `resume`. Repeats are welcome.

    Refused for what has ended or is being cancelled, and for kinds of work that would begin anew.
    """
    with transaction.atomic():
        told = set_aside(job) if job.kind in PAUSABLE else "refused"
        if by is not None and told != "refused" and job.pause_requested_at is None and job.state != State.PAUSED:
            record(by, "job.pause", job, title=job.title)
    return told


def set_aside(job: Job) -> Literal["paused", "requested", "refused"]:
    """What `pause` does to the row."""
    for _ in range(3):  # it may be claimed, or come back to the queue, between the two
        if change(job.id, Q(state=State.QUEUED), **PAUSED) is not None or Job.objects.filter(pk=job.id, state=State.PAUSED).exists():
            return "paused"
        running = Job.objects.filter(pk=job.id, state=State.RUNNING, cancel_requested_at=None)
        if running.update(pause_requested_at=Coalesce("pause_requested_at", Now())):
            nudge(job)
            return "requested"
    return "refused"


def resume(job: Job, by: Actor | None = None) -> bool:
    """Queues a paused job again, behind those that wait; takes back a pause that is not carried out yet. False where there is none."""
    with transaction.atomic():
        back = change(job.id, Q(state=State.PAUSED), queued_at=Now(), error="", error_code="", **WAITS)
        kept = back is None and Job.objects.filter(pk=job.id, state=State.RUNNING).exclude(pause_requested_at=None)
        done = back is not None or bool(kept and kept.update(pause_requested_at=None))
        if done and by is not None:
            record(by, "job.resume", job, title=job.title)
        if back is not None:
            transaction.on_commit(lambda: queue.poke(job.id, job.queue), robust=True)
        elif done:
            nudge(job)
    return done


def finish_early(job: Job, by: Actor | None = None) -> bool:
    """Lets a running training end after the epoch under way, with its test and report; False where it does not run."""
    with transaction.atomic():
        running = Job.objects.filter(pk=job.id, kind__in=PAUSABLE, state=State.RUNNING, cancel_requested_at=None)
        done = bool(running.update(finish_requested_at=Coalesce("finish_requested_at", Now())))
        if done and by is not None and job.finish_requested_at is None:
            record(by, "job.finish", job, title=job.title)
        nudge(job)
    return done


def nudge(job: Job) -> None:
    """Pages look at the row again, after the commit."""
    transaction.on_commit(lambda: broadcast.nudge(job.id, job.team_id, job.last_seq), robust=True)


def retry(job: Job, user: User | None = None) -> Job:
    """A new job like one that failed or was cancelled (an ended job never comes back). The caller points its row at it."""
    if job.state not in FINAL or job.state == State.SUCCEEDED:
        raise ValueError(f"Only a failed or cancelled job can be tried again; {job.title} is {job.state}.")
    return submit(team=job.team, user=user or job.created_by, kind=job.kind, title=job.title, priority=job.priority)
