"""How an experiment leaves: to the trash, back, or for good."""

from __future__ import annotations

from typing import Any

import pytest

from classifier.spec.errors import InputError
from tests.webapp.experiments.kit import SMALL, dataset_of, ended, launched
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.datasets import removing as datasets
from webapp.datasets.labelling import suggesting
from webapp.evaluations.models import Evaluation
from webapp.experiments import actions
from webapp.experiments.forms import LaunchForm
from webapp.experiments.models import EpochMatrix, Experiment, MetricPoint
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from webapp.ops.purging import carry_on
from webapp.reports.models import Report


@pytest.fixture
def experiment(owner: Any) -> Experiment:
    """A finished training with an epoch, its test evaluation and a report."""
    made = ended(launched(owner))
    actions.record_epoch(made.id, {"event": "epoch", "epoch": 1, "step": 10, "val_top1": 0.5, "best": True})
    mine = {"team": made.team, "created_by": owner}
    evaluation = Evaluation.objects.create(experiment=made, version=made.version, job=made.job, split="test", checkpoint="best", **mine)
    Report.objects.create(evaluation=evaluation, title="First", **mine)
    return made


@pytest.fixture
def actor(owner: Any, actor_of: Any) -> Any:
    return actor_of(owner)


def test_reports_and_evaluations_follow_into_the_trash_and_back(experiment, actor):
    actions.delete(actor, experiment)
    assert not Experiment.objects.exists() and not Evaluation.objects.exists() and not Report.objects.exists()
    actions.restore(actor, experiment)
    assert Experiment.objects.exists() and Evaluation.objects.exists() and Report.objects.exists()


def test_a_restored_experiment_is_as_it_was(experiment, actor):
    before = Experiment.objects.values().get()
    actions.delete(actor, experiment)
    actions.restore(actor, Experiment.everything.get())
    assert Experiment.objects.values().get() == before
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))[-2:] == ["experiment.delete", "experiment.restore"]


def removed() -> None:
    """What the keeper does, to its end."""
    while carry_on():
        pass


def test_a_purged_experiment_goes_with_everything(experiment, actor):
    experiment.folder.mkdir(parents=True)
    experiment.folder.with_suffix(".json").touch()
    actions.delete(actor, experiment)
    actions.purge(experiment, actor)
    removed()
    rows = [Experiment.everything, Evaluation.everything, Report.everything, MetricPoint.objects, EpochMatrix.objects]
    left = [model for model in (*rows, Job.objects.filter(kind="train")) if model.exists()]
    assert not left and not experiment.folder.exists() and not experiment.folder.with_suffix(".json").exists()


def test_a_purge_leaves_the_dataset_and_other_experiments(experiment, owner, actor):
    other = ended(launched(owner, "Second", experiment.dataset))
    other.folder.mkdir(parents=True)
    actions.delete(actor, experiment)
    actions.purge(experiment, actor)
    removed()
    assert Experiment.everything.get() == other and other.folder.exists() and experiment.dataset.versions.exists()


def test_a_purge_leaves_the_files_to_the_keeper(experiment, actor):
    experiment.folder.mkdir(parents=True)
    actions.delete(actor, experiment)
    actions.purge(experiment, actor)
    assert experiment.folder.exists() and Experiment.everything.exists()


def test_what_was_purged_cannot_be_restored(experiment, actor):
    actions.delete(actor, experiment)
    actions.purge(experiment, actor)
    with pytest.raises(InputError, match="not in the trash any more"):
        actions.restore(actor, experiment)


def test_what_was_purged_is_purged_once(experiment, actor):
    actions.delete(actor, experiment)
    actions.purge(experiment, actor)
    with pytest.raises(InputError, match="not in the trash any more"):
        actions.purge(experiment, actor)
    assert AuditEntry.objects.filter(verb="experiment.purge").count() == 1


def test_the_second_of_two_deletions_is_told_so(experiment, actor):
    again = Experiment.objects.get()
    actions.delete(actor, experiment)
    with pytest.raises(InputError, match="in the trash"):
        actions.delete(actor, again)


