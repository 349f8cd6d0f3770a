"""Batch norms folded for evaluation: no other answers, and less to do."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from classifier.models.build import build
from classifier.models.folding import folded
from tests.classifier.families import FAMILIES


def norms(model: nn.Module) -> int:
    """How many batch norms it has."""
    return sum(isinstance(layer, nn.BatchNorm2d) for layer in model.modules())


def lived_in(model: nn.Module) -> nn.Module:
    """The model with norms whose statistics and weights are those of no new one."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values, low, high in ((layer.running_mean, -0.2, 0.2), (layer.running_var, 0.5, 2.0), (layer.weight, 0.5, 1.5)):
                nn.init.uniform_(values, low, high)
    return model.eval()


@pytest.mark.parametrize(("name", "side"), FAMILIES)
def test_a_folded_network_answers_as_it_did(name, side):
    torch.manual_seed(3)
    model = lived_in(build(name, 4, image_size=side))
    images = torch.randn(3, 3, side, side)
    with torch.inference_mode():
        before, after = model(images).softmax(1), folded(model)(images).softmax(1)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-5)


def test_the_network_itself_keeps_its_norms_and_the_copy_has_none():
    model = build("resnet18", 4, image_size=32).eval()
    assert norms(folded(model)) == 0
    assert norms(model) == 20


def test_a_network_without_norms_is_not_copied():
    model = build("squeezenet1_1", 4, image_size=64).eval()
    assert folded(model) is model
