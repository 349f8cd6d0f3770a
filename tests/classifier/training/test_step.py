"""One step: accumulation moves as the whole batch would, and long gradients are shortened."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from classifier.spec.config import TrainConfig
from classifier.spec.defaults import pick_learning_rate
from classifier.spec.errors import Interrupted
from classifier.training.devices import Plan
from classifier.training.loop import train
from classifier.training.losses import make_criterion
from classifier.training.step import learn
from tests.classifier.training.runs import after, result, same


def small(config):
    """A network without batch norm, whose gradient is that of its parts, and what moves it."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(48, 16), nn.ReLU(), nn.Linear(16, 3)).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    criterion = make_criterion(config, [2, 30, 300], torch.device("cpu"))
    return SimpleNamespace(config=config, model=model, optimizer=optimizer, criterion=criterion, plan=Plan())


def batch(size):
    chance = torch.Generator().manual_seed(1)
    return torch.randn(size, 3, 4, 4, generator=chance, dtype=torch.float64), torch.arange(size) % 3


def weights(training):
    return torch.cat([p.detach().flatten() for p in training.model.parameters()])


@pytest.mark.parametrize("parts", [2, 3, 5, 50])
def test_accumulated_parts_move_the_weights_as_one_batch_does(parts):
    whole, cut = small(TrainConfig()), small(TrainConfig(accumulate=parts))
    told = [learn(training, training.model, *batch(11)) for training in (whole, cut)]
    torch.testing.assert_close(weights(cut), weights(whole), rtol=1e-5, atol=1e-6)  # the loss is of float32 logits
    torch.testing.assert_close(told[1], told[0])
    assert told[0][2] == 11


@pytest.mark.parametrize("loss", ["cross_entropy", "focal", "binary"])
@pytest.mark.parametrize("mixed", [False, True])
def test_accumulated_parts_of_weighted_classes_move_the_weights_as_one_batch_does(loss, mixed):
    weighted = TrainConfig(loss=loss, class_weights="balanced")
    images, labels = batch(11)
    target = functional.one_hot(labels, 3).float().roll(1, 0).lerp(functional.one_hot(labels, 3).float(), 0.7) if mixed else labels
    whole, cut = small(weighted), small(replace(weighted, accumulate=4))
    told = [learn(training, training.model, images, target) for training in (whole, cut)]
    torch.testing.assert_close(weights(cut), weights(whole), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(told[1], told[0])


def test_a_long_gradient_is_shortened_to_the_norm_that_is_asked_for():
    free, clipped = small(TrainConfig()), small(TrainConfig(clip_norm=0.01))
    before = weights(free)
    for training in (free, clipped):
        learn(training, training.model, *batch(8))
    clip_grad_norm_(free.model.parameters(), 0.01)
    moved = (weights(clipped) - before) / -0.5
    torch.testing.assert_close(moved, torch.cat([p.grad.flatten() for p in free.model.parameters()]), rtol=1e-5, atol=1e-9)
    assert moved.norm() == pytest.approx(0.01, rel=1e-3)


def test_a_short_gradient_is_left_alone():
    free, clipped = small(TrainConfig()), small(TrainConfig(clip_norm=1e5))
    for training in (free, clipped):
        learn(training, training.model, *batch(8))
    assert torch.equal(weights(free), weights(clipped))


def test_the_picked_rate_is_that_of_the_whole_batch():
    assert pick_learning_rate(TrainConfig(batch_size=16, accumulate=4)) == pick_learning_rate(TrainConfig(batch_size=64))


def test_an_accumulating_training_counts_steps_of_whole_batches_and_is_exact_after_a_cut(digits, quick, tmp_path):
    config = replace(quick, batch_size=8, accumulate=4, clip_norm=1.0, optimizer="muon")
    train(digits, tmp_path / "uncut", config)
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", config, should_stop=after(5 + 4))
    train(digits, tmp_path / "run", config)
    assert same(tmp_path / "run", tmp_path / "uncut")
    assert [row["step"] for row in result(tmp_path / "run")["history"]] == [3, 6, 9]
