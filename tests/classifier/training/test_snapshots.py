"""How often a checkpoint is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from classifier.run import manifest
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from classifier.training.loop import train
from tests.classifier.training.runs import alone, result, same


@pytest.fixture
def saved(digits, tmp_path, quick):
    """(RUN folder, the files of its checkpoints as they were told) of a training of four epochs of six steps."""

    def run(**changes):
        told = []
        train(digits, tmp_path / "run", replace(quick, epochs=4, batch_size=16, **changes), on_event=told.append)
        return tmp_path / "run", [event["file"] for event in told if event["event"] == "checkpoint"]

    return run


def best_so_far(folder):
    return [row["epoch"] for row in result(folder)["history"] if row["best"]]


def test_a_checkpoint_is_kept_after_each_epoch_unless_asked_otherwise(saved):
    assert saved()[1] == [f"epoch-{number:04}.pt" for number in (1, 2, 3, 4)]


def test_rarer_ones_are_beside_each_best_and_the_last(saved):
    folder, files = saved(snapshot_every=3)
    assert files == [f"epoch-{number:04}.pt" for number in sorted({3, 4, *best_so_far(folder)})]
    assert result(folder)["best_epoch"] == best_so_far(folder)[-1]


def test_several_an_epoch_are_cut_inside_it(saved):
    folder, files = saved(snapshot_every=0.5)
    per_epoch = result(folder)["history"][0]["step"]
    halves = [f"step-{per_epoch * number + round(per_epoch / 2):07}.pt" for number in range(4)]
    assert files == [file for number, half in enumerate(halves, 1) for file in (half, f"epoch-{number:04}.pt")]
    assert any(entry["best"] for entry in manifest(folder))


@pytest.mark.parametrize("every", [0.5, 3])
def test_how_often_is_kept_changes_nothing_also_after_a_kill(digits, tmp_path, quick, every):
    config = replace(quick, epochs=4, batch_size=16)
    train(digits, tmp_path / "uncut", config)
    assert alone(digits, tmp_path / "run", replace(config, snapshot_every=every), "step@16:kill").returncode == -9
    train(digits, tmp_path / "run", None)
    assert same(tmp_path / "run", tmp_path / "uncut")
    assert [row["epoch"] for row in json.loads((tmp_path / "run" / "result.json").read_text())["history"]] == [1, 2, 3, 4]


def test_rarer_than_the_training_is_long_is_refused():
    with pytest.raises(ConfigError, match="snapshot_every: must be at most the training's 3 epochs; 4 came"):
        TrainConfig.from_mapping({"epochs": 3, "snapshot_every": 4})
