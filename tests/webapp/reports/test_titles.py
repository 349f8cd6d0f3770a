"""What a report is called before anybody calls it otherwise."""

from __future__ import annotations

import pytest

from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.reports import actions
from webapp.reports.models import Report


@pytest.fixture
def named(report):
    """The title of one more evaluation of the same experiment."""

    def of(checkpoint: str, split: str, **changes) -> str:
        first = report.evaluation
        same = {name: getattr(first, name) for name in ("team", "created_by", "experiment", "version", "job", "result", "confusion")}
        made = Evaluation.objects.create(**(same | changes), checkpoint=checkpoint, split=split)
        actions.report_on(made)
        return Report.objects.get(evaluation=made).title

    return of


def test_another_checkpoint_and_another_split_are_named(report, named):
    told = [report.title, named("last", "test"), named("best", "validation"), named("7", "train")]
    ends = ["", ", last checkpoint", ", validation", ", epoch 7, train"]
    assert told == [f"First on Colours{end}" for end in ends]


def test_views_and_weights_that_were_chosen_are_named(named):
    assert named("best", "test", views="flip") == "First on Colours, with its mirror image"
    assert named("last", "test", views="none", raw=True) == "First on Colours, last checkpoint, the image alone, weights without average"


def test_the_same_measured_again_is_numbered(named):
    assert [named("best", "test") for _ in range(2)] == ["First on Colours, 2nd time", "First on Colours, 3rd time"]


def test_a_title_that_was_given_stays_and_does_not_change_the_numbers(report, named, actor_of, editor):
    actions.edit(actor_of(editor), report, title="Ours", notes="", tags=[])
    assert named("best", "test") == "First on Colours, 2nd time" and Report.objects.get(pk=report.pk).title == "Ours"


def test_a_result_that_is_delivered_again_keeps_its_title(report, named):
    named("best", "test")
    actions.report_on(report.evaluation)
    assert Report.objects.get(pk=report.pk).title == "First on Colours"


def test_a_long_name_leaves_room_for_what_is_told_after_it(report, named):
    report.evaluation.experiment.name = "x" * 120
    report.evaluation.version.dataset.name = "y" * 120
    title = named("last", "validation")
    assert len(title) == 200 and title.endswith("y, last checkpoint, validation")


def test_a_name_that_says_the_dataset_is_not_given_it_twice(report, named):
    Experiment.objects.update(name="small_cnn on Colours")
    report.evaluation.experiment.refresh_from_db()
    assert named("last", "test") == "small_cnn on Colours, last checkpoint"
