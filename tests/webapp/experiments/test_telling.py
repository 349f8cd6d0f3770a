"""What a training tells becomes rows once, whatever is sent again."""

from __future__ import annotations

import pytest

from tests.webapp.experiments.kit import epoch, launched
from webapp.experiments import actions, queries
from webapp.experiments.models import EpochMatrix, Experiment, MetricPoint


@pytest.fixture
def experiment(editor):
    return launched(editor)


def test_an_epoch_is_recorded_under_the_names_of_history(experiment):
    actions.record_epoch(experiment.id, epoch(1))
    names = set(MetricPoint.objects.values_list("name", flat=True))
    assert names == {"train_loss", "train_top1", "val_loss", "val_top1", "val_top5", "lr", "images_per_second", "seconds"}


def test_an_epoch_sent_again_changes_nothing(experiment):
    for _ in range(2):
        actions.record_epoch(experiment.id, epoch(1))
    assert MetricPoint.objects.filter(name="val_loss").count() == 1 and EpochMatrix.objects.count() == 1


def test_a_retry_that_counts_steps_otherwise_still_gives_one_value_an_epoch(experiment):
    actions.record_epoch(experiment.id, epoch(1))
    actions.record_epoch(experiment.id, epoch(1, step=9))
    assert MetricPoint.objects.filter(name="val_loss").count() == 1


def test_a_loss_that_is_not_finite_is_null(experiment):
    actions.record_epoch(experiment.id, epoch(1, val_loss=None))
    assert MetricPoint.objects.get(name="val_loss").value is None


def test_the_best_epoch_is_the_newest_best(experiment):
    for number, best in ((1, True), (2, True), (3, False)):
        actions.record_epoch(experiment.id, epoch(number, best=best, val_top1=number / 10))
    experiment.refresh_from_db()
    assert (experiment.best_epoch, experiment.best_top1) == (2, 0.2)


def test_history_sent_again_after_a_resume_leaves_the_best_epoch(experiment):
    for number in (1, 2, 1):
        actions.record_epoch(experiment.id, epoch(number))
    assert Experiment.objects.get().best_epoch == 2


def test_steps_never_go_back(experiment):
    for step in (5, 7, 6):
        actions.record_steps(experiment.id, {"step": step, "steps": 30, "epoch": 1, "train_loss": 1.0})
    assert [step for step, _ in queries.step_losses(experiment)] == [5, 7]


def test_a_long_training_keeps_a_drawable_number_of_steps(experiment):
    for step in range(1, 101):
        actions.record_steps(experiment.id, {"step": step, "steps": 100_000, "epoch": 1, "train_loss": 1.0})
    assert [step for step, _ in queries.step_losses(experiment)] == [1, 51]


def test_metrics_go_on_where_an_answer_ended(experiment):
    actions.record_epoch(experiment.id, epoch(1))
    first, following = queries.metrics_since(experiment, 0, limit=5)
    rest, end = queries.metrics_since(experiment, following, limit=5)
    assert len(first) == 5 and len(rest) == 3 and end is None and not {p.id for p in first} & {p.id for p in rest}


def test_history_has_one_row_an_epoch_in_order(experiment):
    for number in (2, 1):
        actions.record_epoch(experiment.id, epoch(number))
    assert [row["epoch"] for row in queries.history(experiment)] == [1, 2]
