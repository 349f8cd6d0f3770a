"""A training that stopped early has a network to evaluate, and may go on: never both at the same time."""

from __future__ import annotations

import json
import shutil

import pytest

from classifier.metrics import curves_path, read_curves, read_scored, scored_path
from classifier.spec.errors import InputError
from webapp.api.retrying import retried
from webapp.evaluations import actions as evaluations
from webapp.evaluations.models import Evaluation
from webapp.experiments import actions as experiments
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job, Kind
from worker.handlers.evaluates import Evaluate


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


def test_its_predictions_stay_those_of_its_evaluation_when_it_goes_on_and_writes_its_own(own, stopped, trained):
    measured = stopped.folder / "predictions-test.csv"
    for name in (measured.name, scored_path(measured).name, curves_path(measured).name):
        shutil.copy(trained[2] / name, stopped.folder / name)
    asked = evaluations.request(own, stopped, "test")
    claim = jobs.claim(asked.job_id, "device@here:1")
    work, last = Evaluate(asked.job, claim), json.loads((trained[2] / "result.json").read_text())["test"] | {"predictions": measured.name}
    work.before_end(last)
    jobs.finish(claim, also=lambda: work.end(last))
    for file in (measured, scored_path(measured), curves_path(measured)):
        (stopped.folder / "new").write_text("of later weights")
        (stopped.folder / "new").replace(file)
    evaluation = Evaluation.objects.get(pk=asked.pk)
    kept = evaluation.predictions_file
    assert kept.read_bytes() == (trained[2] / measured.name).read_bytes() and kept.name.startswith("predictions-test-")
    assert (evaluation.scored == read_scored(scored_path(trained[2] / measured.name))).all()
    assert (evaluation.curves("said")["said"] == read_curves(curves_path(trained[2] / measured.name), "said")["said"]).all()
