"""What a filter looks for, held against filters of which it is known."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from classifier.explain.maximise import maximise
from classifier.spec.errors import InputError, Interrupted
from tests.classifier.explain.networks import made

PLAIN = ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
HOW = {"side": 32, "normalisation": PLAIN, "device": torch.device("cpu")}


@pytest.fixture
def colours():
    """Its filters are excited by red and by blue alone."""
    layer = nn.Conv2d(3, 2, 1, bias=False)
    layer.weight.data = torch.tensor([[1.0, -1, -1], [-1, -1, 1]]).view(2, 3, 1, 1)
    return nn.Sequential(layer, nn.Flatten(), nn.Linear(2 * 32 * 32, 2)).eval().requires_grad_(False)


@pytest.mark.parametrize(("channel", "strong"), [(0, 0), (1, 2)])
def test_a_filter_of_one_colour_gets_that_colour(colours, channel, strong):
    picture, before, after = maximise(colours, "0", channel, **HOW)
    means = picture.float().mean((1, 2))
    assert picture.shape == (3, 32, 32) and means.argmax() == strong and means[strong] > 230 and means[1] < 25 and after > before + 1


@pytest.mark.parametrize(
    ("name", "layer"), [("resnet18", "layer2.0.conv1"), ("tiny_swin", "features.1.0.mlp.0"), ("tiny_vit", "encoder.ln")]
)
def test_networks_of_each_kind_are_excited_more_than_by_noise(name, layer):
    model = made(name, 32)
    _, before, after = maximise(model, layer, 1, **HOW, steps=12)
    assert after > before


def test_the_same_filter_gives_the_same_picture(colours):
    assert torch.equal(maximise(colours, "0", 0, **HOW, steps=3)[0], maximise(colours, "0", 0, **HOW, steps=3)[0])


def test_a_class_can_be_looked_for_too(colours):
    assert maximise(colours, "2", 1, **HOW, steps=8)[2] > maximise(colours, "2", 1, **HOW, steps=8)[1]


@pytest.mark.parametrize(("layer", "channel", "words"), [("0", 2, "has the filters 0 to 1; 2 came"), ("9", 0, "does not run")])
def test_what_there_is_not_is_said(colours, layer, channel, words):
    with pytest.raises(InputError, match=words):
        maximise(colours, layer, channel, **HOW)


def test_who_left_is_not_computed_for(colours):
    with pytest.raises(Interrupted):
        maximise(colours, "0", 0, **HOW, should_stop=lambda: True)
