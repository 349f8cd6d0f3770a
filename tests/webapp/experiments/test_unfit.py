"""A configuration that the chosen data make impossible is refused at its field."""

from __future__ import annotations

import pytest

from classifier.spec.errors import ConfigError
from tests.webapp.experiments.kit import SMALL, dataset_of
from webapp.datasets.models import DatasetVersion
from webapp.experiments import actions
from webapp.experiments.forms import LaunchForm
from webapp.experiments.models import Experiment


@pytest.fixture
def of_one_class(editor):
    dataset = dataset_of(editor)
    classes = [{"label": "ant", "name": "ant", "train": 7, "validation": 2, "test": 1}]
    DatasetVersion.objects.filter(dataset=dataset).update(classes=classes, images=10)
    return dataset


def test_mixing_images_of_one_class_is_refused_where_it_was_asked_for(actor_of, editor, of_one_class):
    form = LaunchForm.starting(actor_of(editor), SMALL | {"augment": {"mixup": 0.2}}, of_one_class.id, "First")
    assert form.check() is None
    assert "mixes images of different classes" in form.errors["mixup"] and "has 1 class" in form.errors["dataset"]
    assert form.augment_open


def test_one_class_is_nothing_to_tell_apart(actor_of, editor, of_one_class):
    with pytest.raises(ConfigError, match="dataset: has 1 class, and a classifier tells at least 2 apart"):
        actions.launch(actor_of(editor), of_one_class, "First", SMALL)
    assert not Experiment.objects.exists()


def test_a_single_training_image_is_too_few(actor_of, editor):
    dataset = dataset_of(editor)
    classes = [{"label": label, "name": label, "train": count, "validation": 1, "test": 1} for label, count in (("ant", 1), ("bee", 0))]
    DatasetVersion.objects.filter(dataset=dataset).update(classes=classes)
    with pytest.raises(ConfigError, match="has 1 training image"):
        actions.launch(actor_of(editor), dataset, "First", SMALL)


def test_two_classes_may_be_mixed(actor_of, editor):
    form = LaunchForm.starting(actor_of(editor), SMALL | {"augment": {"mixup": 0.2}}, dataset_of(editor).id, "First")
    assert form.check() is not None


def test_what_stops_early_needs_validation_images(actor_of, editor):
    dataset = dataset_of(editor)
    classes = [{"label": label, "name": label, "train": 5, "validation": 0, "test": 1} for label in ("ant", "bee")]
    DatasetVersion.objects.filter(dataset=dataset).update(classes=classes)
    form = LaunchForm.starting(actor_of(editor), SMALL | {"early_stopping": 3}, dataset.id, "First")
    assert form.check() is None and "goes by validation images" in form.errors["early_stopping"] and form.more_wrong
    assert LaunchForm.starting(actor_of(editor), SMALL | {"early_stopping": 3, "folds": 2}, dataset.id, "First").check() is not None
