"""A loss that is no number: nothing of it is kept, and the policy decides how it goes on."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
import torch

from classifier.run import manifest
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ClassifierError
from classifier.spec.schedules import cosine_with_warmup
from classifier.training import progress
from classifier.training.loop import train

# steep enough to diverge in its third epoch, and in its fourth with half the rate
STEEP = TrainConfig(
    epochs=12, batch_size=32, device="cpu", deterministic=True, optimizer="sgd", weight_decay=10.0, learning_rate=1.5, warmup_epochs=0.0
)
STEPS = 3  # an epoch


def tried(digits, folder, config):
    with pytest.raises(ClassifierError) as caught:
        train(digits, folder, config)
    return caught.value


def first_step(digits, folder, config):
    """(number, rate) of the first step that it tells of."""
    told = []
    with contextlib.suppress(ClassifierError):
        train(digits, folder, config, on_event=lambda event: told.append(event) if event.get("stage") == "training" else None)
    event = next(event for event in told if event["event"] == "progress")
    return event["step"], event["lr"]


def finite_checkpoints(folder) -> bool:
    states = [torch.load(folder / "checkpoints" / entry["file"], weights_only=True) for entry in manifest(folder)]
    return all(tensor.isfinite().all() for state in states for tensor in state["model"].values() if tensor.is_floating_point())


def test_no_checkpoint_holds_a_weight_that_is_no_number(digits, tmp_path):
    assert tried(digits, tmp_path / "run", STEEP).code == "nan_loss"
    assert manifest(tmp_path / "run") and finite_checkpoints(tmp_path / "run")


def test_by_default_it_stops_and_trying_again_is_of_no_use(digits, tmp_path):
    error = tried(digits, tmp_path / "run", STEEP)
    assert not error.retry
    assert "Lower the learning rate" in error.message


def test_going_back_halves_the_rate_from_the_last_good_checkpoint(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "TICK_SECONDS", 0.0)  # each step is told
    back = replace(STEEP, on_nan="go_back")
    error = tried(digits, tmp_path / "run", back)
    kept = manifest(tmp_path / "run")[-1]["epoch"]
    assert error.retry and f"goes back to the checkpoint of epoch {kept} with half the rate" in error.message
    step, rate = first_step(digits, tmp_path / "run", back)
    assert step == kept * STEPS + 1
    assert rate == pytest.approx(0.5 * STEEP.learning_rate * cosine_with_warmup(step - 1, STEEP.epochs * STEPS, 0))


def test_it_goes_back_twice_at_most(digits, tmp_path):
    back = replace(STEEP, on_nan="go_back", learning_rate=100.0)
    errors = [tried(digits, tmp_path / "run", back) for _ in range(3)]
    assert [error.retry for error in errors] == [True, True, False]
    assert "halved 2 times" in errors[-1].message
