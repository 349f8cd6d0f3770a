"""A launch on data whose test images stand in train: known before it, acknowledged, and stamped on what comes of it."""

from __future__ import annotations

import pytest

from tests.webapp.experiments.kit import SMALL, dataset_of
from webapp.datasets.quality import actions as quality
from webapp.datasets.quality_models import QualityCheck
from webapp.experiments import actions
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs

TYPED = {"model": "small_cnn", "epochs": "3", "batch_size": "16", "optimizer": "adamw", "momentum": "0.9", "name": "First"}
TYPED |= {"label_smoothing": "0.1", "seed": "0", "device": "auto", "augment": "true", "key": "one"}


@pytest.fixture
def dataset(editor):
    return dataset_of(editor)


@pytest.fixture
def checked(dataset, editor, actor_of):
    """Ends a check of the dataset that found so many test images in train."""

    def end(images):
        check = quality.start(actor_of(editor), dataset.versions.get())
        jobs.finish(jobs.claim(check.job_id, "host@here:1"))
        QualityCheck.objects.filter(pk=check.pk).update(leaks={"train-test": images, "train-validation": 0, "validation-test": 0})

    return end


@pytest.fixture
def send(signed_in, editor, dataset):
    """Sends the form with more fields."""
    client = signed_in(editor)
    return lambda **more: client.post("/experiments/new/", TYPED | {"dataset": dataset.id} | more)


def test_a_launch_on_leaking_data_asks_that_one_knows(checked, send):
    checked(2)
    answer = send()
    assert answer.status_code == 422 and not Experiment.objects.exists()
    shown = answer.content.decode()
    assert "2 of 3 test images also stand in train, so that its test will look too good." in shown and 'name="leaks_seen"' in shown


def test_whoever_knows_may_launch_and_the_training_says_so(checked, send, signed_in, editor, dataset):
    checked(2)
    assert send(leaks_seen=dataset.id).status_code == 302
    made = Experiment.objects.get()
    assert made.leaks == 2
    assert "2 images in two splits when it was launched" in signed_in(editor).get(f"/experiments/{made.id}/").content.decode()


def test_who_knows_it_of_another_dataset_is_asked_again(checked, send):
    checked(2)
    assert send(leaks_seen="0" * 20).status_code == 422


def test_sound_data_ask_nothing(checked, send, signed_in, editor):
    checked(0)
    assert "leaks_seen" not in signed_in(editor).get("/experiments/new/").content.decode()
    assert send().status_code == 302 and Experiment.objects.get().leaks == 0


def test_what_the_import_found_asks_too_before_there_is_a_check(dataset, send):
    type(dataset).objects.filter(pk=dataset.pk).update(problem_rules={"leak": 4})
    answer = send()
    assert answer.status_code == 422 and "4 images in more than one split" in answer.content.decode()


def test_a_check_knows_better_than_the_import(dataset, checked, send):
    type(dataset).objects.filter(pk=dataset.pk).update(problem_rules={"leak": 4})
    checked(0)
    assert send().status_code == 302


def test_that_nobody_looked_for_look_alikes_is_said_and_asks_nothing(send, signed_in, editor, dataset):
    shown = signed_in(editor).get(f"/experiments/new/?dataset={dataset.id}").content.decode()
    assert "not looked for look-alikes" in shown and f"/datasets/{dataset.id}/quality/" in shown and "leaks_seen" not in shown
    assert send().status_code == 302


def test_once_it_was_checked_that_is_said_no_more(checked, signed_in, editor, dataset):
    checked(0)
    shown = signed_in(editor).get(f"/experiments/new/?dataset={dataset.id}").content.decode()
    assert "No test image in train" in shown and "look-alikes" not in shown


def test_the_tick_stays_while_the_form_is_previewed(checked, signed_in, editor, dataset):
    checked(2)
    side = signed_in(editor).post("/experiments/preview/", TYPED | {"dataset": dataset.id, "leaks_seen": dataset.id}).json()["side"]
    assert 'id="leaks-seen"' in side and "checked" in side


def test_other_ways_to_launch_are_stamped_alike(checked, actor_of, editor, dataset):
    checked(2)
    assert actions.launch(actor_of(editor), dataset, "By a script", SMALL).leaks == 2


def test_folds_learn_from_validation_too(checked, send, dataset):
    checked(0)
    QualityCheck.objects.update(leaks={"train-test": 0, "train-validation": 0, "validation-test": 2})
    assert send(name="Plain").status_code == 302
    asked = send(folds="3", fold="2", key="two")
    assert asked.status_code == 422
    assert "2 of 3 test images also stand in train or validation, so that its test will look too good." in asked.content.decode()
    assert send(folds="3", fold="2", key="two", leaks_seen=dataset.id).status_code == 302
    assert sorted(Experiment.objects.values_list("leaks", flat=True)) == [0, 2]


def test_look_alikes_that_folds_may_tear_apart_ask_too(checked, send, dataset, monkeypatch):
    checked(0)
    monkeypatch.setattr("webapp.experiments.leaks.torn_apart", lambda version: 4)
    assert send(name="Plain").status_code == 302
    asked = send(folds="3", key="two").content.decode()
    assert "4 images of train and validation look nearly like others, which a fold may have on its other side" in asked
    assert "I know: its validation will look too good" in asked
    assert send(folds="3", key="two", leaks_seen=dataset.id).status_code == 302
