"""What a poke does."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import tasks
from worker.slots import Slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def pokes(monkeypatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: sent.append(job_id))
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    return sent


@pytest.fixture
def waiting(team, pokes) -> list[str]:
    """Two trainings in the queue."""
    for number in range(2):
        actions.submit(team=team, user=None, kind="train", title=f"training {number}")
    pokes.clear()
    return list(Job.objects.order_by("queued_at", "id").values_list("id", flat=True))


@pytest.fixture
def offer(monkeypatch):
    """What `slots.take` gives."""

    def make(slot: Slot | None) -> None:
        @contextmanager
        def take(queue):
            yield slot

        monkeypatch.setattr(tasks.slots, "take", take)

    return make


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """Jobs whose attempts were run."""
    ids: list[str] = []
    monkeypatch.setattr(tasks.attempt, "run", lambda claim, environment, claimed_at: ids.append(claim.job_id))
    return ids


def poke(job_id: str) -> None:
    tasks.run_job.run.__func__(SimpleNamespace(request=SimpleNamespace(hostname="device@here")), job_id)


def test_a_poke_runs_the_head_of_the_queue_and_pokes_for_the_next(waiting, offer, ran, pokes):
    offer(Slot("cpu", {}))
    poke(waiting[1])
    assert ran == waiting[:1] and pokes == waiting[1:]


def test_a_poke_that_finds_no_slot_is_not_sent_again_at_once(waiting, offer, ran, pokes):
    offer(None)
    poke(waiting[0])
    assert (ran, pokes) == ([], [])


def test_a_poke_that_another_was_quicker_for_is_not_sent_again_at_once(waiting, offer, ran, pokes, monkeypatch):
    offer(Slot("cpu", {}))
    monkeypatch.setattr(actions, "claim_next", lambda queue, owner: None)
    poke(waiting[0])
    assert (ran, pokes) == ([], [])


def test_a_worker_of_an_older_version_claims_nothing(waiting, offer, ran, pokes):
    offer(Slot("cpu", {}))
    MigrationRecorder(connection).record_applied("jobs", "9999_of_the_future")
    poke(waiting[0])
    assert (ran, pokes, Job.objects.filter(state="queued").count()) == ([], [], 2)


def test_with_a_full_disk_nothing_is_claimed_until_there_is_room(waiting, offer, ran, pokes, settings):
    offer(Slot("cpu", {}))
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    poke(waiting[0])
    assert (ran, pokes, Job.objects.filter(state="queued", attempt=0).count()) == ([], [], 2)
    settings.JOB_LEAST_FREE_BYTES = 1
    poke(waiting[0])
    assert ran == waiting[:1]


def test_a_worker_of_a_newer_version_waits_for_the_migration(waiting, offer, ran):
    offer(Slot("cpu", {}))
    MigrationRecorder(connection).record_unapplied("jobs", "0001_initial")
    poke(waiting[0])
    assert ran == []
    MigrationRecorder(connection).record_applied("jobs", "0001_initial")
    poke(waiting[0])
    assert ran == waiting[:1]
