"""Setting a training aside, taking it up again, and letting it finish early."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from webapp.jobs import actions
from webapp.jobs.models import Attempt, Job


@pytest.fixture
def running(job_in):
    return job_in("running")


def states(job: Job) -> list[str]:
    return list(job.events.filter(kind="state").order_by("seq").values_list("data__state", flat=True))


def test_a_running_training_is_asked_and_hears_of_it_at_its_next_look(running):
    job, claim = running
    assert actions.pause(job) == "requested"
    assert actions.look(claim) == actions.renew(claim) == actions.Asked(pause=True)


def test_a_paused_attempt_does_not_count_and_says_so(running):
    job, claim = running
    actions.pause(job)
    actions.release(claim)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.owner, job.pause_requested_at) == ("paused", 0, "", None)
    assert Attempt.objects.get().outcome == "paused"


def test_resumed_it_waits_behind_those_that_wait_and_runs_as_the_same_attempt(running, submit):
    job, claim = running
    actions.pause(job)
    actions.release(claim)
    other = submit()
    for waits, seconds in ((job, 10), (other, 1)):  # the clock counts milliseconds, and the two came in one
        Job.objects.filter(pk=waits.pk).update(queued_at=F("queued_at") - timedelta(seconds=seconds))
    assert actions.resume(job)
    assert [actions.claim_next("device", "w").job_id for _ in range(2)] == [other.id, job.id]
    assert Job.objects.get(pk=job.pk).attempt == 1
    assert states(job) == ["queued", "running", "paused", "queued", "running"]


def test_a_pause_that_is_taken_back_in_time_never_happens(running):
    job, claim = running
    actions.pause(job)
    assert actions.resume(job)
    assert actions.look(claim) == actions.Asked()


def test_a_pause_that_is_taken_back_while_the_work_is_left_puts_the_job_back(running):
    job, claim = running
    actions.pause(job)
    actions.resume(job)
    actions.release(claim)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("queued", 0)


def test_a_cancel_wins_over_a_pause(running):
    job, claim = running
    actions.pause(job)
    actions.request_cancel(job)
    actions.release(claim)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_what_is_being_cancelled_is_not_paused(running):
    job, _ = running
    actions.request_cancel(job)
    assert actions.pause(job) == "refused"


def test_a_worker_that_dies_before_it_could_pause_leaves_a_paused_job(running):
    job, claim = running
    actions.pause(job)
    actions.fail(claim, "The worker stopped.", "lost", retry=True)
    job.refresh_from_db()
    assert (job.state, job.error) == ("paused", "The worker stopped.")


def test_a_worker_that_is_stopped_meanwhile_leaves_a_paused_job(running):
    job, claim = running
    actions.pause(job)
    actions.release(claim)
    assert Job.objects.get(pk=job.pk).state == "paused"


@pytest.mark.parametrize("kind", ["import", "evaluate"])
def test_work_that_would_begin_anew_is_not_paused(kind, submit):
    assert actions.pause(submit(kind)) == "refused"


def test_a_running_training_is_asked_to_finish_once(running):
    job, claim = running
    assert actions.finish_early(job) and actions.finish_early(job)
    assert actions.look(claim) == actions.Asked(finish=True)


def test_what_waits_cannot_finish_early(submit):
    assert not actions.finish_early(submit())
