"""Reaping, dispatching, and what the queue page asks."""

from __future__ import annotations

import pytest

from tests.webapp.jobs.conftest import at_once
from webapp.jobs import actions, queries, services
from webapp.jobs.clock import ago, later
from webapp.jobs.models import Attempt, Job, Node


def lose(job: Job) -> actions.Claim:
    claim = actions.claim(job.id, "device@gone:1")
    Job.objects.filter(pk=job.pk).update(lease_until=ago(1))
    return claim


def test_an_expired_lease_puts_the_job_back(submit):
    job = submit()
    lose(job)
    reaped = actions.reap()
    job.refresh_from_db()
    assert (reaped, job.state, job.owner) == ([job.id], "queued", "")


def test_a_lease_that_holds_is_left_alone(submit):
    actions.claim(submit().id, "w")
    assert actions.reap() == []


def test_a_lease_from_before_the_clock_was_set_back_is_over(submit):
    job = submit()
    actions.claim(job.id, "device@gone:1")
    Job.objects.filter(pk=job.pk).update(lease_until=later(7200))
    assert actions.reap() == [job.id]


def test_who_was_reaped_writes_nothing_more(submit):
    claim = lose(submit())
    actions.reap()
    with pytest.raises(actions.LostClaim):
        actions.finish(claim)


def test_a_job_that_keeps_losing_its_worker_fails_with_a_sentence(submit):
    job = submit()
    for _ in range(3):
        lose(job)
        actions.reap()
    job.refresh_from_db()
    assert (job.state, job.error_code, "tried 3 times" in job.error) == ("failed", "lost", True)


@pytest.mark.django_db(transaction=True)
def test_two_reapers_at_once_have_one_effect(submit):
    job = submit()
    lose(job)
    reaped: list[str] = []

    def work() -> bool:
        reaped.extend(actions.reap())
        return False

    at_once(4, work)
    assert (reaped, Attempt.objects.filter(outcome="").count()) == ([job.id], 0)


def test_dispatch_pokes_the_head_for_a_free_slot(submit, pokes):
    first, _ = submit(), submit()
    Job.objects.update(queued_at=ago(10))
    actions.beat("device@here", "device", "here")
    pokes.clear()
    actions.dispatch()
    assert pokes == [(first.id, "device")]


def test_dispatch_pokes_for_what_was_queued_before_the_clock_was_set_back(submit, pokes):
    job = submit()
    Job.objects.update(queued_at=later(7200))
    actions.beat("device@here", "device", "here")
    assert actions.dispatch() == [job.id]


def test_dispatch_pokes_nobody_while_all_slots_are_taken(submit):
    actions.claim(submit().id, "w")
    submit()
    Job.objects.update(queued_at=ago(10))
    actions.beat("device@here", "device", "here")
    assert actions.dispatch() == []


def test_dispatch_counts_no_slots_of_the_dead(submit):
    submit()
    Job.objects.update(queued_at=ago(10))
    actions.beat("device@here", "device", "here", slots=4)
    Node.objects.update(beat_at=ago(3600))
    assert actions.dispatch() == []


def test_positions_count_from_one_and_only_for_those_who_wait(submit):
    running, second, first = submit(), submit(), submit(priority=1)
    actions.claim(running.id, "w")
    running.refresh_from_db()
    assert [queries.position(job) for job in (first, second, running)] == [1, 2, None]


def test_a_waiting_job_starts_when_the_one_before_it_is_done(submit):
    claim = actions.claim(submit().id, "w")
    actions.record(claim, [], progress=0.5, eta=100.0)
    started = queries.started_about(submit())
    assert 95 < (started - queries.database_time()).total_seconds() <= 100


def test_nobody_guesses_behind_a_job_of_unknown_length(submit):
    actions.claim(submit().id, "w")
    assert queries.started_about(submit()) is None


def test_services_say_who_is_missing(db):
    sentences = {s.name: s.sentence for s in services.services() if not s.ok}
    assert "device and host" in sentences["workers"]
    assert "keeper" in sentences["keeper"]


def test_services_are_well_when_everybody_reports(db):
    for role in ("device", "host", "keeper"):
        actions.beat(f"{role}@here", role, "here")
    assert {s.name for s in services.services() if s.ok} >= {"database", "workers", "keeper"}


def test_who_leaves_is_forgotten_at_once(db):
    actions.beat("device@here", "device", "here")
    actions.leave("device@here")
    assert not queries.nodes().exists()
