"""The rules of docs/insights.md on trainings that truly over-fit, stop early, learn nothing or are well."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from sklearn.datasets import load_digits

from classifier.data.importer import import_dataset
from classifier.spec.config import TrainConfig
from classifier.training.loop import train
from tests.classifier.training.conftest import save
from webapp.experiments.insights import Facts, insights

BASE = {"batch_size": 16, "device": "cpu", "deterministic": True, "image_size": 8}
BY_HEART = {"epochs": 14, "augment": False, "label_smoothing": 0.0, "weight_decay": 0.0}


def judged(data, folder, **settings):
    """What the rules say about a training with those settings."""
    config = TrainConfig.from_mapping(BASE | settings)
    train(data, folder, config)
    result = json.loads((folder / "result.json").read_text())
    classes, counts = result["dataset"]["classes"], result["dataset"]["counts"]
    facts = Facts(
        experiment_id="0" * 20,
        dataset_id="1" * 20,
        config=result["config"],
        planned=config.epochs,
        history=result["history"],
        best_epoch=result["best_epoch"],
        counts=np.array(result["test"]["confusion"]),
        names=classes,
        train_counts=[counts[label]["train"] for label in classes],
    )
    return {said.rule: said for said in insights(facts)}


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    """A DATASET of noise under labels that mean nothing: all that can be learnt is learnt by heart."""
    folder, random = tmp_path_factory.mktemp("noise"), np.random.default_rng(0)
    for index in range(150):
        save(random.integers(0, 256, (8, 8), dtype=np.uint8), folder / "source" / "abc"[index % 3] / f"{index}.png")
    import_dataset(folder / "source", folder / "data")
    return folder / "data"


@pytest.fixture(scope="module")
def ten_digits(tmp_path_factory):
    """A DATASET of 400 grey digits in ten classes."""
    folder, (images, labels) = tmp_path_factory.mktemp("ten"), load_digits(return_X_y=True)
    for i in range(400):
        save((images[i].reshape(8, 8) * 15.9).astype(np.uint8), folder / "source" / str(labels[i]) / f"{i}.png")
    import_dataset(folder / "source", folder / "data")
    return folder / "data"


@pytest.fixture
def run(tmp_path):
    yield tmp_path / "run"
    shutil.rmtree(tmp_path / "run", ignore_errors=True)


def test_noise_is_learnt_by_heart(noise, run):
    said = judged(noise, run, **BY_HEART)
    assert said["overfitting"].title.startswith("Over-fitting from epoch") and said["baseline"].tone == "bad"


def test_digits_are_well(digits, run):
    said = judged(digits, run, epochs=12)
    assert said["baseline"].tone == "good" and not {"overfitting", "still_learning", "not_learning", "diverged", "imbalance"} & said.keys()


def test_digits_without_augmentation_are_not_called_over_fitted(digits, run):
    assert "overfitting" not in judged(digits, run, **BY_HEART)


def test_a_low_rate_stopped_early_is_still_learning(ten_digits, run):
    assert judged(ten_digits, run, epochs=8, learning_rate=0.0002)["still_learning"].title == "Still learning"


def test_a_rate_of_nearly_nothing_learns_nothing(digits, run):
    said = judged(digits, run, epochs=20, learning_rate=1e-7)
    assert "far below" in said["not_learning"].words