def test_the_second_of_two_restorations_is_told_so(experiment, actor):
    actions.delete(actor, experiment)
    actions.restore(actor, Experiment.everything.get())
    with pytest.raises(InputError, match="not in the trash any more"):
        actions.restore(actor, Experiment.everything.get())


def test_a_retry_that_meets_a_deletion_is_refused(owner, actor):
    failed = ended(launched(owner), "failed")
    actions.delete(actor, failed)
    with pytest.raises(InputError, match="in the trash"):
        actions.retry(actor, failed)


def test_an_experiment_that_suggests_labels_is_not_deleted_before_it_is_done(experiment, actor):
    made = suggesting.start(actor, experiment.version, experiment.pk)
    with pytest.raises(InputError, match="suggests labels just now"):
        actions.delete(actor, experiment)
    jobs.request_cancel(made.job)
    actions.delete(actor, experiment)
    assert not Experiment.objects.exists()


def test_an_experiment_that_is_evaluated_is_not_deleted(experiment, actor):
    job = jobs.submit(team=experiment.team, user=None, kind="evaluate", title="more")
    Evaluation.objects.create(
        experiment=experiment, version=experiment.version, job=job, split="test", checkpoint="last", team=experiment.team
    )
    with pytest.raises(InputError, match="is being evaluated"):
        actions.delete(actor, experiment)


def test_an_experiment_waits_for_its_dataset_to_be_restored(experiment, actor):
    actions.delete(actor, experiment)
    datasets.delete(actor, experiment.dataset)
    with pytest.raises(InputError, match="which is in the trash; restore that first"):
        actions.restore(actor, experiment)


def test_an_experiment_waits_for_every_dataset_that_it_was_evaluated_on(experiment, owner, actor):
    other = dataset_of(owner, "Others")
    mine = {"team": experiment.team, "created_by": owner}
    Evaluation.objects.create(
        experiment=experiment, version=other.versions.get(), job=experiment.job, split="test", checkpoint="last", **mine
    )
    actions.delete(actor, experiment)
    datasets.delete(actor, other)
    with pytest.raises(InputError, match="used Others, which is in the trash"):
        actions.restore(actor, experiment)


def test_weights_that_a_training_waits_for_are_not_purged(experiment, owner, actor):
    heir = launched(owner, "Heir", experiment.dataset, weights=f"run:{experiment.id}")
    actions.delete(actor, experiment)
    with pytest.raises(InputError, match="while Heir starts from its weights"):
        actions.purge(experiment, actor)
    ended(heir)
    actions.purge(experiment, actor)


def test_the_form_sent_again_after_the_deletion_makes_nothing(owner, actor, signed_in):
    dataset = dataset_of(owner)
    client, form = signed_in(owner), LaunchForm.starting(actor, SMALL, dataset.id, "First").texts | {"key": "k" * 24}
    client.post("/experiments/new/", form)
    actions.delete(actor, ended(Experiment.objects.get()))
    answer = client.post("/experiments/new/", form, follow=True)
    assert "is in the trash" in answer.content.decode() and Experiment.everything.count() == 1


def test_a_viewer_moves_nothing(experiment, viewer, actor_of):
    with pytest.raises(Forbidden):
        actions.delete(actor_of(viewer), experiment)


def test_an_editor_purges_nothing(experiment, editor, actor, actor_of):
    actions.delete(actor, experiment)
    with pytest.raises(Forbidden):
        actions.purge(experiment, actor_of(editor))


def test_its_job_and_the_jobs_socket_are_unknown_too(experiment, actor, signed_in, owner):
    from webapp.jobs.admission import job_for

    assert job_for(actor, experiment.job_id)
    actions.delete(actor, experiment)
    assert job_for(actor, experiment.job_id) is None
    assert signed_in(owner).get(f"/queue/jobs/{experiment.job_id}/events/").status_code == 404
    assert experiment.name not in signed_in(owner).get("/queue/").content.decode()
