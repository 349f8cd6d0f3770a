"""Numbered, stored, then nudged."""

from __future__ import annotations

from itertools import chain

import pytest

from webapp.jobs import actions, queries
from webapp.jobs.actions import NewEvent
from webapp.jobs.models import Job

LOG = NewEvent("log", {"message": "hello"})


@pytest.fixture
def claim(submit):
    return actions.claim(submit().id, "w")


def numbers(claim):
    return list(Job.objects.get(pk=claim.job_id).events.order_by("seq").values_list("seq", flat=True))


def test_events_are_numbered_from_one_without_gaps(claim):
    actions.record(claim, [LOG, LOG])
    actions.record(claim, [LOG])
    actions.finish(claim)
    assert numbers(claim) == [1, 2, 3, 4, 5, 6]


def test_a_failed_write_uses_up_no_number(claim):
    with pytest.raises(ZeroDivisionError):
        actions.record(claim, [LOG], also=lambda: 1 / 0)
    assert actions.record(claim, [LOG]) == 3


def test_a_batch_sent_again_is_stored_once(claim):
    last = actions.record(claim, [LOG, LOG], after=2)
    assert (actions.record(claim, [LOG, LOG], after=2), last, numbers(claim)) == (4, 4, [1, 2, 3, 4])


def test_progress_and_stage_come_with_the_events(claim):
    actions.record(claim, [LOG], progress=0.5, eta=12.0, stage="epoch 1 of 2")
    job = Job.objects.get(pk=claim.job_id)
    assert (job.progress, job.eta_seconds, job.stage) == (0.5, 12.0, "epoch 1 of 2")


def test_the_last_event_of_an_ended_job_is_its_final_state(claim):
    actions.finish(claim)
    event = Job.objects.get(pk=claim.job_id).events.last()
    assert (event.kind, event.data["state"], event.data["progress"]) == ("state", "succeeded", 1.0)


@pytest.mark.django_db(transaction=True)
def test_a_nudge_follows_the_commit(claim, monkeypatch):
    stored = []
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: stored.append((seq, numbers(claim)[-1])))
    actions.record(claim, [LOG])
    assert stored == [(3, 3)]


def test_long_lines_come_in_smaller_pages_without_a_gap(claim, monkeypatch):
    monkeypatch.setattr(queries, "SLICE", 2)
    monkeypatch.setattr(queries, "PAGE_CHARACTERS", 5_000)
    actions.record(claim, [NewEvent("log", {"message": "x" * 4_000}) for _ in range(7)])
    job, seen, since = Job.objects.get(pk=claim.job_id), [], 0
    while since is not None:
        events, since = queries.events_since(job, since)
        seen.append([event.seq for event in events])
    assert max(map(len, seen)) <= 4 and list(chain(*seen)) == list(range(1, job.last_seq + 1))


def test_events_since_is_exclusive_and_pages(claim):
    actions.record(claim, [LOG] * 3)
    job = Job.objects.get(pk=claim.job_id)
    first = queries.events_since(job, 1, limit=2)
    rest = queries.events_since(job, first.next, limit=2)
    assert ([e.seq for e in first.events], first.next, [e.seq for e in rest.events], rest.next) == ([2, 3], 3, [4, 5], None)
