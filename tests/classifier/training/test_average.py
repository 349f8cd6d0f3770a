"""The mean of the weights over epochs: torch's own, with statistics of its own, and exact after a cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, update_bn

from classifier.models.cnn import small_cnn
from classifier.models.freezing import freeze_backbone
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError, Interrupted
from classifier.training.average import EpochAverage
from classifier.training.loop import train
from classifier.training.statistics import renew_norms
from tests.classifier.training.runs import after, result, same


def moved(model, seed):
    """The network with other weights."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def test_the_mean_over_epochs_is_torchs_own():
    model = small_cnn(2)
    ours, torchs = EpochAverage(model, first=3), AveragedModel(model)
    anew = []
    for epoch in range(1, 6):
        moved(model, epoch)
        anew.append(ours.after_epoch(model, epoch))
        if epoch >= 3:
            torchs.update_parameters(model)
        else:
            assert all(map(torch.equal, ours.model.parameters(), model.parameters()))
    for mine, its in zip(ours.model.parameters(), torchs.module.parameters(), strict=True):
        torch.testing.assert_close(mine, its)
    assert anew == [False, False, False, True, True]


def test_renewed_statistics_are_torchs_own():
    ours, torchs = moved(small_cnn(2), 0), moved(small_cnn(2), 0)
    torchs.load_state_dict(ours.state_dict())
    batches = [torch.randn(8, 3, 16, 16) for _ in range(3)]
    renew_norms(ours, batches)
    update_bn(batches, torchs)
    assert all(map(torch.equal, ours.state_dict().values(), torchs.state_dict().values())) and not ours.training


def test_frozen_norms_keep_their_statistics():
    model = small_cnn(2)
    freeze_backbone(model)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    renew_norms(model, [torch.randn(8, 3, 16, 16)])
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_a_training_with_a_mean_over_epochs_uses_it_and_is_exact_after_cuts(digits, quick, tmp_path):
    config = replace(quick, swa_from=2, epochs=4, schedule="fixed")
    train(digits, tmp_path / "uncut", config)
    for steps in (4, 3):
        with pytest.raises(Interrupted):
            train(digits, tmp_path / "run", config, should_stop=after(5 + steps))
    train(digits, tmp_path / "run", config)
    assert same(tmp_path / "run", tmp_path / "uncut")
    run = Run.open(tmp_path / "run")
    state = torch.load(run.folder / "checkpoints" / run.entry("last")["file"], weights_only=True)
    assert all(torch.equal(state["average"][name], tensor) for name, tensor in run.load_model("last")[0].state_dict().items())
    assert any(not torch.equal(state["average"][name], tensor) for name, tensor in state["model"].items())
    assert result(run.folder)["history"][-1]["val_top1"] > 0.5


@pytest.mark.parametrize(("fields", "words"), [({"swa_from": 10}, "before the last"), ({"swa_from": 5, "ema": 0.9}, "one of the two")])
def test_a_mean_that_cannot_be_is_refused(fields, words):
    with pytest.raises(ConfigError, match=words):
        TrainConfig.from_mapping({"epochs": 10, **fields})
