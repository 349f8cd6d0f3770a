"""Claims, fences and leases."""

from __future__ import annotations

import threading

import pytest
from django.db.models.functions import Now

from tests.webapp.jobs.conftest import at_once
from webapp.jobs import actions
from webapp.jobs.clock import ago, later
from webapp.jobs.models import Job


def test_a_claim_raises_the_fence_and_counts_the_attempt(submit):
    job = submit()
    claim = actions.claim(job.id, "device@here:1")
    assert claim == actions.Claim(job.id, "device@here:1", 1, 1, "train")


def test_a_running_job_cannot_be_claimed(submit):
    job = submit()
    actions.claim(job.id, "device@here:1")
    assert actions.claim(job.id, "device@there:2") is None


def test_an_unknown_job_cannot_be_claimed(db):
    assert actions.claim("0" * 20, "device@here:1") is None


def test_the_head_is_the_highest_priority_then_the_oldest(submit):
    second, third, first = submit(), submit(), submit(priority=5)
    assert [actions.claim_next("device", "w").job_id for _ in range(3)] == [first.id, second.id, third.id]


def test_a_queue_gives_no_job_of_another(submit):
    submit("import")
    assert actions.claim_next("device", "w") is None


@pytest.mark.django_db(transaction=True)
def test_many_claimers_get_each_job_once(submit):
    jobs = {submit().id for _ in range(4)}
    taken: list[str] = []

    def work() -> bool:
        claim = actions.claim_next("device", threading.current_thread().name)
        taken.extend([claim.job_id] if claim else [])
        return claim is not None

    at_once(6, work)
    assert sorted(taken) == sorted(jobs)


def test_a_lease_lies_in_the_databases_future(submit, settings):
    job = submit()
    actions.claim(job.id, "w")
    lasts = settings.JOB_LEASE_SECONDS
    assert Job.objects.filter(pk=job.pk, lease_until__gt=later(lasts - 5), lease_until__lte=later(lasts)).exists()


def test_renewing_extends_the_lease(submit):
    claim = actions.claim(submit().id, "w")
    Job.objects.update(lease_until=ago(1))
    actions.renew(claim)
    assert Job.objects.filter(lease_until__gt=Now()).exists()


def test_renewing_tells_of_a_cancel(submit):
    job = submit()
    claim = actions.claim(job.id, "w")
    before = actions.renew(claim)
    actions.request_cancel(job)
    assert (before, actions.renew(claim)) == (actions.Asked(), actions.Asked(cancel=True))


def test_a_stale_fence_cannot_renew_or_look(submit):
    claim = actions.claim(submit().id, "w")
    for verb in (actions.renew, actions.look):
        with pytest.raises(actions.LostClaim):
            verb(claim._replace(fence=7))
