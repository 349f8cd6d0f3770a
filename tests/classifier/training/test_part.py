"""A training on a part of its dataset."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.data import part
from classifier.data.dataset import Dataset
from classifier.data.part import part_of
from classifier.spec.config import TrainConfig
from classifier.training.loop import train


@pytest.fixture
def whole(digits, monkeypatch):
    monkeypatch.setattr(part, "LEAST_JUDGED", 6)
    return Dataset.open(digits)


def test_a_part_has_the_same_share_of_each_class(whole):
    labels = whole.labels[part_of(whole, 42, 0).indices("train")]
    full = np.bincount(whole.labels[whole.indices("train")])
    assert np.abs(np.bincount(labels) - full * 42 / full.sum()).max() <= 0.5 and abs(len(labels) - 42) <= 1


def test_enough_images_stay_to_judge_by(whole):
    small = part_of(whole, 3, 0)
    assert [len(small.indices(split)) for split in ("train", "validation", "test")] == [3, 6, 6]


def test_the_same_seed_draws_the_same_part_and_another_one_another(whole):
    first, again, other = (part_of(whole, 20, seed).indices("train").tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_a_part_as_large_as_the_whole_is_the_whole(whole):
    assert part_of(whole, len(whole.indices("train")), 0) is whole and part_of(whole, None, 0) is whole


def test_what_is_left_aside_counts_nowhere_and_paths_stay(whole):
    small = part_of(whole, 20, 0)
    assert {label: counts["train"] for label, counts in small.counts.items()} == dict(
        zip(whole.classes, np.bincount(whole.labels[small.indices("train")]).tolist(), strict=True)
    )
    assert small.path(int(small.indices("test")[0])) == whole.path(int(small.indices("test")[0])) and small.id == whole.id


def test_a_training_sees_its_part_alone_and_says_so(digits, quick, tmp_path, monkeypatch):
    monkeypatch.setattr(part, "LEAST_JUDGED", 6)
    config = TrainConfig.from_mapping(quick.to_mapping() | {"most_images": 30, "epochs": 1})
    told = train(digits, tmp_path / "run", config)
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["config"]["most_images"] == 30 and told["test"]["n"] == result["test"]["n"] < 18
    assert sum(counts["train"] for counts in result["dataset"]["counts"].values()) in (29, 30, 31)
