"""Dropout and stochastic depth of networks as the catalogue has them."""

from __future__ import annotations

import copy
from itertools import pairwise

import pytest
import torch
from torch import nn
from torchvision.ops import StochasticDepth

from classifier.models.build import build, head_of
from classifier.models.regularise import set_dropout, set_stochastic_depth
from classifier.models.weights_check import shell
from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from classifier.spec.fields import DEPTHS


def test_dropout_is_set_where_the_network_has_it():
    model = build("small_cnn", 3, image_size=16)
    set_dropout(model, 0.5)
    assert [layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)] == [0.5]


def test_a_network_without_dropout_gets_it_before_its_head_and_keeps_its_names():
    model = build("resnet18", 3, image_size=32)
    names = list(model.state_dict())
    set_dropout(model, 0.5)
    for network in (model, copy.deepcopy(model)):
        head, seen = head_of(network)[1], []
        head.register_forward_hook(lambda layer, inputs, output, seen=seen: seen.append(inputs[0]))
        for learning in (False, True):
            network.train(learning)
            head(torch.ones(50, 512))
        assert bool((seen[0] == 1).all()) and 0.4 < float((seen[1] == 0).float().mean()) < 0.6
    assert list(model.state_dict()) == names


def test_stochastic_depth_grows_from_the_first_block_to_the_last():
    model = build("efficientnet_b0", 3, image_size=32)
    set_stochastic_depth(model, 0.3)
    shares = [layer.p for layer in model.modules() if isinstance(layer, StochasticDepth)]
    assert shares[0] == 0 and shares[-1] == pytest.approx(0.3)
    assert all(earlier <= later for earlier, later in pairwise(shares))


def first_of_each_family():
    families = {entry.family: entry for entry in reversed(MODELS.values())}
    return [pytest.param(entry, id=family) for family, entry in families.items()]


@pytest.mark.parametrize("entry", first_of_each_family())
def test_the_families_that_are_said_to_have_stochastic_depth_have_it_and_no_others(entry):
    model = shell(entry.name, 3)
    assert any(isinstance(layer, StochasticDepth) for layer in model.modules()) is (entry.family in DEPTHS)


def test_stochastic_depth_of_a_network_without_it_is_refused():
    with pytest.raises(ConfigError, match="resnet18 has no blocks"):
        TrainConfig.from_mapping({"model": "resnet18", "stochastic_depth": 0.1})
