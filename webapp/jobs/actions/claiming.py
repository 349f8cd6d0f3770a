"""A worker takes a job, keeps it by renewing its lease, and learns when it lost it."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from webapp.jobs.actions.telling import change
from webapp.jobs.clock import later
from webapp.jobs.models import Attempt, Job, State

TRIES = 20  # heads that others may take before us in one claim_next


class Claim(NamedTuple):
    """A held job: who holds it, under which fence, in which attempt."""

    job_id: str
    owner: str
    fence: int
    attempt: int
    kind: str

    @property
    def holds(self) -> Q:
        """True of the row as long as the job is this claimer's."""
        return Q(state=State.RUNNING, owner=self.owner, fence=self.fence)


class Asked(NamedTuple):
    """What people asked of a running job."""

    cancel: bool = False
    pause: bool = False
    finish: bool = False

    @property
    def stop(self) -> bool:
        """Whether it is to leave its work."""
        return self.cancel or self.pause


class LostClaim(Exception):
    """The job is no longer the claimer's: it was reaped, or ended. Stop at once and write nothing."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"job {claim.job_id} is no longer held by {claim.owner} (fence {claim.fence})")


def claim(job_id: str, owner: str) -> Claim | None:
    """Takes a queued job by compare-and-set; None when another was quicker or it does not wait."""
    with transaction.atomic():
        job = change(
            job_id,
            Q(state=State.QUEUED),
            state=State.RUNNING,
            owner=owner[:200],
            fence=F("fence") + 1,
            attempt=F("attempt") + 1,
            lease_until=later(settings.JOB_LEASE_SECONDS),
            started_at=Now(),
            error="",
            error_code="",
            eta_seconds=None,
            stage="starting",
        )
        if job is None:
            return None
        Attempt.objects.create(job=job, number=job.attempt, fence=job.fence, owner=job.owner)
    return Claim(job.id, job.owner, job.fence, job.attempt, job.kind)


def claim_next(queue: str, owner: str) -> Claim | None:
    """Takes the head of a queue; None when nothing waits."""
    for _ in range(TRIES):
        head = Job.objects.filter(queue=queue, state=State.QUEUED).order_by("-priority", "queued_at", "id").only("pk").first()
        if head is None:
            return None
        taken = claim(head.pk, owner)
        if taken is not None:
            return taken
    return None


def renew(claim: Claim) -> Asked:
    """Extends the lease; gives what was asked for. Raises LostClaim."""
    lease = later(settings.JOB_LEASE_SECONDS)
    if not Job.objects.filter(claim.holds, pk=claim.job_id).update(lease_until=lease):
        raise LostClaim(claim)
    return look(claim)


def fence(claim: Claim) -> None:
    """Inside a transaction: until its end the job stays the claimer's. For writes that no change of the job carries.

    Raises LostClaim.
    """
    if Job.objects.select_for_update().filter(claim.holds, pk=claim.job_id).values_list("pk", flat=True).first() is None:
        raise LostClaim(claim)


def look(claim: Claim) -> Asked:
    """What was asked for, without touching the lease. Raises LostClaim."""
    columns = ("cancel_requested_at", "pause_requested_at", "finish_requested_at")
    row = Job.objects.filter(claim.holds, pk=claim.job_id).values_list(*columns).first()
    if row is None:
        raise LostClaim(claim)
    return Asked(*(time is not None for time in row))
