"""Validations inside epochs, and rarer ones, as the experiment's page shows them."""

from __future__ import annotations

import pytest

from tests.webapp.experiments.kit import epoch, launched
from webapp.experiments import actions, charts, live, queries
from webapp.experiments.models import EpochMatrix, MetricPoint
from webapp.jobs import actions as jobs
from webapp.jobs.actions import NewEvent
from webapp.jobs.logs import said


def look(number, part, **changes):
    """A ValidationEvent of a training of three epochs of ten steps."""
    told = epoch(number, **changes)
    figures = {name: told[name] for name in ("epoch", "epochs", "val_loss", "val_top1", "val_top5", "train_loss", "confusion")}
    return {"event": "validation", "step": round(10 * (number - 1 + part)), "part": part, **figures}


@pytest.fixture
def experiment(editor):
    return launched(editor, validate_every=0.5)


@pytest.fixture
def looked(experiment):
    """Validated in the middle and at the end of two epochs."""
    for number in (1, 2):
        actions.record_validation(experiment.id, look(number, 0.5, val_loss=3.0 / number))
        actions.record_epoch(experiment.id, epoch(number))
    return experiment


def test_validations_stand_in_order_at_their_places(looked):
    found = queries.validations(looked)
    assert [(row["at"], row["step"], row["val_loss"]) for row in found] == [(0.5, 5, 3.0), (1, 10, 2.5), (1.5, 15, 1.5), (2, 20, 1.25)]


def test_one_sent_again_changes_nothing(looked):
    before = MetricPoint.objects.count(), EpochMatrix.objects.count()
    actions.record_validation(looked.id, look(1, 0.5, val_loss=9.0))
    assert (MetricPoint.objects.count(), EpochMatrix.objects.count()) == before
    assert queries.validations(looked)[0]["val_loss"] == 3.0


def test_each_epoch_still_has_one_row_and_one_validation_loss(looked):
    assert [(row["epoch"], row["val_loss"]) for row in queries.history(looked)] == [(1, 2.5), (2, 1.25)]
    assert MetricPoint.objects.filter(name="val_loss").count() == 2


def test_the_curves_join_inside_and_end_without_a_gap(signed_in, editor, looked):
    figures = signed_in(editor).get(f"/experiments/{looked.id}/charts/").json()
    train, validation = figures["loss"]["data"]
    assert (train["x"], validation["x"], validation["y"]) == ([1, 2], [0.5, 1, 1.5, 2], [3.0, 2.5, 1.5, 1.25])
    assert figures["steps"]["data"][1]["x"] == [5, 10, 15, 20]
    assert figures["accuracy"]["data"][0]["x"] == [0.5, 1, 1.5, 2] and figures["accuracy"]["data"][2]["x"] == [1, 2]
    assert figures["loss"]["layout"]["xaxis"]["range"][0] <= 0  # the middle of the first epoch is in sight


def test_epochs_without_a_validation_leave_no_gap_in_its_curve():
    rows = [{"epoch": n, "step": 10 * n, "train_loss": 1.0, "val_loss": None if n % 2 else 1.0, "val_top1": None} for n in range(1, 5)]
    train, validation = charts.curves(rows, [], 4)["loss"]["data"]
    assert (train["x"], validation["x"], validation["y"]) == ([1, 2, 3, 4], [2, 4], [1.0, 1.0])


def test_the_matrix_inside_an_epoch_can_be_asked_for(signed_in, editor, looked):
    client = signed_in(editor)
    newest, inside = (client.get(f"/experiments/{looked.id}/matrix/{query}").json() for query in ("", "?epoch=1.5"))
    assert newest["epochs"] == [0.5, 1, 1.5, 2] and (newest["epoch"], inside["epoch"]) == (2, 1.5)
    assert set(inside["figures"]) == {"recall", "precision", "f1", "counts", "by_row"}


@pytest.mark.parametrize("asked", ["1.25", "9", ".", "1.2.3", "-1", "1e3", "nan", "9" * 30])
def test_a_place_without_a_matrix_is_no_error(signed_in, editor, looked, asked):
    assert signed_in(editor).get(f"/experiments/{looked.id}/matrix/?epoch={asked}").status_code == 200


@pytest.mark.parametrize(
    ("before", "at", "words"),
    [
        (1, 2, "the epoch before"),
        (2, 4, "epoch 2"),
        (1, 1.25, "epoch 1"),
        (1.75, 2, "epoch 1.75"),
        (1.3333, 1.6667, "epoch 1.33"),
    ],
)
def test_a_change_says_since_when(before, at, words):
    shown = live.loss_figure([{"at": before, "val_loss": 2.0}, {"at": at, "val_loss": 1.5}])
    assert shown.note == f"▼ 0.500 since {words}"


def test_a_loss_that_reads_the_same_neither_rises_nor_falls():
    shown = live.loss_figure([{"at": 1, "val_loss": 2.0}, {"at": 2, "val_loss": 2.0004}])
    assert (shown.note, shown.tone) == ("as after the epoch before", "")


def test_the_page_tells_the_change_inside_an_epoch(signed_in, editor, looked):
    actions.record_validation(looked.id, look(3, 0.5, val_loss=1.0))
    assert "▼ 0.250 since epoch 2" in signed_in(editor).get(f"/experiments/{looked.id}/").content.decode()


def test_the_log_tells_it_in_words(experiment):
    claim = jobs.claim(experiment.job_id, "device@here:1")
    event = {name: value for name, value in look(2, 0.25).items() if name not in ("event", "confusion")}
    jobs.record(claim, [NewEvent("validation", event)])
    told = experiment.job.events.get(kind="validation")
    assert said(told.kind, told.data) == "epoch 2, after 25 % of it  validation loss 1.250  top-1 83.3 %"
