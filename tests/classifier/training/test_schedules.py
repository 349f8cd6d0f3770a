"""The schedules: torch's own curves where torch has them, with a warm-up before, and what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.optim import lr_scheduler as torchs

from classifier.spec.config import TrainConfig
from classifier.spec.defaults import filled
from classifier.spec.errors import ConfigError
from classifier.spec.schedules import SCHEDULES, plateau_drops, share, words

EPOCHS = 12
PLAIN = TrainConfig(epochs=EPOCHS, warmup_epochs=0.0)


def curve(config, steps_per_epoch=1):
    return [share(filled(config), step, steps_per_epoch) for step in range(config.epochs * steps_per_epoch)]


def torch_curve(make, steps=EPOCHS):
    """Torch's shares of a rate of 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(("fields", "make"), [
    ({"schedule": "fixed"}, lambda o: torchs.ConstantLR(o, factor=1.0)),
    ({"schedule": "step", "decay_epochs": 4.0, "decay_factor": 0.3}, lambda o: torchs.StepLR(o, 4, 0.3)),
    ({"schedule": "multi_step", "milestones": [3.0, 7.0], "decay_factor": 0.2}, lambda o: torchs.MultiStepLR(o, [3, 7], 0.2)),
    ({"schedule": "exponential", "decay_factor": 0.8}, lambda o: torchs.ExponentialLR(o, 0.8)),
    ({"schedule": "polynomial", "decay_power": 2.0}, lambda o: torchs.PolynomialLR(o, EPOCHS, 2.0)),
    ({"schedule": "inverse", "decay_power": 0.5}, lambda o: torchs.LambdaLR(o, lambda epoch: (1 + epoch) ** -0.5)),
    ({"schedule": "cosine"}, lambda o: torchs.CosineAnnealingLR(o, EPOCHS)),
], ids=lambda value: value["schedule"] if isinstance(value, dict) else "")  # fmt: skip
def test_a_schedule_is_torchs_own(fields, make):
    assert curve(replace(PLAIN, **fields)) == pytest.approx(torch_curve(make), abs=1e-9)


def test_one_cycle_is_torchs_own():
    steps = 40
    rates = torch_curve(lambda o: torchs.OneCycleLR(o, max_lr=1.0, total_steps=steps, pct_start=0.3, cycle_momentum=False), steps - 1)
    assert curve(TrainConfig(epochs=10, schedule="one_cycle"), 4)[:-1] == pytest.approx(rates, abs=1e-9)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_rises_once_never_above_the_highest_rate_and_stays_above_nothing(name):
    rates = curve(TrainConfig(epochs=10, warmup_epochs=2.0, schedule=name), 5)
    peak = rates.index(max(rates))
    assert 8 < peak < 11 and max(rates) == pytest.approx(1.0, abs=0.1) and min(rates) > 0
    assert rates[:peak] == sorted(rates[:peak]) and rates[peak:] == sorted(rates[peak:], reverse=True)


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_shape_is_the_same_for_any_number_of_steps(name):
    config = TrainConfig(epochs=10, warmup_epochs=1.0, schedule=name)
    coarse, fine = curve(config, 10), curve(config, 100)
    assert [fine[10 * step] for step in range(15, 100)] == pytest.approx(coarse[15:], abs=0.03)


def test_a_milestone_is_an_epoch_of_the_training_also_with_a_warmup():
    rates = curve(TrainConfig(epochs=6, warmup_epochs=2.0, schedule="multi_step", milestones=[4.0]), 10)
    assert rates[39] == 1.0 and rates[40] == pytest.approx(0.1)


@pytest.mark.parametrize("patience", [0, 1, 2])
def test_a_plateau_lowers_the_rate_when_torch_does(patience):
    losses = [1.0, 0.9, 0.95, 0.91, 0.89995, 0.8, 0.8, 0.81, 0.82, 0.83, 0.7, 0.7, 0.7]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, rates = torchs.ReduceLROnPlateau(optimizer, factor=0.1, patience=patience, eps=0.0), []
    for loss in losses:
        schedule.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    ours = [0.1 ** plateau_drops(losses[:count], patience) for count in range(1, len(losses) + 1)]
    assert ours == pytest.approx(rates, rel=1e-6) and rates[-1] < 1


def test_every_schedule_says_its_shape():
    said = {name: words(filled(TrainConfig(epochs=30, schedule=name))) for name in SCHEDULES}
    assert said["step"] == "1 epoch of warm-up, then times 0.1 every 10 epochs"
    assert said["multi_step"] == "1 epoch of warm-up, then times 0.1 at epoch 15, 22.5"
    assert len(set(said.values())) == len(SCHEDULES)


def test_what_a_schedule_does_not_use_stays_empty():
    config = filled(TrainConfig())
    assert (config.decay_factor, config.decay_epochs, config.milestones, config.decay_power) == (None, None, None, None)


@pytest.mark.parametrize(("fields", "field"), [
    ({"schedule": "multi_step", "milestones": [5, 10]}, "milestones"),
    ({"schedule": "step", "decay_epochs": 10}, "decay_epochs"),
    ({"schedule": "plateau", "decay_epochs": 12}, "decay_epochs"),
])  # fmt: skip
def test_a_schedule_longer_than_the_training_is_refused(fields, field):
    with pytest.raises(ConfigError, match="training of 10 epochs") as caught:
        TrainConfig.from_mapping({"epochs": 10, **fields})
    assert set(caught.value.fields) == {field}


@pytest.mark.parametrize("value", ["30; 60", [60, 30], [], [0], [True], ["a"], "", {}, ["nan"], list(range(1, 102)), 10**400])
def test_milestones_that_are_none_are_refused_in_words(value):
    with pytest.raises(ConfigError, match="rising numbers of epochs"):
        TrainConfig.from_mapping({"epochs": 100, "schedule": "multi_step", "milestones": value})


@pytest.mark.parametrize(("value", "meant"), [("3, 6", [3.0, 6.0]), ([3, 6.5], [3.0, 6.5]), (4, [4.0]), (None, None)])
def test_milestones_are_a_list_or_its_text(value, meant):
    assert TrainConfig.from_mapping({"schedule": "multi_step", "milestones": value}).milestones == meant


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 90, 100_000])
def test_what_is_picked_makes_a_configuration_that_is_taken(name, epochs):
    config = filled(TrainConfig(epochs=epochs, schedule=name))
    assert TrainConfig.from_mapping(config.to_mapping()) == config
