"""Workers that stand still and go on later, and workers that claim and are never heard of again."""

from __future__ import annotations

import sys
import time

import pytest

from tests.faults.house import LEASE_SECONDS, House
from tests.faults.processes import freeze, go_on, is_gone, kill_session, wait_for, whole
from tests.faults.trainings import EPOCHS, MID_EPOCH, TWO_DEVICES, ends_as, equal, node_of, weights
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults

CLAIM = """
import os, signal, sys, time
import django; django.setup()
from webapp.jobs import actions
assert actions.claim(sys.argv[2], "host@elsewhere:1")
if sys.argv[1] == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
time.sleep(600)
"""


def test_a_worker_that_stood_still_for_three_leases_writes_nothing_and_serves_again(house: House, uninterrupted):
    house.keeper()
    workers = {name: house.worker(name=name, FAULT=MID_EPOCH, **TWO_DEVICES) for name in ("one", "two")}
    experiment = house.train(epochs=EPOCHS)
    trainer = house.trainer(experiment.job, epochs=2)
    stopped = node_of(experiment.job.attempts.get())
    still, since = freeze(whole(workers.pop(stopped))), time.monotonic()
    job = ends_as(house, experiment, uninterrupted)
    told = job.events.count()
    time.sleep(max(0.0, since + 3 * LEASE_SECONDS - time.monotonic()))
    go_on(still)
    wait_for(lambda: is_gone(trainer), 2 * LEASE_SECONDS, house.logs)

    kill_session(*workers.values())  # so that the next one is its own
    after = house.wait_for_state(house.train(epochs=1).job, "succeeded")
    assert node_of(after.attempts.get()) == stopped
    assert (Job.objects.get(pk=job.pk).last_seq, job.events.count(), job.attempts.count()) == (told, told, 2)
    assert equal(weights(experiment.folder), uninterrupted)


def test_a_claim_whose_heartbeat_never_starts_goes_to_another_worker(house: House):
    house.keeper()
    jobs = {how: house.upload(per_class=8).job for how in ("dies", "sleeps")}
    claimers = [house.start(sys.executable, "-c", CLAIM, how, job.id, log="claimer") for how, job in jobs.items()]
    for job in jobs.values():
        house.wait_for_state(job, "running")
    house.worker("host")
    for job in jobs.values():
        house.wait_for_state(job, "succeeded")
    lost = [job.attempts.order_by("fence").first().outcome for job in jobs.values()]
    assert lost == ["The worker that ran this job stopped answering. It was host@elsewhere:1."] * 2
    assert [job.attempts.count() for job in jobs.values()] == [2, 2]
    assert (claimers[0].wait(10), claimers[1].poll()) == (-9, None)
