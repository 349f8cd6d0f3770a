"""Evaluations that people ask for, and their pages."""

from __future__ import annotations

import pytest

from classifier.spec.errors import ConfigError, InputError
from webapp.core.ids import new_id
from webapp.datasets.models import DatasetVersion
from webapp.evaluations import actions
from webapp.evaluations.figures import showing
from webapp.evaluations.models import Evaluation
from webapp.evaluations.views import again_url
from webapp.jobs import actions as jobs


def test_an_evaluation_is_queued(signed_in, editor, experiment, finish):
    finish(experiment)
    answer = signed_in(editor).post(f"/evaluations/of/{experiment.id}/", {"split": "validation", "checkpoint": "2"}, follow=True)
    assert Evaluation.objects.get(split="validation").job.kind == "evaluate" and "Waiting, 1st in line" in answer.content.decode()


@pytest.fixture
def asked(signed_in, editor, experiment, finish):
    """(the page of an evaluation of the second epoch that waits, that evaluation)."""
    finish(experiment)
    client = signed_in(editor)
    made = client.post(f"/evaluations/of/{experiment.id}/", {"split": "validation", "checkpoint": "2", "views": "flip"})
    return (lambda: client.get(made["Location"]).content.decode()), Evaluation.objects.get(split="validation")


def test_the_page_of_one_that_waits_says_what_will_be_measured_and_how(asked):
    text = asked[0]()
    assert "<h1>Checkpoint of epoch 2 on validation</h1>" in text and "small_cnn, with its mirror image</span>" in text


def test_one_that_runs_says_how_far_it_is(asked):
    page, evaluation = asked
    claim = jobs.claim(evaluation.job_id, "device@here:1")
    assert '<b data-stage="running">Starting</b>' in page()
    jobs.record(claim, [], stage="testing: 3 of 9 images")
    assert '<b data-stage="running">Testing: 3 of 9 images</b>' in page() and " data-left></span>" in page()


def test_one_that_runs_says_how_long_it_will(asked):
    page, evaluation = asked
    jobs.record(jobs.claim(evaluation.job_id, "device@here:1"), [], progress=0.5, eta=90.0)
    assert " data-left>1 min 30 s left</span>" in page()


def test_one_that_was_cancelled_says_that_nothing_came_of_it(asked):
    page, evaluation = asked
    jobs.cancelled(jobs.claim(evaluation.job_id, "device@here:1"))
    assert "Cancelled." in page() and "Nothing was measured." in page()


def test_one_that_is_not_at_its_end_can_be_cancelled_on_its_page(asked, signed_in, editor, viewer):
    page, evaluation = asked
    button = f'action="/queue/jobs/{evaluation.job_id}/cancel/"'
    assert button in page() and button not in signed_in(viewer).get(f"/evaluations/{evaluation.pk}/").content.decode()
    signed_in(editor).post(f"/queue/jobs/{evaluation.job_id}/cancel/")
    assert "Cancelled." in page() and button not in page()


def test_one_that_came_to_a_bad_end_leads_to_the_form_as_it_was_filled(asked, signed_in, editor):
    page, evaluation = asked
    assert "Evaluate again" not in page()
    jobs.fail(jobs.claim(evaluation.job_id, "device@here:1"), "The disk is full.", "full", retry=False)
    address = f"/evaluations/of/{evaluation.experiment_id}/new/?checkpoint=2&split=validation&views=flip"
    assert address.replace("&", "&amp;") in page()
    form = signed_in(editor).get(address).content.decode()
    assert '<option value="validation" selected>' in form and '<option value="flip" selected>' in form


def test_a_viewer_is_not_led_to_that_form(asked, signed_in, viewer):
    jobs.cancelled(jobs.claim(asked[1].job_id, "device@here:1"))
    assert "Evaluate again" not in signed_in(viewer).get(f"/evaluations/{asked[1].pk}/").content.decode()


def test_other_images_and_raw_weights_are_asked_for_once_more(asked):
    _, evaluation = asked
    version = DatasetVersion.objects.create(dataset=evaluation.version.dataset, number=2, fingerprint="f" * 64, images=30, classes=[])
    evaluation.version, evaluation.raw = version, True
    assert again_url(evaluation).endswith(f"?checkpoint=2&split=validation&views=flip&dataset={version.dataset_id}&raw=on")


def test_the_list_of_evaluations_names_an_epoch_as_one(asked):
    assert [row["words"] for row in showing.others(asked[1].experiment)] == ["epoch 2 on validation, with its mirror image", "best on test"]


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
