"""A training on one fold of a cross-validation, and everything that looks at its validation images later."""

from __future__ import annotations

import csv
import json

import pytest

from classifier.data.dataset import Dataset
from classifier.data.folds import folded
from classifier.evaluate import evaluate
from classifier.spec.config import TrainConfig
from classifier.spec.errors import InputError
from classifier.training.finder import find_rate
from classifier.training.loop import train


@pytest.fixture(scope="module")
def config() -> TrainConfig:
    return TrainConfig(epochs=1, batch_size=32, device="cpu", deterministic=True, folds=3, fold=2)


@pytest.fixture(scope="module")
def run(digits, tmp_path_factory, config):
    """The RUN of the second of three folds."""
    folder = tmp_path_factory.mktemp("fold") / "run"
    train(digits, folder, config)
    return folder


def measured(run, split: str) -> set[str]:
    """The images that an evaluation looked at."""
    told = evaluate(run, split=split, device="cpu")
    with (run / told["predictions"]).open(newline="") as file:
        return {row["path"] for row in csv.DictReader(file)}


def paths(data: Dataset, split: str) -> set[str]:
    return {data.path(int(position)) for position in data.indices(split)}


def test_a_training_tells_the_images_of_its_fold(digits, run):
    result, part = json.loads((run / "result.json").read_text()), folded(Dataset.open(digits), 3, 2)
    assert result["dataset"]["counts"] == part.counts != Dataset.open(digits).counts
    assert (result["config"]["folds"], result["config"]["fold"]) == (3, 2)


def test_its_validation_is_never_of_images_that_it_learnt_from(digits, run):
    part = folded(Dataset.open(digits), 3, 2)
    assert measured(run, "validation") == paths(part, "validation") and measured(run, "train") == paths(part, "train")
    assert measured(run, "test") == paths(Dataset.open(digits), "test")


def test_another_dataset_is_evaluated_as_it_is(digits, run, tmp_path):
    from classifier.data.revise import revise

    (tmp_path / "changes.jsonl").write_text(json.dumps({"op": "sample", "position": 0, "removed": True}))
    revise(digits, tmp_path / "changes.jsonl", tmp_path / "other")
    told = evaluate(run, split="validation", data=tmp_path / "other", device="cpu")
    assert told["n"] == len(Dataset.open(tmp_path / "other").indices("validation"))


def test_another_fold_is_another_training(digits, run, config):
    with pytest.raises(InputError, match=r"begun with other settings: fold \(2 then, 3 now\)"):
        train(digits, run, TrainConfig.from_mapping(config.to_mapping() | {"fold": 3}))


def test_without_a_number_it_is_the_first_fold(digits, tmp_path, config):
    train(digits, tmp_path / "run", TrainConfig.from_mapping(config.to_mapping() | {"fold": None}))
    assert json.loads((tmp_path / "run" / "result.json").read_text())["config"]["fold"] == 1


def test_a_search_for_a_rate_looks_at_the_fold_alone(digits, config, monkeypatch):
    seen = []
    monkeypatch.setattr("classifier.training.finder.part_of", lambda part, *_: seen.append(part) or part)
    find_rate(digits, config, steps=10)
    assert paths(seen[0], "validation") == paths(folded(Dataset.open(digits), 3, 2), "validation")
