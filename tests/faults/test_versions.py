"""A worker that an update left behind: the tables are newer than its code."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.faults.house import House, wait_for
from webapp.jobs.models import Node
from webapp.jobs.services import services

pytestmark = pytest.mark.faults
FUTURE = ("jobs", "9999_of_the_future")
REFUSES = "refuses: its version is older than the database's schema; update and restart it."


@pytest.fixture
def newer_tables(house: House):
    """Somebody with a newer Synset migrates the database; afterwards it is as it was."""
    recorder = MigrationRecorder(connection)
    yield lambda: recorder.record_applied(*FUTURE)
    recorder.record_unapplied(*FUTURE)


def test_an_old_worker_under_a_new_schema_refuses_says_so_and_works_again_once_both_agree(house: House, newer_tables):
    house.keeper()
    worker = house.worker()
    wait_for(lambda: Node.objects.filter(role="device", slots=1).exists(), 60, house.logs)
    newer_tables()
    wait_for(lambda: Node.objects.filter(role="device", slots=0).exists(), 30, house.logs)

    job = house.train(epochs=1).job
    wait_for(lambda: f"device@{Node.objects.get(role='device').host} {REFUSES}" in told(), 30, told)
    wait_for(lambda: "The keeper" not in told() and "keeper@" in told(), 30, told)  # it too keeps its hands off the new tables
    wait_for(lambda: f"Job {job.id} is not taken" in house.logs(), 30, house.logs)
    job.refresh_from_db()
    assert (job.state, job.attempts.count(), worker.poll()) == ("queued", 0, None)

    MigrationRecorder(connection).record_unapplied(*FUTURE)
    house.wait_for_state(job, "succeeded")
    assert job.attempts.count() == 1 and "refuses" not in told()


def told() -> str:
    """What readyz and the queue page say of the parts that are not well."""
    return " ".join(service.sentence for service in services() if service.late or not service.ok)
