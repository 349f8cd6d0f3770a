"""Whatever a training uses, cutting it at any step changes nothing of what it ends with."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
import torch

from classifier.run import Run, manifest
from classifier.spec.config import TrainConfig
from classifier.spec.errors import Interrupted
from classifier.training.loop import train
from tests.classifier.training.runs import after, alone, result, same

STEPS, EPOCHS = 3, 3
EARLIER = {"crop": 0.5, "rotate": 10.0, "color": 0.2, "erase": 0.5}
ALL_OF_IT = TrainConfig(
    epochs=EPOCHS,
    batch_size=32,
    device="cpu",
    deterministic=True,
    augment={
        **EARLIER,
        "flip_vertical": True,
        "scale": 0.1,
        "blur": 1.0,
        "noise": 0.05,
        "policy": "randaugment",
        "mixup": 0.2,
        "cutmix": 1.0,
    },
    ema=0.9,
    precision="bf16",
    optimizer="sgd",
    warmup_epochs=1.0,
    class_weights="balanced",
)
LATER = (  # fields that runs of the first versions have not
    "accumulate", "clip_norm", "nesterov", "schedule", "decay_factor", "decay_epochs", "milestones", "decay_power",
    "loss", "focal_gamma", "sampling", "min_change",
)  # fmt: skip
CLOCKS = {"seconds": 0, "images_per_second": 0}


@pytest.fixture(scope="module")
def uncut(digits, tmp_path_factory):
    """A RUN without any interruption, with augmentation, schedule, averaged weights and mixed precision."""
    folder = tmp_path_factory.mktemp("uncut") / "run"
    train(digits, folder, ALL_OF_IT)
    return folder


def cut_at(digits, folder, steps):
    """Trains into the folder and is interrupted after each of these numbers of steps of its own, then comes to its end."""
    for count in steps:
        with pytest.raises(Interrupted):
            train(digits, folder, ALL_OF_IT, should_stop=after(count))
    train(digits, folder, ALL_OF_IT)


@pytest.mark.parametrize("seed", range(4))
def test_a_training_cut_at_random_steps_ends_bit_for_bit_as_an_uncut_one(digits, tmp_path, uncut, seed):
    chance = random.Random(seed)
    # the signal is asked once a chunk of images that is decoded (five here), then once a step
    cut_at(digits, tmp_path / "run", [5 + chance.randrange(1, STEPS + 1) for _ in range(EPOCHS - 1)])
    assert same(tmp_path / "run", uncut)
    assert result(tmp_path / "run")["test"] == result(uncut)["test"]
    assert [row | CLOCKS for row in result(tmp_path / "run")["history"]] == [row | CLOCKS for row in result(uncut)["history"]]


def test_a_kill_inside_an_epoch_repeats_its_steps_alike(digits, tmp_path, uncut):
    assert alone(digits, tmp_path / "run", ALL_OF_IT, "step@8:kill").returncode == -9
    train(digits, tmp_path / "run", ALL_OF_IT)
    assert same(tmp_path / "run", uncut)


def test_the_averaged_weights_are_what_is_used_later(uncut):
    state = torch.load(uncut / "checkpoints" / manifest(uncut)[-1]["file"], weights_only=True)
    used = Run.open(uncut).load_model("last")[0].state_dict()
    assert all(torch.equal(used[name], state["average"][name]) for name in used)
    assert any(not torch.equal(used[name], state["model"][name]) for name in used)


def test_a_plateau_lowers_the_rate_alike_after_a_cut(digits, tmp_path):
    config = replace(
        ALL_OF_IT, augment=EARLIER, schedule="plateau", decay_epochs=0.5, decay_factor=0.5, learning_rate=5.0, epochs=4, ema=None
    )
    train(digits, tmp_path / "uncut", config)
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", config, should_stop=after(5 + 2 * STEPS + 1))
    train(digits, tmp_path / "run", config)
    rates = [row["lr"] for row in result(tmp_path / "run")["history"]]
    assert same(tmp_path / "run", tmp_path / "uncut")
    assert rates == [row["lr"] for row in result(tmp_path / "uncut")["history"]] and rates[-1] < rates[1]


def test_a_run_that_began_before_a_field_was_there_goes_on_as_it_would_have(digits, tmp_path, uncut):
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", ALL_OF_IT, should_stop=after(5 + 4))
    file = tmp_path / "run" / "config.json"
    kept = {name: value for name, value in json.loads(file.read_text()).items() if name not in LATER}
    file.write_text(json.dumps(kept))
    train(digits, tmp_path / "run", ALL_OF_IT)
    assert same(tmp_path / "run", uncut)
