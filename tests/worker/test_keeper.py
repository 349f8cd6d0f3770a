"""The keeper's duties: each by itself, told apart from its beat."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from webapp.jobs import actions
from webapp.jobs.clock import ago
from webapp.jobs.models import Job
from worker import keeper as module
from worker.keeper import Keeper

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(monkeypatch) -> Keeper:
    """One whose grace is over and which leaves files alone."""
    made = Keeper()
    made.grace.fair_at = 0.0
    made.paces = {made.reap: made.paces[made.reap], made.dispatch: made.paces[made.dispatch]}
    return made


@pytest.fixture
def expired(claim) -> actions.Claim:
    Job.objects.filter(pk=claim.job_id).update(lease_until=ago(1))
    return claim


def test_a_round_tells_when_each_duty_went_through(keeper):
    keeper.round()
    assert set(keeper.about()) == {"reaped_at", "dispatched_at", "lost"}


@pytest.mark.parametrize("error", [ProgrammingError("no such column"), RuntimeError("a fault of ours")])
def test_a_duty_that_fails_is_not_told_and_stops_no_other(keeper, monkeypatch, error):
    def fail() -> None:
        raise error

    monkeypatch.setattr(module.connection, "close", lambda: None)  # the test's own, which holds its transaction
    monkeypatch.setattr(module.actions, "reap", fail)
    keeper.round()
    assert set(keeper.about()) == {"dispatched_at", "lost"}


def test_a_duty_that_hangs_leaves_what_was_told_as_it_is(keeper, monkeypatch):
    keeper.round()
    before, hang = keeper.about(), threading.Event()
    monkeypatch.setattr(module.actions, "dispatch", lambda: hang.wait(10) and [])
    keeper.due = dict.fromkeys(keeper.due, 0.0)
    rounds = threading.Thread(target=keeper.carefully, args=(lambda: module.actions.dispatch(),))
    rounds.start()
    assert keeper.about() == before  # what the reporter's thread reads meanwhile
    hang.set()
    rounds.join()


def test_a_dispatcher_that_hangs_holds_no_reaping_up(keeper, monkeypatch):
    reaped, hang = threading.Semaphore(0), threading.Event()
    monkeypatch.setattr(module, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(keeper, "carefully", lambda work: reaped.release() if work == keeper.reap else hang.wait(60))
    keeper.paces = dict.fromkeys(keeper.paces, 0.0)
    rounds = threading.Thread(target=keeper.run)
    rounds.start()
    try:
        assert all(reaped.acquire(timeout=10) for _ in range(3))
    finally:
        keeper.stop.set()
        hang.set()
        rounds.join(60)


def test_attempts_that_it_ended_are_counted(keeper, expired):
    keeper.round()
    assert keeper.about()["lost"] == 1


def test_a_clock_that_is_set_forward_takes_no_job_from_a_worker_that_still_holds_it(keeper, claim, monkeypatch):
    keeper.round()
    keeper.due = dict.fromkeys(keeper.due, 0.0)
    Job.objects.filter(pk=claim.job_id).update(lease_until=ago(7200))  # as it looks two hours later
    monkeypatch.setattr(module, "database_time", lambda: timezone.now() + timedelta(hours=2))
    keeper.round()
    assert Job.objects.get(pk=claim.job_id).state == "running" and keeper.about()["lost"] == 0


def test_while_it_waits_for_the_workers_it_reaps_nothing_and_is_alive(keeper, expired):
    keeper.grace.fair_at = float("inf")
    keeper.round()
    assert "reaped_at" in keeper.about() and Job.objects.get(pk=expired.job_id).state == "running"


def test_a_keeper_of_another_version_touches_nothing(keeper, expired):
    MigrationRecorder(connection).record_applied("jobs", "9999_of_the_future")
    keeper.round()
    assert keeper.about() == {"lost": 0} and Job.objects.get(pk=expired.job_id).state == "running"
