"""From a real RUN folder to evaluation, mistakes and report."""

from __future__ import annotations

import csv
import json
import shutil

import pytest

from webapp.datasets.models import Sample
from webapp.evaluations import actions
from webapp.evaluations.mistakes import worst_mistakes
from webapp.evaluations.models import Evaluation
from webapp.jobs import actions as jobs
from webapp.reports.models import Report


@pytest.fixture
def result(trained):
    return json.loads((trained[2] / "result.json").read_text())


@pytest.fixture
def all_wrong(trained, tmp_path):
    """The same RUN with predictions that are all of the next class."""
    run = tmp_path / "run"
    shutil.copytree(trained[2], run)
    with (run / "predictions-test.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (run / "predictions-test.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"predicted": "red" if row["label"] == "blue" else "blue", "loss": index} for index, row in enumerate(rows))
    return run


def test_the_experiment_takes_over_what_ran(experiment, finish, result):
    done = finish(experiment)
    assert done.resolved == result["config"] and done.best_epoch == result["best_epoch"] and done.job.state == "succeeded"


def test_the_test_split_gets_its_evaluation_and_report(experiment, finish, result):
    finish(experiment)
    evaluation = Evaluation.objects.get()
    assert (evaluation.split, evaluation.checkpoint, evaluation.figures) == ("test", "best", result["test"] | {"speed": result["speed"]})
    assert Report.objects.get().title == "First on Colours"


def test_finishing_twice_makes_one_report(experiment, finish, trained):
    from webapp.experiments.actions import finished

    finish(experiment)
    finished(experiment.id, trained[2])
    assert Evaluation.objects.count() == Report.objects.count() == 1


def test_a_result_that_cannot_be_read_leaves_the_job_running(experiment, finish, tmp_path):
    with pytest.raises(FileNotFoundError):
        finish(experiment, tmp_path)
    experiment.job.refresh_from_db()
    assert experiment.job.state == "running" and not Evaluation.objects.exists()


def test_mistakes_come_worst_first_with_the_rows_of_their_images(experiment, finish, all_wrong):
    finish(experiment, all_wrong)
    mistakes = Evaluation.objects.get().mistakes
    sample = Sample.objects.get(path=mistakes[0]["path"])
    assert [m["loss"] for m in mistakes] == sorted((m["loss"] for m in mistakes), reverse=True)
    assert (mistakes[0]["position"], mistakes[0]["image"]) == (sample.position, sample.image)


def test_at_most_so_many_mistakes_are_kept(experiment, all_wrong):
    assert len(worst_mistakes(experiment.version, "test", all_wrong / "predictions-test.csv", most=2)) == 2


def test_an_evaluation_that_was_asked_for_keeps_its_figures(experiment, finish, actor_of, editor, result, trained):
    asked = actions.request(actor_of(editor), finish(experiment), "validation", "last")
    event = {"event": "evaluated", "split": "validation", "checkpoint": "last", "predictions": "p.csv", **result["test"]}
    claim = jobs.claim(asked.job_id, "device@here:1")
    jobs.finish(claim, also=lambda: actions.finished(asked.id, event, trained[2] / "predictions-test.csv"))
    asked.refresh_from_db()
    assert asked.figures == result["test"]
    assert asked.report.title == "First on Colours, last checkpoint, validation"
