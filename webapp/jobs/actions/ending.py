"""How an attempt ends: the job succeeds, fails, is cancelled, or waits again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from webapp.jobs import queue
from webapp.jobs.actions.claiming import Claim, LostClaim
from webapp.jobs.actions.telling import Also, change
from webapp.jobs.models import Attempt, Job, Kind, State

STARTS_AGAIN = {Kind.TRAIN: "It starts again from its last checkpoint", Kind.IMPORT: "It goes on behind the images that were read"}
STARTS_AGAIN[Kind.CLASSIFY] = "It goes on behind the pictures that were classified"
STARTS_AGAIN[Kind.SEAL] = "It goes on behind the added images that were read"
PASSING = (
    "lost",
    "killed",
    "out_of_memory",
    "hung",
    "no_result",
    "lost_process",
    "no_process",
)  # codes of failures that may not come again
ENDED: dict[str, Any] = {"finished_at": Now(), "lease_until": None, "eta_seconds": None, "stage": ""}
WAITS: dict[str, Any] = {"state": State.QUEUED, "owner": "", "lease_until": None, "eta_seconds": None, "stage": ""}
PAUSED: dict[str, Any] = {**WAITS, "state": State.PAUSED, "pause_requested_at": None}
CANCEL_ASKED, PAUSE_ASKED = ~Q(cancel_requested_at=None), ~Q(pause_requested_at=None)
CANCELLED: dict[str, Any] = {**ENDED, "state": State.CANCELLED, "error": "", "error_code": ""}


def finish(claim: Claim, also: Also | None = None) -> None:
    """The work is done; `also` writes what came of it in the same transaction. Raises LostClaim.

    Sent again after its answer was lost, it changes nothing.
    """
    columns = {**ENDED, "state": State.SUCCEEDED, "progress": 1.0, "error": "", "error_code": ""}
    with transaction.atomic():
        job = change(claim.job_id, claim.holds, also=also, **columns)
        if job is not None:
            close(claim.job_id, claim.fence, "succeeded")
    if job is None and not ended_as(claim, State.SUCCEEDED):
        raise LostClaim(claim)


def cancelled(claim: Claim) -> None:
    """The work stopped because somebody asked for it. Raises LostClaim."""
    with transaction.atomic():
        job = change(claim.job_id, claim.holds, **CANCELLED)
        if job is not None:
            close(claim.job_id, claim.fence, "cancelled")
    if job is None and not ended_as(claim, State.CANCELLED):
        raise LostClaim(claim)


def fail(claim: Claim, message: str, code: str, retry: bool, also: Also | None = None) -> None:
    """The attempt failed: with `retry` the job waits again until its attempts are used up, else it failed for good.

    `message` is a sentence for the user. A job whose cancel was asked for ends as cancelled. Raises LostClaim.
    """
    if give_up(claim.job_id, claim.fence, claim.holds, message, code, retry=retry, also=also) is None:
        raise LostClaim(claim)


def put_back(claim: Claim, message: str, code: str) -> None:
    """The work lacks something that it can only wait for, such as room on the disk: the job waits again, and the attempt does not count.

    A cancel or a pause that was asked for is carried out. Raises LostClaim.
    """
    if give_up(claim.job_id, claim.fence, claim.holds, message, code, retry=True, counts=False) is None:
        raise LostClaim(claim)


def release(claim: Claim) -> None:
    """The work was left with its checkpoint, since the worker stops or somebody asked for a pause: the job waits again or is paused.

    The attempt does not count. Raises LostClaim.
    """
    with transaction.atomic():
        back: dict[str, Any] = {"attempt": F("attempt") - 1}
        job = change(claim.job_id, claim.holds & ~CANCEL_ASKED & ~PAUSE_ASKED, **back, **WAITS)
        job = job or change(claim.job_id, claim.holds & ~CANCEL_ASKED, **back, **PAUSED)
        job = job or change(claim.job_id, claim.holds, **CANCELLED)
        if job is not None:
            released = job.state == State.QUEUED
            close(claim.job_id, claim.fence, "released: its worker was stopped" if released else str(job.state))
            transaction.on_commit(lambda: queue.poke(job.id, job.queue) if released else None, robust=True)  # for another worker
    if job is None:
        raise LostClaim(claim)


def give_up(
    job_id: str, fence: int, guard: Q, message: str, code: str, *, retry: bool, counts: bool = True, also: Also | None = None
) -> Job | None:
    """Ends a running attempt that went wrong, where `guard` holds: cancelled, paused, queued again or failed, whichever is due.

    One that does not count is queued again however often it was tried; paused, it waits for somebody and has nothing to tell.
    """
    error: dict[str, Any] = {"error_code": code[:40]}
    back: dict[str, Any] = {} if counts else {"attempt": F("attempt") - 1}
    with transaction.atomic():
        job = Job.objects.filter(guard, pk=job_id).first()
        if job is None:
            return None
        won = change(job_id, guard & CANCEL_ASKED, also=also, **CANCELLED)
        if won is None and retry:
            told = {"error": message, **error} if counts else {"error": "", "error_code": ""}
            won = change(job_id, guard & PAUSE_ASKED, also=also, **back, **told, **PAUSED)
        if won is None and not counts:
            won = change(job_id, guard, also=also, error=message, **back, **error, **WAITS)
        if won is None and retry and job.attempt < job.max_attempts:
            won = change(job_id, guard, also=also, error=f"{message} {again(job)}", **error, **WAITS)
        elif won is None:
            tried = f" It was tried {job.attempt} times." if retry and job.attempt > 1 else ""
            won = change(job_id, guard, also=also, error=message + tried, **error, **ENDED, state=State.FAILED)
        if won is not None:
            close(job_id, fence, "cancelled" if won.state == State.CANCELLED else message)
    return won


def again(job: Job) -> str:
    """What happens next, for the user."""
    return f"{STARTS_AGAIN.get(Kind(job.kind), 'It starts again')} (attempt {job.attempt + 1} of {job.max_attempts})."


def close(job_id: str, fence: int, outcome: str) -> None:
    """Writes an attempt's end."""
    Attempt.objects.filter(job_id=job_id, fence=fence).update(ended_at=Now(), outcome=outcome)


def ended_as(claim: Claim, state: State) -> bool:
    """Whether this very claim already ended the job so."""
    return Job.objects.filter(pk=claim.job_id, fence=claim.fence, owner=claim.owner, state=state).exists()
