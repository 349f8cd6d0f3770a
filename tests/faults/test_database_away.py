"""A database that is locked, restarted, or out of reach of one worker."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

import psycopg
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.faults.databases import Postgres, postgres
from tests.faults.house import LEASE_SECONDS, House
from tests.faults.lines import Line
from tests.faults.processes import is_gone, wait_for
from tests.faults.trainings import EPOCHS, LONG, MID_EPOCH, TWO_DEVICES, ends_as, epochs_of, node_of, told_once
from webapp.accounts.actions import create_token
from webapp.accounts.models import Session, Token
from webapp.jobs import actions
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults


@contextmanager
def lock(house: House) -> Iterator[None]:
    """Nobody writes to the house's SQLite meanwhile."""
    with closing(sqlite3.connect(house.database.removeprefix("sqlite:///"), timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def locked(house: House, seconds: float) -> Iterator[None]:
    """Nobody could write to the house's SQLite for so long."""
    with lock(house):
        time.sleep(seconds)
    yield


def reads_at_once(house: House, lock: Callable[[House], AbstractContextManager[None]]) -> None:
    """By token and by session, though their use is to be written down and another holds the lock for that; it is at the next time."""
    _, port = house.web()
    browser = Client()
    browser.force_login(house.actor.user)
    Session.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    token = create_token(house.actor.user, "read", 1)
    by_token = Request(f"http://127.0.0.1:{port}/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    by_session = Request(f"http://127.0.0.1:{port}/queue/jobs/{house.dataset.job_id}/events/", headers={"Cookie": cookie})
    with lock(house):
        for request in (by_token, by_session):
            with urlopen(request, timeout=5) as answer:
                assert answer.status == 200
    made = Token.objects.order_by("-pk")
    assert made[0].last_used_at is None
    with urlopen(by_token, timeout=30):
        assert made[0].last_used_at


def test_a_read_by_token_or_session_is_answered_at_once_while_the_database_is_locked(house: House):
    reads_at_once(house, lock)


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


@contextmanager
def tables_lock(house: House) -> Iterator[None]:
    """Nobody writes to tokens and sessions meanwhile."""
    tables = ", ".join(model._meta.db_table for model in (Token, Session))
    with psycopg.connect(house.database) as other:
        other.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
        yield


def test_so_is_one_on_postgresql_whose_rows_somebody_holds(far: House):
    reads_at_once(far, tables_lock)


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
