"""Redis and the keeper away for ten leases, while trainings run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.faults.house import House
from tests.faults.processes import kill_session, wait_for
from tests.faults.trainings import LONG, TWO_DEVICES, epochs_of, told_once
from webapp.experiments.models import Experiment
from webapp.jobs import actions
from webapp.jobs.models import Job, Node

pytestmark = pytest.mark.faults
LEASE = 3.0
SHORT_LEASE = {"SYNSET_LEASE_SECONDS": str(LEASE)}


class Outage(NamedTuple):
    """Two trainings over which everything but their workers and the database was away for ten leases."""

    steady: Experiment
    hanging: Experiment
    before: int  # epochs of the steady one when it began
    after: int  # and when it ended


@pytest.fixture(scope="module")
def outage(furnished: House) -> Iterator[Outage]:
    house = furnished
    keeper = house.keeper(**SHORT_LEASE)
    house.worker(name="one", FAULT="step@9:hang", **TWO_DEVICES, **SHORT_LEASE)
    hanging = house.train(epochs=LONG)
    house.trainer(hanging.job)
    house.worker(name="two", **TWO_DEVICES, **SHORT_LEASE)
    steady = house.train(epochs=LONG)
    house.trainer(steady.job)
    kill_session(keeper, house.redis)
    before = len(epochs_of(steady))
    time.sleep(10 * LEASE)
    after = len(epochs_of(steady))
    house.redis = house.start_redis()
    house.keeper(**SHORT_LEASE)
    wait_for(Node.objects.filter(role="keeper").exists, 60, house.logs)
    time.sleep(2 * LEASE)  # the keeper grants one before it reaps
    yield Outage(steady, hanging, before, after)
    house.clear()


def test_a_training_goes_on_without_redis_and_nothing_of_it_is_missing(outage: Outage, furnished: House):
    assert outage.after > outage.before
    actions.request_cancel(outage.steady.job)
    furnished.wait_for_state(outage.steady.job, "cancelled")
    told_once(outage.steady)


def test_after_ten_leases_without_keeper_and_redis_no_job_is_reaped(outage: Outage):
    jobs = [Job.objects.get(pk=each.job_id) for each in (outage.hanging, outage.steady)]
    assert [job.attempts.count() for job in jobs] == [1, 1]
    assert jobs[0].state == "running"
