"""Who waits for whom."""

from __future__ import annotations

import pytest

from tests.faults.house import House
from tests.faults.processes import wait_for
from tests.faults.trainings import LONG, TWO_DEVICES
from webapp.jobs.models import Job, Node

pytestmark = pytest.mark.faults
START_SECONDS = 5.0


def test_a_short_training_behind_a_long_one_starts_at_once_where_a_worker_is_free(house: House):
    house.keeper()
    for name in ("one", "two"):
        house.worker(name=name, FAULT="step@40:hang", **TWO_DEVICES)
    wait_for(lambda: Node.objects.filter(role="device").count() == 2, 60, house.logs)
    long = house.train(epochs=LONG).job
    house.trainer(long)
    short = house.wait_for_state(house.train(epochs=1).job, "succeeded")
    assert (short.started_at - short.queued_at).total_seconds() < START_SECONDS
    assert Job.objects.get(pk=long.pk).state == "running"
