"""Every arrow of the machine in Job's docstring, and the refusal of every other."""

from __future__ import annotations

from contextlib import suppress

import pytest

from webapp.jobs import actions
from webapp.jobs.models import Job, State

VERBS = {
    "claim": lambda job, claim: actions.claim(job.id, "device@there:2"),
    "finish": lambda job, claim: actions.finish(claim),
    "fail": lambda job, claim: actions.fail(claim, "No.", "no", retry=False),
    "fail and retry": lambda job, claim: actions.fail(claim, "No.", "no", retry=True),
    "release": lambda job, claim: actions.release(claim),
    "cancelled": lambda job, claim: actions.cancelled(claim),
    "cancel while queued": lambda job, claim: actions.cancel_queued(job.id),
    "pause": lambda job, claim: actions.pause(job),
    "pause and release": lambda job, claim: (actions.pause(job), actions.release(claim)),
    "resume": lambda job, claim: actions.resume(job),
    "record": lambda job, claim: actions.record(claim, [actions.NewEvent("log", {"message": "late"})]),
}
ARROWS = {
    ("queued", "claim"): "running",
    ("queued", "cancel while queued"): "cancelled",
    ("queued", "pause"): "paused",
    ("paused", "resume"): "queued",
    ("paused", "cancel while queued"): "cancelled",
    ("queued", "pause and release"): "paused",
    ("running", "pause and release"): "paused",
    ("running", "finish"): "succeeded",
    ("running", "fail"): "failed",
    ("running", "fail and retry"): "queued",
    ("running", "release"): "queued",
    ("running", "cancelled"): "cancelled",
}
TOLD = [("running", "record"), ("running", "pause")]  # arrows of none, for the state stays
EVERY = [(state, verb) for state in State.values for verb in VERBS]


@pytest.mark.parametrize(("state", "verb"), EVERY)
def test_a_verb_moves_the_job_along_its_arrow_or_not_at_all(state, verb, job_in):
    job, claim = job_in(state)
    with suppress(actions.LostClaim):
        VERBS[verb](job, claim)
    job.refresh_from_db()
    assert job.state == ARROWS.get((state, verb), state)


@pytest.mark.parametrize(("state", "verb"), [arrow for arrow in EVERY if arrow not in ARROWS and arrow not in TOLD])
def test_a_refused_arrow_leaves_no_event(state, verb, job_in):
    job, claim = job_in(state)
    with suppress(actions.LostClaim):
        VERBS[verb](job, claim)
    assert Job.objects.get(pk=job.pk).last_seq == job.last_seq == job.events.count()


@pytest.mark.parametrize("verb", ["finish", "fail", "release", "cancelled", "record"])
def test_who_lost_the_job_is_told_so(verb, job_in):
    job, claim = job_in("running")
    stale = claim._replace(fence=claim.fence - 1)
    with pytest.raises(actions.LostClaim):
        VERBS[verb](job, stale)


@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
def test_only_a_failed_or_cancelled_job_can_be_tried_again(state, job_in):
    with pytest.raises(ValueError, match="can be tried again"):
        actions.retry(job_in(state)[0])


def test_trying_again_makes_a_new_job(job_in):
    job, _ = job_in("failed")
    again = actions.retry(job)
    assert (again.state, again.kind, again.title, again.pk != job.pk) == ("queued", job.kind, job.title, True)
