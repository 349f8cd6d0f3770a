"""Trainings whose own process goes wrong: it hangs, its loader dies, its loss is no number, its disk is full."""

from __future__ import annotations

import pytest

from tests.faults.house import QUICK, House
from tests.faults.processes import wait_for
from tests.faults.trainings import MID_EPOCH, Weights, ends_as, wait_for_end
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job, Node

pytestmark = pytest.mark.faults
SILENT = "20"  # seconds; loading torch takes some of them on a busy machine
STREAMED = {"SYNSET_RESIDENT_MB": "0"}  # images are decoded for each step
DIVERGES = {"epochs": 12, "batch_size": 32, "optimizer": "sgd", "learning_rate": 100.0, "weight_decay": 10.0, "warmup_epochs": 0.0}


def outcomes(job: Job) -> list[str]:
    """How each attempt ended."""
    return list(job.attempts.order_by("fence").values_list("outcome", flat=True))


def test_a_step_that_hangs_is_ended_and_the_training_goes_on_from_its_checkpoint(house: House, uninterrupted: Weights):
    house.worker(FAULT=MID_EPOCH, SYNSET_SILENT_SECONDS=SILENT)
    experiment = house.train(epochs=3)
    job = ends_as(house, experiment, uninterrupted)
    assert outcomes(job)[0].startswith("The training process told nothing for 20 s and was ended")


def test_a_loader_that_dies_is_named_and_the_training_goes_on_from_its_checkpoint(house: House, uninterrupted: Weights):
    house.worker(FAULT="loader@18:raise", **STREAMED)
    experiment = house.train(epochs=3)
    job = ends_as(house, experiment, uninterrupted)
    assert outcomes(job)[0].startswith("A loader of images ended unexpectedly (RuntimeError: fault injected at loader)")


def test_a_full_disk_at_a_checkpoint_is_warned_of_and_loses_nothing(house: House, uninterrupted: Weights):
    house.worker(FAULT="checkpoint_write@2:full")
    job = ends_as(house, house.train(epochs=3), uninterrupted)
    warnings = job.events.filter(kind="log", data__level="warning").values_list("data__message", flat=True)
    assert [text.partition(":")[0] for text in warnings] == ["The disk is full"]


def test_a_loss_that_is_no_number_fails_at_once_with_advice(house: House):
    house.worker()
    job = wait_for_end(house, launched(house, on_nan="stop").job)
    assert (job.state, job.error_code, job.attempts.count()) == ("failed", "nan_loss", 1)
    assert "Lower the learning rate" in job.error


def test_memory_that_gives_out_in_the_check_fails_the_job_in_words(house: House):
    house.worker(FAULT="preflight:memory")
    job = wait_for_end(house, house.train(epochs=1).job)
    assert (job.state, job.error_code, job.attempts.count()) == ("failed", "out_of_memory", 1)
    assert "Out of memory in the check before the training" in job.error and "fits, by what was measured now" in job.error


def test_by_the_policy_to_go_back_it_is_tried_with_half_the_rate_each_time(house: House):
    house.worker()
    job = wait_for_end(house, launched(house, on_nan="go_back").job)
    assert job.attempts.count() == 3
    assert all("with half the rate" in text for text in outcomes(job)[:2])
    assert "The rate was halved 2 times." in job.error


def launched(house: House, on_nan: str) -> Experiment:
    """A training that diverges in its first epoch."""
    return house.train("steep", **{**QUICK, **DIVERGES, "on_nan": on_nan})


def test_a_device_that_is_lost_is_drained_and_another_goes_on(house: House, uninterrupted: Weights):
    house.keeper()
    house.worker(name="broken", FAULT="step@16:lost")
    experiment = house.train(epochs=3)
    house.wait_for_state(experiment.job, "running")
    wait_for(lambda: Node.objects.filter(name="device@broken", slots=0, info__lost_devices=["cpu"]).exists(), 120, house.logs)
    given_back = Job.objects.get(pk=experiment.job_id)
    house.worker(name="sound")
    ends_as(house, experiment, uninterrupted)
    assert given_back.state == "queued" and "The GPU stopped working" in given_back.error
