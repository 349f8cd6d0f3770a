"""The quick check: what it plans by the machine's speed, and who may start it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from classifier.spec.config import TrainConfig
from tests.webapp.experiments.kit import dataset_of, ended, launched
from webapp.experiments import quick
from webapp.experiments.models import Experiment, MetricPoint
from webapp.jobs.models import Job


def version_of(user, images=2000, classes=10, **changes):
    """A sealed version with so many training images."""
    version = dataset_of(user).versions.get()
    version.classes = [
        {"label": f"c{i}", "name": f"c{i}", "train": images // classes, "validation": 10, "test": 10} for i in range(classes)
    ]
    for name, value in changes.items():
        setattr(version, name, value)
    version.save()
    return version


def measured(user, version, seconds):
    """An earlier training like the quick check whose epochs took so long."""
    first = launched(user, dataset=version.dataset, **quick.plan(version).config)
    MetricPoint.objects.create(experiment=first, epoch=1, step=10, name="seconds", value=seconds)
    return ended(first)


def start(client, version, key="one"):
    return client.post(f"/experiments/quick/{version.dataset_id}/", {"key": key})


@pytest.mark.parametrize(("images", "epochs"), [(200, 20), (2000, 5), (3500, 3)])
def test_it_sees_about_ten_thousand_images_and_at_least_three_epochs(editor, images, epochs):
    assert quick.plan(version_of(editor, images, small=True)).epochs == epochs


def test_few_images_come_in_small_batches_so_that_there_are_steps_enough(editor):
    assert quick.plan(version_of(editor, 200)).config["batch_size"] == 16
    assert quick.plan(version_of(editor, 2000)).config["batch_size"] == 64


def test_of_a_million_photographs_it_takes_what_fits_a_minute(editor):
    made = quick.plan(version_of(editor, 1_000_000))
    assert made.config["most_images"] == made.images < 5_000 and made.seconds <= 60


@pytest.mark.parametrize("seconds", [0.5, 20.0, 900.0])
def test_it_takes_about_a_minute_at_the_measured_speed(editor, seconds):
    version = version_of(editor, 100_000)
    images = quick.plan(version).images
    measured(editor, version, seconds)
    made = quick.plan(version)
    assert made.seconds <= 60 and made.images * made.epochs * seconds / images <= 41


def test_its_configuration_is_one_that_trains(editor):
    made = quick.plan(version_of(editor, 50_000))
    assert TrainConfig.from_mapping(made.config).model == "small_cnn"


def test_one_class_cannot_be_checked(editor):
    assert quick.plan(version_of(editor, classes=1)) is None


def test_it_says_beforehand_what_it_will_do(editor):
    version = version_of(editor, 1_000_000)
    said = quick.words(quick.plan(version), version)
    assert "of 1,000,000 training images for 3 epochs, about" in said and "whether the labels can be learnt" in said


def test_one_click_launches_it(signed_in, editor):
    version = version_of(editor)
    answer = start(signed_in(editor), version)
    made = Experiment.objects.get()
    assert answer["Location"] == f"/experiments/{made.id}/" and made.name == "Quick check of Animals" and made.version == version


def test_two_clicks_launch_one(signed_in, editor):
    client, version = signed_in(editor), version_of(editor)
    assert len({start(client, version)["Location"] for _ in range(2)}) == 1 and Job.objects.filter(kind="train").count() == 1


def test_a_viewer_may_not_and_an_outsider_finds_nothing(signed_in, editor, viewer, outsider):
    version = version_of(editor)
    assert [start(signed_in(user), version).status_code for user in (viewer, outsider)] == [403, 404]


def test_without_an_import_it_says_what_it_needs(signed_in, editor):
    dataset = dataset_of(editor, ready=False)
    answer = signed_in(editor).post(f"/experiments/quick/{dataset.id}/", follow=True)
    assert "takes an import with two classes" in answer.content.decode() and not Experiment.objects.exists()


def test_an_archived_dataset_is_refused_in_words(signed_in, editor):
    version = version_of(editor)
    version.dataset.archived_at = timezone.now()
    version.dataset.save()
    answer = signed_in(editor).post(f"/experiments/quick/{version.dataset_id}/", {"key": "k"}, follow=True)
    assert "is archived" in answer.content.decode() and not Experiment.objects.exists()
