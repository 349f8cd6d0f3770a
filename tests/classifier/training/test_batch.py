"""A batch size that is left open is measured once, kept, and followed by the learning rate."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

from classifier.models.build import build
from classifier.spec.batches import SHARE, largest_for
from classifier.spec.config import TrainConfig
from classifier.spec.defaults import pick_learning_rate
from classifier.spec.errors import ConfigError, Interrupted
from classifier.training import batch
from classifier.training.batch import Rehearsal, Tried, climbed
from classifier.training.devices import Plan
from classifier.training.finder import find_rate
from classifier.training.loop import train
from tests.classifier.training.runs import after, result

CPU = torch.device("cpu")
OPEN = TrainConfig(epochs=2, batch_size=None, image_size=8, device="cpu", precision="fp32")


@pytest.fixture
def taken(monkeypatch):
    """{size: (bytes, seconds an image)} that steps are said to take, and the free bytes there are."""

    def set_to(costs, free=10_000):
        monkeypatch.setattr(Rehearsal, "tried", lambda self, size: Tried(size, *costs[size], 0.1) if size in costs else None)
        monkeypatch.setattr(batch, "free_memory", lambda device: free)

    return set_to


def sizes_of(found):
    return [tried.batch for tried in found]


@pytest.fixture
def rehearsal():
    return Rehearsal(build("small_cnn", 3, image_size=8), OPEN, Plan(channels_last=False), CPU)


@pytest.mark.parametrize(
    ("images", "accumulate", "largest"), [(3, 1, 2), (16, 1, 2), (120, 1, 8), (300, 1, 32), (300, 4, 8), (4096, 1, 512), (10**6, 1, 512)]
)
def test_an_epoch_has_eight_steps_where_the_data_allow_it(images, accumulate, largest):
    assert largest_for(images, accumulate) == largest


def test_the_climb_ends_before_what_would_not_fit(rehearsal, taken):
    taken({8: (1000, 1.0), 16: (2000, 1.0), 32: (4000, 1.0), 64: (8000, 1.0)}, free=10_000)
    assert sizes_of(climbed(rehearsal, 64, by_speed=False)) == [8, 16, 32]


def test_a_size_for_which_memory_runs_out_is_the_end(rehearsal, taken):
    taken({8: (10, 1.0)})
    assert sizes_of(climbed(rehearsal, 64, by_speed=False)) == [8]


def test_a_size_that_loses_speed_is_the_end_on_a_processor_alone(rehearsal, taken):
    taken({8: (10, 1.0), 16: (20, 0.8), 32: (40, 1.0), 64: (80, 0.7)})
    assert sizes_of(climbed(rehearsal, 64, by_speed=True)) == [8, 16]
    assert sizes_of(climbed(rehearsal, 64, by_speed=False)) == [8, 16, 32, 64]


def test_on_a_processor_the_memory_of_few_images_tells_which_batch_fits(taken):
    network = build("small_cnn", 3, image_size=8)
    gradients = 4 * sum(parameter.numel() for parameter in network.parameters())
    free = 5 * gradients + 20_000  # the copy that is tried takes four
    taken({2: (gradients + 200, 1.0)}, free=free)
    found = batch.fitting(network, OPEN, Plan(channels_last=False), CPU, 1 << 20)
    assert found is not None and found.growth == gradients + 100 * found.batch <= SHARE * free
    assert gradients + 200 * found.batch > SHARE * free


def test_a_network_that_the_memory_cannot_hold_twice_is_not_even_copied(taken, monkeypatch):
    network = build("small_cnn", 3, image_size=8)
    taken({2: (10, 1.0), 8: (10, 1.0)}, free=4 * sum(parameter.numel() for parameter in network.parameters()))
    monkeypatch.setattr(batch.copy, "deepcopy", lambda *_: pytest.fail("copied"))
    assert batch.fitting(network, OPEN, Plan(channels_last=False), CPU, 256) is None
    assert batch.with_batch(OPEN, network, Plan(channels_last=False), CPU, 1000, lambda event: None).batch_size == 2


def test_where_not_even_few_images_fit_none_is_named(taken):
    taken({})
    assert batch.fitting(build("small_cnn", 3, image_size=8), OPEN, Plan(channels_last=False), CPU, 256) is None


def test_a_rehearsal_really_measures_and_leaves_the_network_alone():
    model = build("small_cnn", 3, image_size=8)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    tried = Rehearsal(model, OPEN, Plan(channels_last=False), CPU).tried(16)
    assert tried is not None and tried.batch == 16 and tried.growth >= 0 and tried.cost > 0 and tried.told["images_per_second"] > 0
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_gradients_are_part_of_what_steps_take():
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 100_000), nn.ReLU(), nn.Linear(100_000, 2))
    rehearsal = Rehearsal(model, OPEN, Plan(channels_last=False), CPU)
    tried = rehearsal.tried(2)
    assert tried is not None and tried.growth > 0.9 * rehearsal.fixed > 70e6


def test_the_picked_batch_is_told_kept_and_followed_by_the_rate(digits, tmp_path):
    events = []
    train(digits, tmp_path / "run", OPEN, on_event=events.append)
    (picked,) = [event for event in events if event["event"] == "picked"]
    config = result(tmp_path / "run")["config"]
    assert (picked["field"], picked["value"], config["batch_size"]) == ("batch_size", 8, 8)
    assert picked["tried"][-1]["batch_size"] == 8 and "Batches of 8 images, measured" in picked["message"]
    assert config["learning_rate"] == pick_learning_rate(replace(OPEN, batch_size=8)) != pick_learning_rate(OPEN)


def test_a_rate_that_was_given_stays(digits, tmp_path):
    train(digits, tmp_path / "run", replace(OPEN, learning_rate=0.001))
    assert result(tmp_path / "run")["config"]["learning_rate"] == 0.001


@pytest.mark.parametrize("again", [OPEN, None], ids=["the same settings", "no settings"])
def test_a_run_that_goes_on_keeps_its_batch_and_measures_nothing(digits, tmp_path, again, monkeypatch):
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", OPEN, should_stop=after(8))
    kept = json.loads((tmp_path / "run" / "config.json").read_text())["batch_size"]
    monkeypatch.setattr(batch, "climbed", lambda *_, **__: pytest.fail("measured again"))
    train(digits, tmp_path / "run", again)
    assert result(tmp_path / "run")["config"]["batch_size"] == kept


def test_the_measuring_changes_nothing_of_the_training(digits, tmp_path):
    train(digits, tmp_path / "open", OPEN)
    train(digits, tmp_path / "given", replace(OPEN, batch_size=8))
    losses = [[row["train_loss"] for row in result(tmp_path / name)["history"]] for name in ("open", "given")]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_the_finder_of_rates_picks_a_batch_as_a_training_does(digits):
    assert find_rate(digits, replace(OPEN, epochs=1), steps=12)["suggested"] > 0


@pytest.mark.parametrize("value", [None, "auto"])
def test_an_open_batch_size_is_null_or_auto(value):
    assert TrainConfig.from_mapping({"batch_size": value}).batch_size is None


def test_another_word_is_refused():
    with pytest.raises(ConfigError, match="batch_size: must be a whole number from 1 to 8,192"):
        TrainConfig.from_mapping({"batch_size": "large"})


def test_what_is_to_repeat_bit_for_bit_needs_a_number():
    with pytest.raises(ConfigError, match="batch_size: must be a number where a training is to repeat bit for bit"):
        TrainConfig.from_mapping({"batch_size": "auto", "deterministic": True})
