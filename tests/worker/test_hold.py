"""Holding a claim: renewed while it can be, given up before the lease ends when it cannot."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError

from tests.webapp.together import until_unlocked
from webapp.jobs import actions
from webapp.jobs.clock import ago
from webapp.jobs.models import Job
from worker.claim import Hold, now
from worker.keeper import Grace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lost() -> threading.Event:
    return threading.Event()


@pytest.fixture(autouse=True)
def short(settings):
    settings.JOB_LEASE_SECONDS, settings.JOB_BEAT_SECONDS = 2.0, 0.1


@pytest.fixture
def long(settings):
    """A lease whose last tenth, in which the work has been given up, is long beside what a busy machine makes a thread wait."""
    settings.JOB_LEASE_SECONDS = 20.0


def wait_until(there, seconds=10.0) -> bool:
    turn = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if there():
            return True
        turn.wait(0.05)
    return False


def held(claim, lost, seconds_ago: float = 0.0) -> Hold:
    """A claim made so long ago."""
    return Hold(claim, lost.set, claimed_at=now() - seconds_ago)


def test_a_lease_that_ran_out_before_the_work_began_is_given_up_at_once(claim, lost, monkeypatch):
    monkeypatch.setattr(actions, "renew", lambda claim: threading.Event().wait(20))
    with held(claim, lost, seconds_ago=3.0):
        assert lost.wait(1.0)


def test_it_renews_the_lease(claim, lost):
    Job.objects.update(lease_until=ago(5))
    with held(claim, lost):
        assert wait_until(lambda: Job.objects.filter(lease_until__gt=ago(0)).exists())


def test_it_hears_a_cancel(claim, lost):
    with held(claim, lost) as hold:
        until_unlocked(lambda: actions.request_cancel(Job.objects.get()))  # SQLite's memory refuses where a file would wait
        assert wait_until(lambda: hold.asked.cancel)


def test_it_learns_that_another_has_the_job(claim, lost):
    with held(claim, lost) as hold:
        Job.objects.update(fence=7)
        assert lost.wait(10)
        assert hold.lost


def test_without_the_database_it_gives_up_before_the_lease_ends(claim, lost, long, monkeypatch):
    def away(claim):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(actions, "renew", away)
    monkeypatch.setattr(actions, "look", away)
    with held(claim, lost, seconds_ago=17.0):
        assert lost.wait(3.0)


def test_a_database_that_hangs_does_not_hold_up_the_watch(claim, lost, long, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(actions, "renew", lambda claim: released.wait(20))
    with held(claim, lost, seconds_ago=17.0):
        assert lost.wait(3.0)
        released.set()


class TestGrace:
    @pytest.fixture
    def clock(self, monkeypatch):
        times = [1000.0]
        monkeypatch.setattr("worker.keeper.now", lambda: times[0])
        return times

    def test_nothing_is_reaped_for_a_lease_after_the_start(self, clock):
        grace = Grace(lease=60, gap=30)
        clock[0] += 20
        assert not grace.is_over()

    def test_then_reaping_is_fair(self, clock):
        grace = Grace(lease=60, gap=30)
        seen = []
        for _ in range(4):
            clock[0] += 20
            seen.append(grace.is_over())
        assert seen == [False, False, True, True]

    def test_a_gap_of_its_own_begins_the_grace_anew(self, clock):
        grace = Grace(lease=60, gap=30)
        for _ in range(4):
            clock[0] += 20
            grace.is_over()
        clock[0] += 600
        assert not grace.is_over()

    @pytest.mark.parametrize("jump", [7200, -7200])
    def test_a_database_clock_that_is_set_begins_the_grace_anew(self, clock, jump):
        grace, shown = Grace(lease=60, gap=30), 50_000.0
        for _ in range(4):
            clock[0], shown = clock[0] + 20, shown + 20
            grace.compare(shown)
            grace.is_over()
        clock[0] += 20
        grace.compare(shown + 20 + jump)
        assert not grace.is_over()

    def test_a_database_clock_that_runs_a_little_off_does_not(self, clock):
        grace, shown = Grace(lease=60, gap=30), 50_000.0
        for _ in range(8):
            clock[0], shown = clock[0] + 20, shown + 21
            grace.compare(shown)
            over = grace.is_over()
        assert over
