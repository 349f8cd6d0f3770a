"""What a launch is told beforehand: the time it takes by what it will do, and the memory by what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classifier.spec.config import TrainConfig
from classifier.spec.work import whole_epochs
from tests.webapp.experiments.kit import SMALL, dataset_of, ended, epoch, launched
from webapp.experiments import actions, estimates

AN_IMAGE = 0.1  # seconds; 21 images are trained on, 6 validated, 3 tested


@pytest.fixture
def dataset(editor):
    return dataset_of(editor)


@pytest.fixture
def measured(editor, dataset):
    """An earlier training of the small network with these changes; gives the dataset's version."""

    def make(memory=None, seconds=21 * AN_IMAGE, numbers=(1, 2, 3), **config):
        earlier = ended(launched(editor, dataset=dataset, **config))
        for number in numbers:
            actions.record_epoch(earlier.id, epoch(number, seconds=seconds))
        if memory:
            actions.record_memory(earlier.id, {"memory_bytes": memory})
        return earlier.version

    return make


def config(**changes):
    return TrainConfig(**SMALL | changes)


def seconds(version, **changes):
    return estimates.takes(version, config(**changes)).seconds


def test_training_validation_and_test_are_counted(measured):
    assert seconds(measured()) == pytest.approx(AN_IMAGE * (3 * 21 + (3 * 6 + 3) / 3))


def test_rarer_validation_takes_less(measured):
    assert seconds(measured(), epochs=4, validate_every=3) == pytest.approx(AN_IMAGE * (4 * 21 + (2 * 6 + 3) / 3))


@pytest.mark.parametrize(("tta", "views"), [("flip", 2), ("ten_crop", 10)])
def test_views_multiply_the_test_alone(measured, tta, views):
    assert seconds(measured(), tta=tta) == pytest.approx(AN_IMAGE * (3 * 21 + (3 * 6 + views * 3) / 3))


def test_larger_evaluation_takes_longer_by_its_pixels(measured):
    assert seconds(measured(), eval_size=64) == pytest.approx(AN_IMAGE * (3 * 21 + 4 * (3 * 6 + 3) / 3))


def test_images_that_grow_take_less_than_whole_ones(measured):
    growing = config(epochs=6, first_size=16)
    assert whole_epochs(growing) == pytest.approx(sum((side / 32) ** 2 for side in (16, 16, 24, 24, 32, 32)))
    assert seconds(measured(), epochs=6, first_size=16) == pytest.approx(AN_IMAGE * (21 * whole_epochs(growing) + (6 * 6 + 3) / 3))


def test_what_was_measured_on_smaller_images_is_put_to_the_whole_size(measured):
    version = measured(epochs=6, first_size=16, numbers=(1,), seconds=21 * AN_IMAGE / 4)
    assert seconds(version) == pytest.approx(AN_IMAGE * (3 * 21 + (3 * 6 + 3) / 3))


def test_where_the_size_is_picked_trainings_from_other_weights_tell_nothing(measured):
    version = measured(model="resnet18", image_size=None)  # from scratch about 224 pixels, or 64 of small images
    scratch = TrainConfig(model="resnet18", epochs=3)
    assert estimates.like(version, scratch) and not estimates.like(version, replace(scratch, weights="default"))


def test_a_part_of_the_images_takes_its_part_of_the_time(measured):
    assert seconds(measured(), most_images=7) == pytest.approx(AN_IMAGE * (3 * 7 + (3 * 6 + 3) / 3))  # so few are judged whole


@pytest.fixture
def uneven(dataset):
    """Its version with 30, 10 and 2 training images."""
    version = dataset.versions.get()
    for entry, images in zip(version.classes, (30, 10, 2), strict=True):
        entry["train"] = images
    version.save()
    return version


@pytest.mark.parametrize(("sampling", "an_epoch"), [(None, 42), ("over", 90), ("under", 6)])
def test_an_epoch_takes_what_it_shows_of_uneven_classes(uneven, sampling, an_epoch):
    every, looked = config(), config(sampling=sampling)
    judged = (3 * 6 + 3) / 3
    assert estimates.takes(uneven, looked).seconds / estimates.takes(uneven, every).seconds == pytest.approx(
        (3 * an_epoch + judged) / (3 * 42 + judged)
    )
    told = estimates.before(uneven, looked)["train"]
    assert told == "42 images" + (f", {an_epoch} shown an epoch" if sampling else "")


def test_where_classes_are_even_an_epoch_shows_what_there_is(dataset):
    assert estimates.before(dataset.versions.get(), config(sampling="over"))["train"] == "21 images"


def test_an_epoch_that_was_measured_is_put_to_the_images_that_it_showed(uneven, measured):
    version = measured(sampling="over", seconds=90 * AN_IMAGE)
    assert seconds(version, sampling="over") == pytest.approx(AN_IMAGE * (3 * 90 + (3 * 6 + 3) / 3))


def test_accumulated_batches_take_no_longer(measured):
    version = measured()
    assert seconds(version, accumulate=4) == pytest.approx(seconds(version))


def test_early_stopping_makes_it_at_most(measured):
    version = measured()
    assert estimates.before(version, config(early_stopping=2))["takes"].startswith("at most about")
    assert estimates.before(version, config())["takes"].startswith("about")


def test_memory_is_told_from_trainings_of_the_same_batch(measured):
    measured(memory=300e6, batch_size=16)
    version = measured(memory=320e6, batch_size=16)
    words = ("about 320 MB", "at the peak of two batches, measured before 2 earlier trainings", "")
    assert estimates.before(version, config(batch_size=16))["memory"] == words


@pytest.mark.parametrize("other", [{"batch_size": 32}, {"batch_size": 16, "image_size": 64}, {"batch_size": 16, "accumulate": 2}])
def test_of_another_batch_or_size_the_memory_is_guessed(measured, other):
    version = measured(memory=300e6, batch_size=16)
    assert estimates.before(version, config(**other))["memory"].basis.startswith("a rough guess")


def test_of_a_head_with_a_fine_tuning_the_memory_of_that_is_told(measured):
    later = {"weights": "default", "freeze": "backbone", "model": "efficientnet_lite0", "epochs": 5, "finetune": 2, "batch_size": 16}
    version = measured(memory=2e9, **later)
    words = ("about 2.0 GB", "while the whole network learns, measured before 1 earlier training", "")
    assert estimates.before(version, config(**later))["memory"] == words


def test_the_memory_of_a_picked_batch_is_that_of_picked_ones(measured):
    version = measured(memory=300e6, batch_size=None)
    assert estimates.before(version, config(batch_size=None))["memory"][0] == "about 300 MB"
    assert estimates.before(version, config(batch_size=64))["memory"].basis.startswith("a rough guess")


def test_the_card_shows_a_guess_until_the_memory_was_measured(signed_in, editor, dataset, measured):
    client, fields = signed_in(editor), {"model": "small_cnn", "epochs": "3", "image_size": "32", "batch_size": "16", "dataset": dataset.id}
    fields |= {"optimizer": "adamw", "momentum": "0.9", "label_smoothing": "0.1", "seed": "0", "device": "auto", "name": "x"}
    assert "a rough guess: 4.5 MB for the network" in client.post("/experiments/preview/", fields).json()["side"]
    measured(memory=300e6, batch_size=16)
    assert "about 300 MB" in client.post("/experiments/preview/", fields).json()["side"]
