"""A cancel at every moment of a job."""

from __future__ import annotations

import time

import pytest

from tests.faults.house import House
from tests.faults.processes import children_of, kill_session, wait_for
from tests.faults.trainings import LONG
from webapp.experiments.models import Experiment
from webapp.jobs import actions
from webapp.jobs.models import FINAL, Job

pytestmark = pytest.mark.faults


def states(job: Job) -> list[str]:
    """What watchers were told."""
    return list(job.events.filter(kind="state").order_by("seq").values_list("data__state", flat=True))


@pytest.fixture
def running(house: House) -> Experiment:
    """A training that has ended its first epoch."""
    house.worker()
    experiment = house.train(epochs=LONG)
    house.trainer(experiment.job)
    return experiment


def test_while_it_waits_it_never_starts(house: House):
    cancelled, next_one = house.upload(per_class=8).job, house.upload(per_class=8).job
    answer = actions.request_cancel(cancelled)
    house.worker("host")
    house.wait_for_state(next_one, "succeeded")
    assert (answer, states(cancelled), cancelled.attempts.count()) == ("cancelled", ["queued", "cancelled"], 0)


def test_while_it_starts_no_later_state_is_running(house: House):
    house.worker()
    job = house.train(epochs=LONG).job
    house.wait_for_state(job, "running")
    actions.request_cancel(job)
    house.wait_for_state(job, "cancelled")
    assert states(job) == ["queued", "running", "cancelled"]


def test_while_it_runs_it_stops_soon_and_keeps_its_checkpoint(house: House, running: Experiment):
    asked_at = time.monotonic()
    answers = [actions.request_cancel(running.job) for _ in range(2)]
    house.wait_for_state(running.job, "cancelled")
    took = time.monotonic() - asked_at
    assert answers == ["requested", "requested"]
    assert took < 10  # two beats are 2 s here; the rest is for a busy machine
    assert list((running.folder / "checkpoints").iterdir())
    assert not children_of(running.job)


def test_after_the_end_there_is_nothing_to_cancel(house: House):
    assert actions.request_cancel(Job.objects.get(pk=house.dataset.job_id)) == "ended"


def test_at_the_last_step_there_is_one_end(house: House):
    house.worker()
    job = house.train(epochs=1).job
    house.trainer(job)
    actions.request_cancel(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).state in FINAL, 60, house.logs)
    assert sum(state in FINAL for state in states(job)) == 1


def test_a_cancel_whose_worker_dies_is_carried_out_by_the_keeper(house: House):
    worker = house.worker(FAULT="step@2:hang")
    house.keeper()
    job = house.train(epochs=LONG).job
    house.wait_for_state(job, "running")
    kill_session(worker)
    actions.request_cancel(job)
    house.wait_for_state(job, "cancelled")
    assert job.attempts.get().outcome == "cancelled"
