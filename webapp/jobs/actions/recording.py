"""What a running job tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from webapp.core.words import shortened
from webapp.jobs.actions.claiming import Claim, LostClaim
from webapp.jobs.actions.telling import Also, NewEvent, change
from webapp.jobs.models import Job

STAGE_LENGTH = 200


def record(
    claim: Claim,
    events: Sequence[NewEvent],
    *,
    progress: float | None = None,
    eta: float | None = None,
    stage: str | None = None,
    also: Also | None = None,
    after: int | None = None,
) -> int:
    """Appends events of a running job and gives the newest number; raises LostClaim when the job is no longer the claimer's.

    `after` is the number that the caller believes to be the newest: a batch that is sent again because the answer to its
    commit was lost is then stored once.
    """
    columns: dict[str, Any] = {} if progress is None else {"progress": min(1.0, max(0.0, progress)), "eta_seconds": eta}
    columns |= {} if stage is None else {"stage": shortened(stage, STAGE_LENGTH)}
    guard = claim.holds if after is None else claim.holds & Q(last_seq=after)
    job = change(claim.job_id, guard, events, also=also, **columns)
    if job is not None:
        return job.last_seq
    if after is not None and Job.objects.filter(claim.holds, pk=claim.job_id, last_seq=after + len(events)).exists():
        return after + len(events)
    raise LostClaim(claim)
