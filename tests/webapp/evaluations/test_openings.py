"""Each result on a test split is an opening: counted once, told in the same words everywhere, and never taken back."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps

from webapp.datasets.models import DatasetVersion
from webapp.evaluations import actions
from webapp.evaluations.models import Evaluation
from webapp.experiments import estimates, openings, removing
from webapp.experiments.models import Experiment, OpenedTest
from webapp.experiments.openings import Openings
from webapp.jobs import actions as jobs

TWICE = "test set opened 2 times"


@pytest.fixture
def measure(actor_of, editor, trained: tuple[Path, dict, Path, dict]) -> Callable[..., Evaluation]:
    """An evaluation that was asked for and is done."""
    figures = json.loads((trained[2] / "result.json").read_text())["test"]

    def one(experiment: Experiment, split: str = "test", checkpoint: str = "best", **changes: int) -> Evaluation:
        asked = actions.request(actor_of(editor), experiment, split, checkpoint)
        claim, told = jobs.claim(asked.job_id, "device@here:1"), figures | changes
        jobs.finish(claim, also=lambda: actions.finished(asked.id, told, trained[2] / "predictions-test.csv"))
        asked.refresh_from_db()
        return asked

    return one


@pytest.fixture
def second(experiment, editor) -> Experiment:
    """Another training on the same version."""
    job = jobs.submit(team=experiment.team, user=editor, kind="train", title="Second")
    mine = {"team": experiment.team, "created_by": editor, "dataset": experiment.dataset, "version": experiment.version}
    return Experiment.objects.create(name="Second", config=experiment.config, job=job, **mine)


def opened(experiment: Experiment) -> Openings:
    """As it stands in the database now."""
    return openings.of(experiment, DatasetVersion.objects.get(pk=experiment.version_id))


def test_a_training_opens_its_test_set_once(experiment, finish):
    assert opened(finish(experiment)) == (1, 1)


def test_each_evaluation_on_the_test_split_is_an_opening(experiment, finish, measure):
    done = finish(experiment)
    measure(done)
    measure(done, checkpoint="last")
    assert opened(done) == (3, 3)


def test_another_split_opens_nothing(experiment, finish, measure):
    done = finish(experiment)
    assert measure(done, "validation").split == "validation" and opened(done) == (1, 1)


def test_a_test_split_without_images_is_not_opened(experiment, finish, measure):
    done = finish(experiment)
    measure(done, n=0)
    assert opened(done) == (1, 1)


def test_a_result_that_is_delivered_again_counts_once(experiment, finish, trained):
    from webapp.experiments.actions import finished

    done = finish(experiment)
    finished(experiment.id, trained[2])
    assert opened(done) == (1, 1)


def test_what_others_opened_of_the_same_version_is_counted_apart(experiment, finish, second):
    done, other = finish(experiment), finish(second)
    assert opened(done) == opened(other) == (1, 2)


@pytest.fixture
def later(experiment) -> Callable[..., DatasetVersion]:
    """A version that was made from another, or from none; with its count, as a sealing leaves it."""

    def made(parent: DatasetVersion | None, number: int) -> DatasetVersion:
        opened = DatasetVersion.objects.get(pk=parent.pk).test_opened if parent else 0
        like = {"dataset": experiment.dataset, "images": 1, "classes": experiment.version.classes, "test_opened": opened}
        return DatasetVersion.objects.create(parent=parent, number=number, fingerprint=f"{number:064}", **like)

    return made


def test_what_is_opened_after_another_version_was_made_of_it_counts_for_both(experiment, finish, later):
    second = later(experiment.version, 2)
    third, apart = later(second, 3), later(None, 4)
    finish(experiment)
    counts = {version.number: version.test_opened for version in DatasetVersion.objects.filter(dataset=experiment.dataset)}
    assert counts == {1: 1, 2: 1, third.number: 1, apart.number: 0}


def test_what_is_opened_of_a_later_version_leaves_the_earlier_one(experiment, finish, later):
    second = later(experiment.version, 2)
    openings.count(finish(experiment), second)
    assert dict(DatasetVersion.objects.values_list("number", "test_opened")) == {1: 1, 2: 2}


def test_an_experiment_that_is_deleted_for_good_has_opened_it_all_the_same(experiment, finish, second, actor_of, editor, owner):
    done, other = finish(experiment), finish(second)
    removing.delete(actor_of(editor), other)
    assert opened(done) == (1, 2)
    removing.purge(other, actor_of(owner))
    while not removing.finish(other):
        pass
    assert opened(done) == (1, 2) and OpenedTest.objects.count() == 1


def test_results_from_before_the_count_are_counted_by_a_migration(experiment, finish, measure, second):
    done, other = finish(experiment), finish(second)
    measure(done)
    OpenedTest.objects.all().delete()
    DatasetVersion.objects.update(test_opened=0)
    migration = importlib.import_module("webapp.evaluations.migrations.0006_count_openings")
    for _ in range(2):
        migration.fill(apps, None)
        assert (opened(done), opened(other)) == ((2, 3), (1, 3))


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((1, 1), "test set opened once"),
        ((2, 2), TWICE),
        ((1, 7), "test set opened once by this experiment, 7 times by all"),
        ((2, 7), "test set opened 2 times by this experiment, 7 times by all"),
    ],
)
def test_the_words_name_the_experiments_own_openings_and_all(counts, words):
    assert Openings(*counts).words == words


def test_a_list_keeps_silent_about_a_test_set_that_was_opened_once():
    assert (Openings(1, 1).note, Openings(2, 2).note) == ("", TWICE)


@pytest.mark.parametrize("times", [1, 2])
def test_report_file_and_experiment_say_the_same(experiment, finish, measure, signed_in, viewer, times):
    done = finish(experiment)
    if times == 2:
        measure(done)
    words, client = opened(done).words, signed_in(viewer)
    report = Evaluation.objects.get(job=done.job).report
    pages = [
        f"/reports/{report.id}/",
        f"/reports/{report.id}/report.html",
        f"/experiments/{done.id}/",
        f"/evaluations/{report.evaluation_id}/",
    ]
    told = [client.get(page).getvalue().decode() for page in pages]
    assert [words in text for text in told] == [True] * 4 and [TWICE in text for text in told] == [times == 2] * 4


def test_home_and_the_list_of_reports_tell_of_more_than_one(experiment, finish, measure, signed_in, viewer):
    done = finish(experiment)
    client = signed_in(viewer)
    assert [TWICE in client.get(page).content.decode() for page in ("/", "/reports/")] == [False, False]
    measure(done)
    assert [TWICE in client.get(page).content.decode() for page in ("/", "/reports/")] == [True, True]


def test_a_launch_says_how_often_the_test_set_was_opened_before(experiment, finish):
    assert "so far" not in estimates.before(experiment.version, None)["test"]
    finish(experiment)
    version = DatasetVersion.objects.get(pk=experiment.version_id)
    assert estimates.before(version, None)["test"].endswith("test set opened once so far")


def test_lists_ask_once_for_all_their_lines(experiment, finish, second, django_assert_num_queries):
    lines = [(one, one.version) for one in (finish(experiment), finish(second))]
    with django_assert_num_queries(1):
        assert openings.of_many(lines)
