"""Trainers and workers that are killed: the training goes on and ends as if nothing had been."""

from __future__ import annotations

import time

import psutil
import pytest

from tests.faults.house import LEASE_SECONDS, House
from tests.faults.processes import end, is_gone, kill_session, wait_for
from tests.faults.trainings import EPOCHS, MID_EPOCH, ends_as, node_of
from webapp.core.home import CHECKOUT
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults
SLOW = (  # a step takes so long that a training is met at work
    "import os, sys, time",
    "if 'SYNSET_JOB' in os.environ:",
    f"    sys.path.insert(0, {str(CHECKOUT)!r})",
    "    from classifier.spec import faults",
    "    faults.fault = lambda point: time.sleep(0.2) if point == 'step' else None",
)


def test_a_killed_trainer_starts_again_from_its_checkpoint_and_ends_with_the_same_weights(house: House, uninterrupted):
    house.worker(FAULT=MID_EPOCH)
    experiment = house.train(epochs=EPOCHS)
    house.trainer(experiment.job, epochs=2).kill()
    job = ends_as(house, experiment, uninterrupted)
    told = job.events.filter(kind="state").values_list("data__error", flat=True)
    assert job.attempt == 2
    assert (
        "The training process was killed by the system (signal 9), probably out of memory. "
        "It starts again from its last checkpoint (attempt 2 of 3)." in told
    )


def test_when_worker_and_trainer_are_killed_another_worker_goes_on_within_two_leases(house: House, uninterrupted):
    house.keeper()
    workers = {name: house.worker(name=name, FAULT=MID_EPOCH) for name in ("one", "two")}
    experiment = house.train(epochs=EPOCHS)
    house.trainer(experiment.job, epochs=2)
    first = experiment.job.attempts.get()
    killed_at = time.monotonic()
    kill_session(workers[node_of(first)])
    attempts = experiment.job.attempts.exclude(pk=first.pk)
    wait_for(attempts.exists, 2 * LEASE_SECONDS, house.logs)
    assert time.monotonic() - killed_at <= 2 * LEASE_SECONDS
    assert ends_as(house, experiment, uninterrupted).attempt == 2


def test_a_trainer_whose_worker_alone_is_killed_exits_within_five_seconds(house: House):
    worker = house.worker(FAULT=MID_EPOCH)
    trainer = house.trainer(house.train(epochs=EPOCHS).job)
    worker.kill()
    psutil.wait_procs([trainer], timeout=5.0)
    assert is_gone(trainer)


def test_a_worker_that_is_stopped_gives_its_job_back_with_a_checkpoint(house: House, uninterrupted, at_start):
    worker = house.worker(**at_start(*SLOW))
    experiment = house.train(epochs=EPOCHS)
    house.trainer(experiment.job)
    assert end(worker) == 0
    given_back = Job.objects.get(pk=experiment.job_id)
    house.worker(name="another")
    job = ends_as(house, experiment, uninterrupted)
    assert (given_back.state, given_back.attempt, job.attempt) == ("queued", 0, 1)
