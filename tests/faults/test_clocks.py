"""Processes whose own clock is wrong: the database's clock alone decides about leases."""

from __future__ import annotations

import time

import pytest

from tests.faults.house import LEASE_SECONDS, House
from tests.faults.trainings import LONG, TWO_DEVICES
from webapp.jobs import actions
from webapp.jobs.clock import ago, later
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults
HOURS = 2 * 3600
WRONG = (
    "import datetime, os, time",
    "off, real = float(os.environ.get('CLOCK_OFF') or 0), time.time",
    "class Wrong(datetime.datetime):",
    "    now = classmethod(lambda cls, tz=None: cls.fromtimestamp(real() + off, tz))",
    "    utcnow = classmethod(lambda cls: cls.now(datetime.UTC).replace(tzinfo=None))",
    "if off:",
    "    time.time, datetime.datetime = lambda: real() + off, Wrong",
)


def test_two_hours_either_way_change_nothing(house: House, at_start):
    wrong = at_start(*WRONG)
    house.keeper(**wrong, CLOCK_OFF=str(HOURS))
    for name, off in (("ahead", HOURS), ("behind", -HOURS)):
        house.worker(name=name, **wrong, **TWO_DEVICES, CLOCK_OFF=str(off))
    jobs = [house.train(epochs=LONG).job for _ in range(2)]
    for job in jobs:
        house.trainer(job)
    time.sleep(2 * LEASE_SECONDS)
    held = Job.objects.filter(state="running", attempt=1, lease_until__gt=ago(0), lease_until__lte=later(LEASE_SECONDS))
    assert held.filter(pk__in=[job.pk for job in jobs], started_at__gt=ago(600), started_at__lte=ago(0)).count() == 2
    for job in jobs:
        actions.request_cancel(job)
        assert house.wait_for_state(job, "cancelled").attempts.count() == 1
