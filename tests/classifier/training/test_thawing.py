"""Fine-tuning by depth: frozen stages, stages that thaw while training, and rates that fall with depth."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from classifier.models.build import build
from classifier.models.freezing import stages_of
from classifier.models.weights import load_weights
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError, Interrupted
from classifier.training import optim
from classifier.training.loop import train
from tests.classifier.training.runs import after, result, same

STAGES = 5  # of the small network


@pytest.fixture(scope="module")
def config(digits, tmp_path_factory):
    """A configuration that starts from a RUN's weights and thaws a stage after each epoch."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    plain = TrainConfig(epochs=1, batch_size=32, device="cpu", deterministic=True)
    train(digits, folder, plain)
    return dataclasses.replace(plain, weights=str(folder), freeze="backbone", unfreeze=1, layer_decay=0.5, epochs=3, on_nan="stop")


@pytest.fixture(scope="module")
def uncut(digits, config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("uncut") / "run"
    train(digits, folder, config)
    return folder


def changed(folder, first: int, second: int) -> set[str]:
    """The parts of the small network that two kept epochs differ in."""
    states = [Run.open(folder).load_model(epoch)[0].state_dict() for epoch in (first, second)]
    return {".".join(name.split(".")[:2]) for name in states[0] if not torch.equal(states[0][name], states[1][name])}


def test_the_small_network_has_as_many_stages_as_convolutions():
    assert len(stages_of(build("small_cnn", 3, image_size=32))) == STAGES


def test_each_epoch_thaws_the_stage_before(digits, uncut, config):
    start = Run.open(config.weights).load_model("best")[0].state_dict()
    first = Run.open(uncut).load_model(1)[0].state_dict()
    assert {name for name in start if not torch.equal(start[name], first[name])} == {"head.weight", "head.bias"}
    assert changed(uncut, 1, 2) == {"features.7", "head.weight", "head.bias"}
    assert changed(uncut, 2, 3) == {"features.5", "features.7", "head.weight", "head.bias"}


@pytest.mark.parametrize("steps", [6, 8])
def test_a_thawing_training_that_is_cut_ends_bit_for_bit_as_an_uncut_one(digits, tmp_path, config, uncut, steps):
    for _ in range(2):
        with pytest.raises(Interrupted):
            train(digits, tmp_path / "run", config, should_stop=after(steps))
    train(digits, tmp_path / "run", config)
    assert same(tmp_path / "run", uncut) and result(tmp_path / "run")["test"] == result(uncut)["test"]


def test_what_thaws_is_told(digits, tmp_path, config):
    told = []
    train(digits, tmp_path / "run", config, on_event=told.append)
    texts = [event["message"] for event in told if event["event"] == "log"]
    assert "From epoch 2 on features.7 learns too; 4 stages stay frozen." in texts


def test_result_json_names_what_was_frozen(digits, tmp_path, config):
    half = dataclasses.replace(config, freeze=0.5, unfreeze=None, epochs=1)
    train(digits, tmp_path / "run", half)
    found = result(tmp_path / "run")
    assert found["frozen"]["stages"] == ["features.0", "features.2"] and found["frozen"]["of"] == STAGES
    start = Run.open(config.weights).load_model("best")[0].state_dict()
    end = Run.open(tmp_path / "run").load_model("last")[0].state_dict()
    still = {name for name in start if torch.equal(start[name], end[name])}
    assert {name for name in start if name.startswith(("features.0.", "features.2."))} <= still
    assert "features.3.0.weight" not in still


def test_more_frozen_stages_than_there_are_leave_the_folder_untouched(digits, tmp_path, config):
    with pytest.raises(ConfigError, match="at most 5"):
        train(digits, tmp_path / "run", dataclasses.replace(config, freeze=9))
    assert not (tmp_path / "run").exists()


def test_a_stage_learns_at_a_share_of_the_rate_of_the_one_behind_it(config):
    model = build("small_cnn", 3, image_size=32)
    optimizer = optim.make_optimizer(model, dataclasses.replace(config, learning_rate=0.1, weight_decay=0.01))
    optim.set_learning_rate(optimizer, 0.1)
    rates = {id(parameter): group["lr"] for group in optimizer.param_groups for parameter in group["params"]}
    found = {name: rates[id(parameter)] for name, parameter in model.named_parameters()}
    assert found["head.weight"] == found["head.bias"] == 0.1
    assert found["features.7.0.weight"] == pytest.approx(0.05) and found["features.0.1.bias"] == pytest.approx(0.1 * 0.5**STAGES)
    assert len(rates) == len(list(model.parameters()))


def test_without_a_decay_all_learn_alike(config):
    optimizer = optim.make_optimizer(
        build("small_cnn", 3, image_size=32), dataclasses.replace(config, learning_rate=0.1, weight_decay=0.0, layer_decay=None)
    )
    optim.set_learning_rate(optimizer, 0.03)
    assert [group["lr"] for group in optimizer.param_groups] == [0.03, 0.03]


def test_norms_stay_undecayed_at_every_depth(config):
    optimizer = optim.make_optimizer(
        build("small_cnn", 3, image_size=32), dataclasses.replace(config, learning_rate=0.1, weight_decay=0.01)
    )
    assert all(group["weight_decay"] == (0.01 if p.ndim > 1 else 0.0) for group in optimizer.param_groups for p in group["params"])


def test_any_kept_epoch_of_a_run_gives_its_weights(uncut, digits, tmp_path, config):
    for epoch in (1, 3):
        model = build("small_cnn", 3, image_size=32)
        load_weights(model, f"{uncut}@{epoch}", name="small_cnn")
        kept = Run.open(uncut).load_model(epoch)[0].state_dict()
        assert all(torch.equal(tensor, kept[name]) for name, tensor in model.state_dict().items())


def test_an_epoch_that_was_not_kept_is_refused_with_those_that_were(uncut):
    with pytest.raises(ConfigError, match="no checkpoint 9; there are best, last and those of epochs 1, 2, 3"):
        load_weights(build("small_cnn", 3, image_size=32), f"{uncut}@9", name="small_cnn")


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"unfreeze": 1}, "unfreeze", "needs something frozen"),
        ({"freeze": "backbone", "weights": "w", "layer_decay": 0.8}, "layer_decay", "only the head does"),
        ({"freeze": "backbone", "weights": "w", "unfreeze": 1, "features": "once"}, "features", "thaw nothing"),
        ({"freeze": 0.5, "weights": "w", "features": "once"}, "features", "set freeze to backbone"),
        ({"freeze": 0.5, "weights": "w", "batch_size": 1}, "batch_size", "at least 2"),
        ({"freeze": 2.5, "weights": "w"}, "freeze", "a number of stages such as 4"),
        ({"freeze": True, "weights": "w"}, "freeze", "a share of them"),
        ({"freeze": "half", "weights": "w"}, "freeze", "'half' came"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(values, field, words):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping(values)
    assert words in caught.value.fields[field]


@pytest.mark.parametrize(("asked", "kept"), [("backbone", "backbone"), (3, 3), (3.0, 3), (0.25, 0.25), (None, None)])
def test_a_depth_is_kept_as_it_was_asked_for(asked, kept):
    assert TrainConfig.from_mapping({"freeze": asked, "weights": "default", "model": "resnet18"}).freeze == kept
