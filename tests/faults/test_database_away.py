"""A database that is locked, restarted, or out of reach of one worker."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.faults.databases import Postgres, postgres
from tests.faults.house import LEASE_SECONDS, House
from tests.faults.lines import Line
from tests.faults.processes import is_gone, wait_for
from tests.faults.trainings import EPOCHS, LONG, MID_EPOCH, TWO_DEVICES, ends_as, epochs_of, node_of, told_once
from webapp.jobs import actions
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults


@contextmanager
def locked(house: House, seconds: float) -> Iterator[None]:
    """Nobody writes to the house's SQLite for so long."""
    with closing(sqlite3.connect(house.database.removeprefix("sqlite:///"), timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
        yield


def test_while_the_database_is_locked_within_a_lease_a_training_goes_on_and_tells_all_of_it_later(house: House):
    patient = {"SYNSET_LEASE_SECONDS": "20"}
    house.keeper(**patient)
    house.worker(**patient)
    experiment = house.train(epochs=LONG)
    house.trainer(experiment.job)
    with locked(house, seconds=6.0):
        before = len(epochs_of(experiment))
    wait_for(lambda: len(epochs_of(experiment)) > before, 60, house.logs)
    actions.request_cancel(experiment.job)
    job = house.wait_for_state(experiment.job, "cancelled")
    told_once(experiment)
    assert job.attempts.count() == 1


def test_when_the_database_is_locked_for_longer_than_a_lease_the_training_starts_again_and_ends_with_the_same_weights(
    house: House, uninterrupted
):
    house.keeper()
    house.worker(FAULT=MID_EPOCH)
    experiment = house.train(epochs=EPOCHS)
    trainer = house.trainer(experiment.job, epochs=2)
    with locked(house, seconds=2 * LEASE_SECONDS):
        assert is_gone(trainer)
    assert ends_as(house, experiment, uninterrupted).attempts.count() == 2


@pytest.fixture(scope="module")
def server(uninterrupted: Any) -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def estate(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house on PostgreSQL."""
    with House(tmp_path_factory.mktemp("estate"), server.address).opened() as house:
        house.furnish()
        yield house


@pytest.fixture
def far(estate: House) -> Iterator[House]:
    yield estate
    estate.clear()


def test_when_postgresql_is_restarted_mid_epoch_the_training_goes_on_and_no_figure_is_lost_or_doubled(far: House, server: Postgres):
    patient = {"SYNSET_LEASE_SECONDS": "20"}
    far.keeper(**patient)
    far.worker(**patient)
    experiment = far.train(epochs=LONG)
    far.trainer(experiment.job)
    server.restart()
    wait_for(lambda: answers(experiment), 30, far.logs)
    before = len(epochs_of(experiment))
    wait_for(lambda: len(epochs_of(experiment)) > before + 2, 60, far.logs)
    actions.request_cancel(experiment.job)
    job = far.wait_for_state(experiment.job, "cancelled")
    told_once(experiment)
    assert job.attempts.count() == 1


def answers(experiment: Any) -> bool:
    """Whether this process has a connection again."""
    from django.db import DatabaseError, connection

    try:
        epochs_of(experiment)
    except DatabaseError:
        connection.close()
        return False
    return True


@pytest.mark.parametrize("how", ["cut", "go_silent"])
def test_a_worker_that_the_database_is_out_of_reach_for_ends_its_trainer_before_another_has_the_job(
    how: str, far: House, server: Postgres, uninterrupted
):
    far.keeper()
    with Line(server.socket) as line:
        far.worker(name="far", FAULT=MID_EPOCH, **TWO_DEVICES, DATABASE_URL=server.over(line))
        experiment = far.train(epochs=EPOCHS)
        trainer = far.trainer(experiment.job, epochs=2)
        getattr(line, how)()
        far.worker(name="near", **TWO_DEVICES)
        wait_for(lambda: is_gone(trainer), 2 * LEASE_SECONDS, far.logs)
        assert experiment.job.attempts.count() == 1
        job = ends_as(far, experiment, uninterrupted)
        told = job.last_seq
        line.mend()
        time.sleep(LEASE_SECONDS)
    assert [node_of(attempt) for attempt in job.attempts.order_by("fence")] == ["far", "near"]
    assert Job.objects.get(pk=job.pk).last_seq == job.events.count() == told
