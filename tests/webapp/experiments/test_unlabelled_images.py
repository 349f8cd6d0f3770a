"""A version of which some images are unlabelled still: what its trainings learn, and what is said of it at launch."""

from __future__ import annotations

import pytest

from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from tests.webapp.experiments.kit import SMALL, dataset_of, epoch, launched
from webapp.datasets.models import DatasetVersion
from webapp.experiments import actions, estimates, insights, live
from webapp.experiments.learning import learnt_classes, learnt_counts, left_unlabelled
from webapp.experiments.models import EpochMatrix


def begun(user, labels=("ant", "bee", "cow", "unlabelled")):
    dataset = dataset_of(user)
    classes = [{"label": label, "name": label, "train": 7, "validation": 2, "test": 1} for label in labels]
    DatasetVersion.objects.filter(dataset=dataset).update(classes=classes, images=10 * len(labels))
    return dataset


def test_the_other_classes_and_their_images_are_learnt(editor):
    version = begun(editor).versions.get()
    assert [entry["label"] for entry in learnt_classes(version)] == ["ant", "bee", "cow"]
    assert learnt_counts(version) == {"train": 21, "validation": 6, "test": 3} and left_unlabelled(version) == 10


def test_the_launch_form_says_how_many_are_left_out_and_counts_without_them(editor):
    version = begun(editor).versions.get()
    told = estimates.before(version, TrainConfig(**SMALL))
    assert told["train"] == "21 images"
    assert ("10 unlabelled images left out of the training", "datasets:label") in [(check.words, check.page) for check in told["checks"]]


def test_too_few_labelled_classes_are_refused_with_what_to_do(actor_of, editor):
    with pytest.raises(ConfigError, match="has 10 unlabelled images, and besides fewer than the 2 classes .*; label more"):
        actions.launch(actor_of(editor), begun(editor, ("ant", "unlabelled")), "First", SMALL)


@pytest.mark.parametrize(("size", "names"), [(3, ["ant", "bee", "cow"]), (4, ["ant", "bee", "cow", "unlabelled"])])
def test_a_matrix_has_the_names_of_the_classes_that_its_training_learnt(editor, size, names):
    experiment = launched(editor, dataset=begun(editor))
    assert live.class_names(experiment, size) == names
    counts = [[5 if row == column else 0 for column in range(size)] for row in range(size)]
    facts = insights.facts_of(experiment, counts, "test", "#", None)
    assert facts.names == names and len(facts.train_counts) == size


def test_charts_by_class_show_as_many_as_there_are(editor):
    experiment = launched(editor, dataset=begun(editor))
    matrix = EpochMatrix(experiment=experiment, epoch=1, confusion=epoch(1)["confusion"])
    assert "unlabelled" not in str(live.matrix_figures(experiment, matrix))
