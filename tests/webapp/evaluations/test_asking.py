"""Evaluations that people ask for, and their pages."""

from __future__ import annotations

import pytest

from classifier.spec.errors import ConfigError, InputError
from webapp.core.ids import new_id
from webapp.datasets.models import DatasetVersion
from webapp.evaluations import actions
from webapp.evaluations.models import Evaluation


def test_an_evaluation_is_queued(signed_in, editor, experiment, finish):
    finish(experiment)
    answer = signed_in(editor).post(f"/evaluations/of/{experiment.id}/", {"split": "validation", "checkpoint": "2"}, follow=True)
    assert Evaluation.objects.get(split="validation").job.kind == "evaluate" and "Waiting, 1st in line" in answer.content.decode()


def test_two_clicks_ask_for_one_evaluation(signed_in, editor, experiment, finish):
    finish(experiment)
    asked = lambda split: signed_in(editor).post(f"/evaluations/of/{experiment.id}/", {"split": split})["Location"]  # noqa: E731
    assert asked("validation") == asked("validation") != asked("train")
    assert Evaluation.objects.filter(split="validation").count() == 1


def test_what_was_measured_may_be_measured_again(signed_in, editor, experiment, finish):
    finish(experiment)  # of which the training's own evaluation came, at its end already
    signed_in(editor).post(f"/evaluations/of/{experiment.id}/", {"split": "test"})
    assert Evaluation.objects.filter(split="test", checkpoint="best").count() == 2


def test_a_training_that_runs_cannot_be_evaluated(actor_of, editor, experiment):
    with pytest.raises(InputError, match="no trained network yet"):
        actions.request(actor_of(editor), experiment, "test", "best")


@pytest.mark.parametrize(("split", "checkpoint"), [("tset", "best"), ("test", "best "), ("test", "0"), ("test", "²"), ("", "")])
def test_a_wrong_split_or_checkpoint_is_named(actor_of, editor, experiment, finish, split, checkpoint):
    finish(experiment)
    with pytest.raises(ConfigError, match="must be"):
        actions.request(actor_of(editor), experiment, split, checkpoint)


def test_a_fold_is_not_validated_by_a_later_version_from_which_it_learnt(actor_of, editor, experiment, finish):
    experiment = finish(experiment)
    experiment.config |= {"folds": 3, "fold": 1}
    classes = experiment.version.classes
    DatasetVersion.objects.create(dataset=experiment.dataset, number=2, fingerprint="f" * 64, images=30, classes=classes)
    with pytest.raises(ConfigError, match="its fold is of version 1, and it learnt from most validation images of version 2"):
        actions.request(actor_of(editor), experiment, "validation", dataset=experiment.dataset)
    asked = [actions.request(actor_of(editor), experiment, "validation"), actions.request(actor_of(editor), experiment, "test")]
    assert [each.version.number for each in asked] == [1, 1]


def test_a_viewer_cannot_ask(signed_in, viewer, experiment, finish):
    finish(experiment)
    assert signed_in(viewer).post(f"/evaluations/of/{experiment.id}/", {"split": "test"}).status_code == 403


def test_the_page_of_a_finished_evaluation_shows_its_figures(signed_in, viewer, experiment, finish):
    finish(experiment)
    text = signed_in(viewer).get(f"/evaluations/{Evaluation.objects.get().id}/").content.decode()
    assert "Test top-1" in text and "Macro F1" in text and "always the commonest class" in text


def test_an_outsider_and_a_random_id_get_the_same_404(signed_in, outsider, experiment, finish):
    finish(experiment)
    client = signed_in(outsider)
    assert {client.get(f"/evaluations/{id}/").status_code for id in (Evaluation.objects.get().id, new_id())} == {404}
