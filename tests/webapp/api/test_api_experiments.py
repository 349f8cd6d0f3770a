"""Experiments: launched, followed, read, deleted."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import TEST
from tests.webapp.experiments.kit import keeps
from webapp.datasets.models import DatasetVersion
from webapp.experiments import actions
from webapp.experiments.models import Experiment, MetricPoint


def launch(call, ours, config=None, **more):
    return call("POST", "/experiments", {"dataset": ours.dataset.id, "name": "second", "config": config or {}, **more})


def test_a_launch_answers_202_with_the_experiment_and_its_job(call, things):
    answer = launch(call, things(), {"model": "small_cnn", "epochs": 6})
    experiment = Experiment.objects.get(id=answer.body["id"])
    assert answer.status == 202 and answer.body == {"id": experiment.id, "job": experiment.job_id}


def test_a_launch_tells_the_workers(call, things, pokes, django_capture_on_commit_callbacks):
    ours = things()
    with django_capture_on_commit_callbacks(execute=True):
        made = launch(call, ours).body
    assert made["job"] in dict(pokes)


def test_every_wrong_field_of_a_configuration_is_named_at_once(call, things):
    answer = launch(call, things(), {"model": "small_cnn", "learning_rate": -1, "epochs": "many"})
    assert answer.status == 422 and set(answer.error["fields"]) == {"learning_rate", "epochs"}


@pytest.mark.parametrize(
    ("field", "text"),
    [("learning_rate", "NaN"), ("learning_rate", "Infinity"), ("learning_rate", "1" + "0" * 400), ("epochs", "1e9"), ("batch_size", "0"),
     ("batch_size", "1000000"), ("model", '"resnet999"'), ("weights", '"/etc/passwd"'), ("augment", '{"wild": 1}'), ("seed", "true"),
     ("epochs", "1" + "0" * 400), ("weights", '"\\u0000"'), ("model", "[]"), ("colour", '"blue"')],
)  # fmt: skip
def test_nonsense_in_a_configuration_is_named_and_makes_nothing(field, text, call, things):
    ours = things()
    answer = call("POST", "/experiments", f'{{"dataset": "{ours.dataset.id}", "name": "x", "config": {{"{field}": {text}}}}}')
    assert answer.status == 422 and field in answer.error["fields"] and Experiment.objects.count() == 1


def test_an_epoch_of_a_run_that_is_not_kept_is_refused_with_those_that_are(call, things, settings, tmp_path):
    settings.SYNSET_HOME = tmp_path
    ours = things()
    ours.end()
    keeps(ours.experiment, 4, 6)
    answer = launch(call, ours, {"model": "small_cnn", "weights": f"run:{ours.experiment.id}@5"})
    assert answer.status == 422 and Experiment.objects.count() == 1
    assert answer.error["fields"]["weights"].startswith("names epoch 5 of the run, which is not kept; 2 epochs are kept: 4, 6.")


def test_a_launch_takes_the_newest_version_unless_one_is_named(call, things):
    ours = things()
    DatasetVersion.objects.create(dataset=ours.dataset, number=2, fingerprint="e" * 64, images=20, classes=ours.version.classes)
    assert call("GET", f"/experiments/{launch(call, ours).body['id']}").body["version"] == 2


@pytest.mark.parametrize("name", [1, "1", "f" * 64])
def test_a_version_is_named_by_number_or_fingerprint(name, call, things):
    ours = things()
    DatasetVersion.objects.create(dataset=ours.dataset, number=2, fingerprint="e" * 64, images=20, classes=ours.version.classes)
    assert call("GET", f"/experiments/{launch(call, ours, version=name).body['id']}").body["version"] == 1


@pytest.mark.parametrize("name", [7, "x", "9" * 60, -1, True])
def test_a_version_that_is_not_there_is_named(name, call, things):
    answer = launch(call, things(), version=name)
    assert answer.status == 422 and set(answer.error["fields"]) == {"version"}


def test_an_experiment_is_read_with_its_configuration_and_state(call, things):
    ours = things()
    body = call("GET", f"/experiments/{launch(call, ours, {'epochs': 3}).body['id']}").body
    assert (body["dataset"], body["state"], body["best_epoch"], body["config"]["epochs"]) == (ours.dataset.id, "queued", None, 3)


WEIGHTS = [("/srv/weights/net.pth", "net.pth"), ("/srv/experiments/01k", "run:01k"), ("default", "default"), (None, None)]


@pytest.mark.parametrize(("stored", "shown"), WEIGHTS)
def test_weights_are_shown_as_a_launch_takes_them(stored, shown, call, things):
    ours = things()
    Experiment.objects.update(config={"weights": stored})
    assert call("GET", f"/experiments/{ours.experiment.id}").body["config"] == {"weights": shown}


def test_metrics_have_one_value_of_a_name_an_epoch_also_when_told_again(call, things):
    ours = things()
    for epoch in (1, 2, 2):
        actions.record_epoch(ours.experiment.id, {"event": "epoch", "epoch": epoch, "step": epoch * 10, "val_loss": 0.5, "best": False})
    points = call("GET", f"/experiments/{ours.experiment.id}/metrics?since=0").body["points"]
    assert [(point["epoch"], point["step"], point["name"]) for point in points] == [(1, 10, "val_loss"), (2, 20, "val_loss")]


def test_since_is_exclusive(call, things):
    ours = things()
    actions.record_epoch(ours.experiment.id, {"event": "epoch", "epoch": 1, "step": 10, "val_loss": 0.5, "train_loss": 0.6, "best": False})
    path = f"/experiments/{ours.experiment.id}/metrics"
    first, second = call("GET", path).body["points"]
    assert [point["seq"] for point in call("GET", f"{path}?since={first['seq']}").body["points"]] == [second["seq"]]


def test_more_than_ten_thousand_points_come_in_several_answers(call, things):
    ours = things()
    MetricPoint.objects.bulk_create(
        MetricPoint(experiment=ours.experiment, epoch=1, step=step, name="step_loss", value=None) for step in range(10_003)
    )
    path = f"/experiments/{ours.experiment.id}/metrics"
    first = call("GET", path).body
    rest = call("GET", f"{path}?since={first['next']}").body
    assert (len(first["points"]), len(rest["points"]), rest["next"]) == (10_000, 3, None)


@pytest.mark.parametrize("since", [-1, 10**30, "x", "1.5", "NaN"])
def test_a_wrong_since_is_named(since, call, things):
    answer = call("GET", f"/experiments/{things().experiment.id}/metrics?since={since}")
    assert answer.status == 422 and set(answer.error["fields"]) == {"since"}


def test_there_is_no_report_while_it_trains(call, things):
    answer = call("GET", f"/experiments/{things().experiment.id}/report")
    assert (answer.status, answer.error["code"]) == (409, "no_report")


def test_the_report_has_the_figures_of_the_test_split_and_links(call, things):
    ours = things()
    ours.evaluation.figures = TEST
    ours.evaluation.save()
    report = ours.report
    body = call("GET", f"/experiments/{ours.experiment.id}/report").body
    assert body["test"] == TEST and body["links"]["page"].startswith("http://") and report.id in body["links"]["page"]


def test_an_experiment_that_runs_is_not_deleted(call, things):
    assert call("DELETE", f"/experiments/{things().experiment.id}").status == 409


def test_an_ended_experiment_goes_to_the_trash(call, things):
    ours = things()
    ours.end()
    answer = call("DELETE", f"/experiments/{ours.experiment.id}")
    assert (answer.status, answer.body["outcome"]) == (200, "trashed") and answer.body["until"] and not Experiment.objects.exists()
