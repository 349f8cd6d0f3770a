"""A look at what a network learnt from, by a real child: its files in place, nothing else left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classifier.metrics import embedding
from tests.webapp.evaluations.conftest import experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.worker.sealed import run
from webapp.datasets.models import Sample, Split
from webapp.evaluations.models import EmbeddingMap, Evaluation
from webapp.evaluations.space import actions, reading
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now
from worker.handlers.spaces import MapSpace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ask(editor, actor_of, experiment, finish, trained, tmp_path: Path, settings, monkeypatch):  # noqa: F811
    """Asks for the map of the evaluation that a training made of itself."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    shutil.copytree(trained[0], experiment.dataset.folder / "data")
    shutil.copytree(trained[2], experiment.folder)
    finish(experiment, experiment.folder)
    return lambda: actions.start(actor_of(editor), Evaluation.objects.get())


def files(made: EmbeddingMap) -> list[str]:
    return sorted(path.name for path in made.experiment.folder.glob("*map-*"))


def test_the_map_is_there_with_its_files_and_no_other(ask):
    made = ask()
    job = run(made.job_id, "device")
    made.refresh_from_db()
    count = {name: Sample.objects.filter(split=Split[name.upper()]).count() for name in ("train", "validation", "test")}
    assert (job.state, job.error) == ("succeeded", "") and made.images == count
    found = reading.source_of(made.evaluation)
    assert found.map == made and len(found.found.points) == 30 and found.found.learnt == count["train"]
    assert files(made) == sorted([f"{made.files}.log", *(f"{made.files}{ending}" for ending in embedding.PARTS)])


def test_evaluated_images_carry_the_rows_of_their_evaluation(ask):
    made = ask()
    run(made.job_id, "device")
    points, rows = reading.source_of(made.evaluation).found.points, made.evaluation.scored
    mine = points[points["row"] >= 0]
    assert (rows["position"][mine["row"]] == mine["position"]).all() and len(mine) == len(rows)


def test_one_that_is_killed_in_the_middle_is_made_whole_by_the_next_attempt(ask):
    made = ask()
    claim = jobs.claim(made.job_id, "device@here:1")
    attempt.run(claim, {"FAULT": "space_arranged:kill"}, claimed_at=now())
    made.refresh_from_db()
    assert Job.objects.get(pk=made.job_id).state == "queued" and made.files == "" and reading.source_of(made.evaluation).map is None
    assert run(made.job_id, "device").state == "succeeded"
    made.refresh_from_db()
    assert files(made) == sorted([f"{made.files}.log", *(f"{made.files}{ending}" for ending in embedding.PARTS)])


def test_the_map_is_of_the_weights_that_were_measured(ask):
    made = ask()
    claim = jobs.claim(made.job_id, "device@here:1")
    assert "--raw" not in MapSpace(made.job, claim).arguments()
    Evaluation.objects.update(raw=True)
    assert MapSpace(made.job, claim).arguments()[-1] == "--raw"


def test_a_second_map_takes_the_place_of_the_first(ask):
    first = ask()
    run(first.job_id, "device")
    second = ask()
    run(second.job_id, "device")
    second.refresh_from_db()
    assert EmbeddingMap.objects.get() == second and all(name.startswith(second.files) for name in files(second))


def test_an_evaluation_that_went_meanwhile_is_said(ask):
    made = ask()
    EmbeddingMap.objects.all().delete()
    job = run(made.job_id, "device")
    assert job.state == "failed" and "was deleted before" in job.error


def test_a_checkpoint_that_is_gone_is_said_and_nothing_is_left(ask):
    made = ask()
    shutil.rmtree(made.experiment.folder / "checkpoints")
    job = run(made.job_id, "device")
    assert job.state == "failed" and "cannot be read" in job.error and files(made) == []


def test_one_that_was_asked_to_stop_is_cancelled(ask):
    made = ask()
    claim = jobs.claim(made.job_id, "device@here:1")
    jobs.request_cancel(made.job)
    attempt.run(claim, {}, claimed_at=now())
    assert Job.objects.get(pk=made.job_id).state == "cancelled" and files(made) == []


def test_an_evaluations_own_places_come_along_under_its_name(ask, editor, actor_of):
    from webapp.evaluations import actions as evaluations

    made = ask()
    asked = evaluations.request(actor_of(editor), made.experiment, "validation")
    assert run(asked.job_id, "device").state == "succeeded"
    asked.refresh_from_db()
    own = reading.source_of(asked)
    assert asked.id in asked.predictions and own.name == "own" and len(own.found.points) == len(asked.scored) > 0
