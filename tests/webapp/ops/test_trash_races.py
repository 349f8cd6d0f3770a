"""What must hold when two people, or a person and the keeper, move the same thing at the same moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from classifier.spec.errors import InputError
from tests.webapp.experiments.kit import dataset_of, ended, launched
from tests.webapp.together import done, outcomes, until_unlocked
from webapp.accounts.models import AuditEntry
from webapp.api.errors import ApiError
from webapp.api.retrying import retried
from webapp.datasets import actions as datasets
from webapp.datasets import sample
from webapp.datasets.models import Dataset
from webapp.evaluations import actions as evaluations
from webapp.evaluations.models import Evaluation
from webapp.experiments import actions as experiments
from webapp.experiments import quick
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Job
from webapp.ops import purging, trash
from webapp.reports import actions as reports
from webapp.reports.models import Comment, Report, ShareLink, Tag

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own(owner: Any, actor_of: Any) -> Any:
    return actor_of(owner)


@pytest.fixture
def other(member: Any, actor_of: Any) -> Any:
    """A second owner."""
    return actor_of(member("owner", "other"))


@pytest.fixture
def experiment(owner: Any) -> Experiment:
    return ended(launched(owner))


@pytest.fixture
def report(experiment: Experiment, owner: Any) -> Report:
    mine = {"team": experiment.team, "created_by": owner}
    evaluation = Evaluation.objects.create(
        experiment=experiment, version=experiment.version, job=experiment.job, split="test", checkpoint="best", result={"n": 3}, **mine
    )
    return Report.objects.create(evaluation=evaluation, title="First", **mine)


def times(verb: str) -> int:
    return AuditEntry.objects.filter(verb=verb).count()


def removed() -> None:
    while purging.carry_on():
        pass


def fresh() -> Experiment:
    return Experiment.everything.get()


def test_of_two_who_delete_one_does(experiment, own, other):
    told = outcomes(*[lambda who=who: experiments.delete(who, fresh()) for who in (own, other)])
    assert done(told) == times("experiment.delete") == 1


def test_of_two_who_restore_one_does(experiment, own, other):
    experiments.delete(own, experiment)
    told = outcomes(*[lambda who=who: experiments.restore(who, fresh()) for who in (own, other)])
    assert done(told) == times("experiment.restore") == 1 and Experiment.objects.exists()


def test_of_two_who_purge_one_does(experiment, own, other):
    experiments.delete(own, experiment)
    told = outcomes(*[lambda who=who: experiments.purge(fresh(), who) for who in (own, other)])
    assert done(told) == times("experiment.purge") == 1


@pytest.mark.parametrize("turn", range(4))
def test_of_a_restoration_and_a_purge_one_wins_whole(turn, experiment, own, other):
    experiments.delete(own, experiment)
    told = outcomes(lambda: experiments.restore(own, fresh()), lambda: experiments.purge(fresh(), other))
    removed()
    assert done(told) == 1 and times("experiment.restore") + times("experiment.purge") == 1
    assert Experiment.objects.count() == Experiment.everything.count() == times("experiment.restore")


@pytest.mark.parametrize("turn", range(4))
def test_of_a_restoration_and_the_end_of_the_term_one_wins_whole(turn, experiment, own):
    experiments.delete(own, experiment)
    Experiment.everything.update(trashed_at=timezone.now() - timedelta(days=31))
    lying = fresh()  # before: nothing may be left of it by the time that the restoration has its turn
    told = outcomes(lambda: experiments.restore(own, lying), trash.purge_over_term, purging.carry_on)
    removed()
    assert Experiment.objects.count() == Experiment.everything.count() == done(told[:1]) == times("experiment.restore")


@pytest.mark.parametrize("turn", range(4))
def test_a_run_that_is_restored_has_its_dataset(turn, experiment, own, other):
    experiments.delete(own, experiment)
    datasets.delete(own, experiment.dataset)
    ids = {"dataset": [experiment.dataset_id], "experiment": [experiment.pk]}
    outcomes(lambda: trash.restore(own, ids), lambda: trash.empty(other), purging.carry_on)
    removed()
    living = Experiment.objects.select_related("dataset").all()
    assert all(one.dataset.trashed_at is None for one in living) and Dataset.everything.count() >= len(living)


@pytest.mark.parametrize("turn", range(4))
def test_a_launch_and_a_deletion_of_its_dataset_leave_no_run_without_data(turn, owner, own, other):
    dataset = dataset_of(owner)
    config = {"model": "small_cnn", "epochs": 1, "image_size": 32}
    outcomes(lambda: experiments.launch(own, dataset, "Run", config), lambda: datasets.delete(other, Dataset.objects.get(pk=dataset.pk)))
    assert not Experiment.objects.filter(dataset__trashed_at__isnull=False).exists()


def test_two_clicks_at_once_on_evaluate_ask_for_one(experiment, own):
    first, second = outcomes(*[lambda: evaluations.request(own, fresh(), "validation", once=True).pk] * 2)
    assert first == second == Evaluation.objects.get().pk


@pytest.mark.parametrize("turn", range(4))
def test_no_training_starts_from_weights_that_are_being_removed(turn, experiment, owner, own, other):
    def goes() -> None:
        for step in (lambda: experiments.delete(other, fresh_of(experiment)), lambda: experiments.purge(fresh_of(experiment), other)):
            until_unlocked(step)

    config = {"model": "small_cnn", "epochs": 1, "image_size": 32, "weights": f"run:{experiment.pk}"}
    outcomes(lambda: experiments.launch(own, experiment.dataset, "Heir", config), goes)
    assert not Experiment.objects.filter(name="Heir").exists() or fresh_of(experiment).purging_at is None


def fresh_of(experiment: Experiment) -> Experiment:
    return Experiment.everything.get(pk=experiment.pk)


@pytest.mark.parametrize("turn", range(8))
def test_what_is_evaluated_once_more_does_not_lie_in_the_trash(turn, experiment, own, other):
    evaluation = evaluations.request(own, experiment, "validation")
    jobs.cancel_queued(evaluation.job_id)
    again = Job.objects.get(pk=evaluation.job_id)
    told = outcomes(lambda: told_or_refused(lambda: retried(own, again)), lambda: experiments.delete(other, fresh()))
    assert done(told) == 1
    assert fresh().trashed_at is None or not Job.objects.exclude(state__in=FINAL).exists()


def told_or_refused(work: Any) -> Any:
    """The API refuses in an error of its own."""
    try:
        return work()
    except ApiError as error:
        return InputError(error.message)


def test_two_keepers_at_once_end_with_nothing_left(experiment, own):
    experiments.delete(own, experiment)
    experiments.purge(experiment, own)
    while any(outcomes(purging.carry_on, purging.carry_on)):  # a round ends by the clock
        pass
    assert not Experiment.everything.exists()


def test_a_report_is_edited_and_shared_or_is_not_there(report, own, other):
    def goes() -> None:
        for step in (lambda: experiments.delete(other, fresh()), lambda: experiments.purge(fresh(), other), removed):
            until_unlocked(step)

    asked = (
        lambda: reports.edit(own, report, title="Second", notes="", tags="a, b"),
        lambda: reports.comment(own, report, "Well."),
        lambda: reports.share(own, report, 7),
    )
    told = outcomes(*asked, goes)
    assert not isinstance(told[3], Exception)
    assert not any(model.exists() for model in (Report.everything, Tag.objects, Comment.everything, ShareLink.everything))


def test_two_clicks_at_once_on_comment_say_it_once(report, own):
    first, second = outcomes(*[lambda: reports.comment(own, report, "Well.").pk] * 2)
    assert first == second == Comment.objects.get().pk


def test_what_is_said_of_a_report_that_went_is_refused(report, own):
    experiments.delete(own, fresh())
    experiments.purge(fresh(), own)
    removed()
    assert (
        done(outcomes(lambda: reports.edit(own, report, title="Second", notes="", tags=""), lambda: reports.comment(own, report, "Well.")))
        == 0
    )


def test_two_clicks_on_the_sample_set_load_it_once(own, settings, tmp_path, monkeypatch):
    waits = datasets.waits  # whether the rows are there: where that cannot be asked, its files stay, and SQLite in memory refuses
    monkeypatch.setattr(datasets, "waits", lambda dataset: until_unlocked(lambda: waits(dataset)))
    settings.SYNSET_HOME = tmp_path
    (tmp_path / "tmp").mkdir()
    first, second = outcomes(*[lambda: sample.load(own, "k" * 24)] * 2)
    assert first == second == Dataset.objects.get() and list(first.folder.parent.iterdir()) == [first.folder]


def test_two_people_who_load_the_sample_set_have_one_each(own, other):
    first, second = outcomes(lambda: sample.load(own, "k" * 24), lambda: sample.load(other, "l" * 24))
    assert first != second and Dataset.objects.count() == 2


def test_two_clicks_on_the_quick_check_start_it_once(owner, own):
    dataset = dataset_of(owner)
    version = dataset.versions.get()
    first, second = outcomes(*[lambda: quick.start(own, dataset, version, "k" * 24)] * 2)
    assert first == second == Experiment.objects.get() and times("experiment.launch") == 1
