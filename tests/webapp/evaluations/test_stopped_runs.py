"""A training that stopped early has a network to evaluate, and may go on: never both at the same time."""

from __future__ import annotations

import pytest

from classifier.spec.errors import InputError
from webapp.api.retrying import retried
from webapp.evaluations import actions as evaluations
from webapp.experiments import actions as experiments
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job, Kind


@pytest.fixture
def own(actor_of, editor):
    return actor_of(editor)


@pytest.fixture
def stopped(experiment, settings, tmp_path) -> Experiment:
    """Cancelled after its first epoch, whose checkpoint is kept."""
    settings.SYNSET_HOME = tmp_path
    jobs.cancelled(jobs.claim(experiment.job_id, "device@here:1"))
    Experiment.objects.update(best_epoch=1)
    experiment.folder.mkdir(parents=True)
    (experiment.folder / "manifest.json").write_text('{"checkpoints": []}')
    return Experiment.objects.get()


def again(own, job_id: str) -> None:
    """As the API tries a job again."""
    retried(own, Job.objects.get(pk=job_id))


@pytest.mark.parametrize("by_api", [False, True])
def test_it_does_not_go_on_while_it_is_evaluated(by_api, own, stopped):
    asked = evaluations.request(own, stopped, "validation")
    with pytest.raises(InputError, match="being evaluated; wait for it or cancel it, then try it again"):
        again(own, stopped.job_id) if by_api else experiments.retry(own, stopped)
    jobs.cancel_queued(asked.job_id)
    experiments.retry(own, stopped)
    assert not Experiment.objects.get().job.is_final


def test_it_is_not_evaluated_by_a_page_from_before_it_went_on(own, stopped):
    experiments.retry(own, Experiment.objects.get())
    with pytest.raises(InputError, match="has no trained network yet"):
        evaluations.request(own, stopped, "validation")
    assert not Job.objects.filter(kind=Kind.EVALUATE).exists()


def test_an_evaluation_is_not_tried_again_while_it_goes_on(own, stopped):
    asked = evaluations.request(own, stopped, "validation")
    jobs.cancel_queued(asked.job_id)
    experiments.retry(own, stopped)
    with pytest.raises(InputError, match="has no trained network yet"):
        again(own, asked.job_id)
