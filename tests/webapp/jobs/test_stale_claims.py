"""One who lost a job, and does not know it yet, changes nothing of it any more."""

from __future__ import annotations

import datetime
import time

import pytest
from django.db import transaction
from django.utils import timezone

from webapp.jobs import actions
from webapp.jobs.clock import ago, later
from webapp.jobs.models import Job, JobEvent

HOURS = 2 * 3600


def fenced(claim: actions.Claim) -> None:
    with transaction.atomic():
        actions.fence(claim)


WRITES = {
    "renew": actions.renew,
    "look": actions.look,
    "fence": fenced,
    "record": lambda claim: actions.record(claim, [actions.NewEvent("log", {"message": "late"})], progress=0.9),
    "record again": lambda claim: actions.record(claim, [actions.NewEvent("log", {"message": "late"})], after=2),
    "finish": actions.finish,
    "cancelled": actions.cancelled,
    "release": actions.release,
    "fail": lambda claim: actions.fail(claim, "No.", "no", retry=False),
    "fail and retry": lambda claim: actions.fail(claim, "No.", "no", retry=True),
}


def rows() -> tuple[object, ...]:
    """All that there is of jobs."""
    return (list(Job.objects.values()), list(JobEvent.objects.order_by("seq").values()))


@pytest.fixture
def lost(submit) -> actions.Claim:
    """A claim that stood still until the keeper gave its job to another worker."""
    claim = actions.claim(submit().id, "device@slow:1")
    Job.objects.update(lease_until=ago(1))
    actions.reap()
    assert actions.claim(claim.job_id, "device@quick:1")
    return claim


@pytest.mark.parametrize("write", WRITES)
def test_every_write_of_a_lost_claim_is_refused_and_changes_nothing(write, lost):
    before = rows()
    with pytest.raises(actions.LostClaim):
        WRITES[write](lost)
    assert rows() == before


@pytest.mark.parametrize("write", WRITES)
def test_the_same_worker_in_its_next_claim_is_another_holder(write, lost):
    """Its old attempt may go on in a thread: owner and job agree, the fence does not."""
    Job.objects.update(owner=lost.owner)
    with pytest.raises(actions.LostClaim):
        WRITES[write](lost)


@pytest.mark.parametrize("off", [HOURS, -HOURS])
def test_a_workers_own_clock_decides_nothing(off, submit, settings, monkeypatch):
    real, at = time.time, timezone.now
    monkeypatch.setattr(time, "time", lambda: real() + off)
    monkeypatch.setattr(timezone, "now", lambda: at() + datetime.timedelta(seconds=off))
    claim = actions.claim(submit().id, "device@here:1")
    actions.renew(claim)
    soon = {"lease_until__gt": later(settings.JOB_LEASE_SECONDS - 10), "lease_until__lte": later(settings.JOB_LEASE_SECONDS)}
    assert Job.objects.filter(**soon, started_at__gt=ago(60), started_at__lte=ago(0)).exists()
    assert actions.reap() == []
    Job.objects.update(lease_until=ago(1))
    assert actions.reap() == [claim.job_id]


def test_a_claim_that_was_never_renewed_is_reaped(submit, settings):
    settings.JOB_LEASE_SECONDS = -1.0  # its time is over with the claim itself
    claim = actions.claim(submit().id, "device@dead:1")
    assert actions.reap() == [claim.job_id]


def test_workers_that_renew_in_time_after_an_outage_keep_their_jobs(submit):
    claims = [actions.claim(submit().id, f"device@here:{n}") for n in range(3)]
    Job.objects.update(lease_until=ago(600))  # nobody could write for ten leases; the keeper grants one before it reaps
    for claim in claims:
        actions.renew(claim)
    assert actions.reap() == []
