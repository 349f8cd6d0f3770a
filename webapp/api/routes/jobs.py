"""Jobs: how far each is, what it told, cancel, pause, resume, finish early, retry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError
from webapp.api.lines import MOST_ROWS, Since, rows_json
from webapp.api.paging import Page, page_of
from webapp.api.retrying import retried
from webapp.api.schemas import AskedOut, CancelOut, Events, JobList, JobOut, Made
from webapp.api.service import IDEMPOTENCY, answers
from webapp.jobs import actions, queries
from webapp.jobs.models import Job, State

router = Router()
MOST_PLACES = 10_000


@router.get("/jobs", response=answers({200: JobList}), summary="List jobs")
def list_jobs(request: Request, page: Query[Page]) -> dict[str, Any]:
    """The team's jobs, newest first."""
    request.actor.require("job.read")
    rows, following = page_of(queries.outside_trash(Job.objects.filter(team=request.actor.team)), page)
    places = positions({row.queue for row in rows if row.state == State.QUEUED})
    before = queries.last_errors(rows)
    return {"items": [shown(row, places.get(row.id), before) for row in rows], "next": following}


def positions(names: set[str]) -> dict[str, int]:
    """The place of each job that waits in those queues, in one query a queue however long the list is."""
    places: dict[str, int] = {}
    for name in names:
        ids = Job.objects.filter(queue=name, state=State.QUEUED).order_by(*queries.ORDER).values_list("id", flat=True)
        places |= {job_id: place for place, job_id in enumerate(ids[:MOST_PLACES], 1)}
    return places


@router.get("/jobs/{id}", response=answers({200: JobOut}), summary="Read a job")
def read_job(request: Request, id: str) -> dict[str, Any]:
    """State, position in the queue, progress and time left."""
    job = get_for(request.actor, Job, id, "job.read")
    return shown(job, queries.position(job), queries.last_errors([job]))


def shown(job: Job, position: int | None, before: Mapping[str, str]) -> dict[str, Any]:
    """A job as the API tells it; `before`: {job id: why an earlier attempt ended}."""
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "position": position if job.state == State.QUEUED else None,
        "progress": 1.0 if job.state == State.SUCCEEDED else min(max(job.progress or 0.0, 0.0), 1.0),
        "eta_seconds": job.eta_seconds if job.state == State.RUNNING else None,
        "stage": job.stage,
        "attempt": job.attempt,
        "error": (job.error or None) if job.is_final else None,
        "last_error": before.get(job.id),
        "created_at": job.created_at,
    }


@router.get("/jobs/{id}/events", response=answers({200: Events}), summary="Events of a job")
def read_events(request: Request, id: str, since: Since = 0) -> HttpResponse:
    """Up to 10,000 events with a `seq` above `since`, oldest first: what the socket sends, the same numbers."""
    events, following = queries.events_since(get_for(request.actor, Job, id, "job.read"), since, MOST_ROWS)
    rows = [{"seq": event.seq, "kind": event.kind, "data": event.data, "time": event.time} for event in events]
    return rows_json("events", rows, following)


@router.post("/jobs/{id}/cancel", response=answers({202: CancelOut}, 409), openapi_extra=IDEMPOTENCY, summary="Cancel a job")
def cancel_job(request: Request, id: str) -> Status[Any]:
    """A queued job never starts; a running one stops within seconds and keeps its checkpoint. 409 once it has ended."""
    job = get_for(request.actor, Job, id, "job.edit")
    if actions.request_cancel(job, request.actor) == "ended":
        raise ApiError(409, "ended", "This job has ended already; there is nothing to cancel.")
    return asked(job)


@router.post("/jobs/{id}/pause", response=answers({202: AskedOut}, 409), openapi_extra=IDEMPOTENCY, summary="Pause a training")
def pause_job(request: Request, id: str) -> Status[Any]:
    """A queued training is set aside; a running one keeps a checkpoint, leaves its device and is then `paused`."""
    job = get_for(request.actor, Job, id, "job.edit")
    if actions.pause(job, request.actor) == "refused":
        raise ApiError(409, "not_pausable", "Only a training that waits or runs can be paused; this job has ended or is of another kind.")
    return asked(job)


@router.post("/jobs/{id}/resume", response=answers({202: AskedOut}, 409), openapi_extra=IDEMPOTENCY, summary="Resume a training")
def resume_job(request: Request, id: str) -> Status[Any]:
    """Queues a paused training again; it goes on from its checkpoint, bit for bit where it is deterministic."""
    job = get_for(request.actor, Job, id, "job.edit")
    if not actions.resume(job, request.actor):
        raise ApiError(409, "not_paused", "This job is not paused.")
    return asked(job)


@router.post("/jobs/{id}/finish", response=answers({202: AskedOut}, 409), openapi_extra=IDEMPOTENCY, summary="Finish a training early")
def finish_job(request: Request, id: str) -> Status[Any]:
    """The running training ends after the epoch under way, with its test and its report."""
    job = get_for(request.actor, Job, id, "job.edit")
    if not actions.finish_early(job, request.actor):
        raise ApiError(409, "not_running", "Only a training that runs can be finished early.")
    return asked(job)


def asked(job: Job) -> Status[Any]:
    """The answer to what may take a moment."""
    job.refresh_from_db(fields=["state"])
    return Status(202, {"id": job.id, "state": job.state})


@router.post("/jobs/{id}/retry", response=answers({202: Made}, 409), openapi_extra=IDEMPOTENCY, summary="Retry a job")
def retry_job(request: Request, id: str) -> Status[Any]:
    """Queues failed or cancelled work once more, as a new job; a training goes on from its last checkpoint."""
    job = get_for(request.actor, Job, id, "job.edit")
    request.actor.require("experiment.create")
    thing, new = retried(request.actor, job)
    return Status(202, {"id": thing, "job": new.id})
