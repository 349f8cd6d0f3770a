"""Probes and learning curves by a real child: what they find in a row, nothing left on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifier.metrics import excited
from tests.webapp.evaluations.conftest import source, trained  # noqa: F401 (fixtures)
from tests.worker.sealed import run
from webapp.accounts.actor import Actor
from webapp.datasets.models import Dataset
from webapp.datasets.sealing import sealed
from webapp.evaluations.models import Evaluation
from webapp.evaluations.studies import actions as studies
from webapp.evaluations.study_models import Study
from webapp.experiments.actions import finished
from webapp.experiments.models import Experiment
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now
from worker.handlers import work_for
from worker.handlers.studies import Investigate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor(owner: Any, actor_of: Callable[[Any], Actor]) -> Actor:
    return actor_of(owner)


@pytest.fixture
def evaluation(actor: Actor, trained: Any, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Evaluation:  # noqa: F811
    """Of a real run of three colours."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    job = actions.submit(team=actor.team, user=actor.user, kind="import", title="Colours")
    dataset = Dataset.objects.create(team=actor.team, created_by=actor.user, name="Colours", job=job, archive_name="colours.zip")
    shutil.copytree(trained[0], dataset.folder / "data")
    actions.finish(actions.claim(job.id, "host@here:1"), also=lambda: sealed(dataset.id, dataset.folder / "data"))
    job = actions.submit(team=actor.team, user=actor.user, kind="train", title="First")
    made = {"team": actor.team, "created_by": actor.user, "dataset": dataset, "version": dataset.versions.get()}
    experiment = Experiment.objects.create(name="First", config={}, job=job, **made)
    shutil.copytree(trained[2], experiment.folder)
    actions.finish(actions.claim(job.id, "device@here:1"), also=lambda: finished(experiment.id, experiment.folder))
    return Evaluation.objects.get()


def test_probes_end_with_what_they_found_and_leave_no_file(actor: Actor, evaluation: Evaluation) -> None:
    before = sorted(evaluation.experiment.folder.rglob("*"))
    made = studies.probe(actor, evaluation)
    job = run(made.job_id, "device")
    made.refresh_from_db()
    assert (job.state, job.error) == ("succeeded", "") and made.result["n"] == evaluation.result["n"]
    assert made.result["right"] / made.result["n"] == pytest.approx(evaluation.result["top1"])
    assert sorted(evaluation.experiment.folder.rglob("*")) == before


def test_weights_that_were_measured_without_their_average_are_probed_so(actor: Actor, evaluation: Evaluation) -> None:
    made = studies.probe(actor, evaluation)
    claim = actions.claim(made.job_id, "device@here:1")
    assert "--raw" not in Investigate(made.job, claim).arguments()
    Evaluation.objects.update(raw=True)
    assert Investigate(made.job, claim).arguments()[-1] == "--raw"


def test_learning_curves_end_with_every_class(actor: Actor, evaluation: Evaluation) -> None:
    made = studies.grow(actor, evaluation.experiment)
    job = run(made.job_id, "device")
    made.refresh_from_db()
    assert (job.state, job.error) == ("succeeded", "")
    assert [row["label"] for row in made.result["classes"]] == evaluation.classes


def test_one_that_fails_says_why_without_the_servers_own_folder(actor: Actor, evaluation: Evaluation, settings: Any) -> None:
    made = studies.probe(actor, evaluation)
    shutil.rmtree(evaluation.experiment.folder)
    job = run(made.job_id, "device")
    assert job.state == "failed" and "is no run" in job.error and str(settings.SYNSET_HOME) not in job.error


def test_one_whose_experiment_went_meanwhile_says_so(actor: Actor, evaluation: Evaluation) -> None:
    made = studies.grow(actor, evaluation.experiment)
    Study.everything.all().delete()
    job = run(made.job_id, "device")
    assert job.state == "failed" and "was deleted before it began" in job.error


def test_one_that_is_asked_to_stop_is_cancelled(actor: Actor, evaluation: Evaluation) -> None:
    made = studies.grow(actor, evaluation.experiment)
    claim = actions.claim(made.job_id, "device@here:1")
    actions.request_cancel(made.job)
    attempt.run(claim, {}, claimed_at=now())
    made.refresh_from_db()
    assert Job.objects.get(pk=made.job_id).state == "cancelled" and made.result is None


def test_a_look_at_filters_leaves_its_files_and_takes_the_place_of_an_earlier_one(actor: Actor, evaluation: Evaluation) -> None:
    folder = evaluation.experiment.folder
    before = set(folder.rglob("*"))
    first = studies.look_at_filters(actor, evaluation.experiment)
    assert run(first.job_id, "device").state == "succeeded"
    second = studies.look_at_filters(actor, evaluation.experiment)
    assert run(second.job_id, "device").state == "succeeded"
    assert list(Study.objects.all()) == [second]
    second.refresh_from_db()
    found = excited.read(second.stem)
    assert found is not None and found.about["images"] == second.result["images"] > 0 and "file" not in second.result
    assert set(folder.rglob("*")) - before == {excited.part(second.stem, ending) for ending in excited.PARTS}


def test_weights_without_their_average_are_looked_at_so(actor: Actor, evaluation: Evaluation) -> None:
    made = studies.look_at_filters(actor, evaluation.experiment, "last", raw=True)
    claim = actions.claim(made.job_id, "device@here:1")
    words = work_for(made.job, claim).arguments()
    assert words[-3:] == ["--checkpoint", "last", "--raw"]


def test_a_look_at_filters_that_fails_leaves_nothing(actor: Actor, evaluation: Evaluation) -> None:
    made = studies.look_at_filters(actor, evaluation.experiment, raw=True)  # of a training without an average
    before = set(evaluation.experiment.folder.rglob("*"))
    job = run(made.job_id, "device")
    assert job.state == "failed" and "keeps no average of its weights" in job.error
    assert set(evaluation.experiment.folder.rglob("*")) == before


def test_what_a_killed_attempt_left_goes_before_the_next(actor: Actor, evaluation: Evaluation) -> None:
    made = studies.look_at_filters(actor, evaluation.experiment)
    left = evaluation.experiment.folder / f"filters-{made.pk}-0.filters.npy"
    left.write_bytes(b"half")
    assert run(made.job_id, "device").state == "succeeded" and not left.exists()
