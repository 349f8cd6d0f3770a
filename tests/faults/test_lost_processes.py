"""Trainers and workers that are killed: the training goes on and ends as if nothing had been."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.training.loop import train
from tests.faults.house import LEASE_SECONDS, QUICK, THREADS, House, end, kill_session, wait_for
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults
EPOCHS = 3  # of 7 steps
MID_EPOCH = "step@16:hang"  # in epoch 3 when it starts from nothing; never in what is left after a resume


def weights(folder: Path) -> dict[str, Any]:
    model, epoch = Run.open(folder).load_model("last")
    assert epoch == EPOCHS
    return dict(model.state_dict())


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def uninterrupted(furnished: House, tmp_path_factory) -> dict[str, Any]:
    """The weights of the same training when nothing disturbs it, here in this process."""
    threads, folder = torch.get_num_threads(), tmp_path_factory.mktemp("undisturbed") / "run"
    torch.set_num_threads(THREADS)
    train(furnished.dataset.folder / "data", folder, TrainConfig.from_mapping({**QUICK, "epochs": EPOCHS}))
    torch.set_num_threads(threads)
    return weights(folder)


def ends_as(house: House, experiment: Experiment, wanted: dict[str, Any]) -> Job:
    job = house.wait_for_state(experiment.job, "succeeded")
    assert equal(weights(experiment.folder), wanted)
    return job


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
    kill_session(workers[first.owner.partition("@")[2].partition(":")[0]])
    attempts = experiment.job.attempts.exclude(pk=first.pk)
    wait_for(attempts.exists, 2 * LEASE_SECONDS, house.logs)
    assert time.monotonic() - killed_at <= 2 * LEASE_SECONDS
    assert ends_as(house, experiment, uninterrupted).attempt == 2


def test_a_trainer_whose_worker_alone_is_killed_exits_within_five_seconds(house: House):
    worker = house.worker(FAULT=MID_EPOCH)
    trainer = house.trainer(house.train(epochs=EPOCHS).job)
    worker.kill()
    psutil.wait_procs([trainer], timeout=5.0)
    assert not trainer.is_running() or trainer.status() == psutil.STATUS_ZOMBIE


def test_a_worker_that_is_stopped_gives_its_job_back_with_a_checkpoint(house: House, uninterrupted):
    worker = house.worker()
    experiment = house.train(epochs=EPOCHS)
    house.trainer(experiment.job)
    assert end(worker) == 0
    given_back = Job.objects.get(pk=experiment.job_id)
    house.worker(name="another")
    job = ends_as(house, experiment, uninterrupted)
    assert (given_back.state, given_back.attempt, job.attempt) == ("queued", 0, 1)
