"""Layers that learn on maps of few pixels: computed by products of matrices, they are the convolutions they were."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from classifier.models.build import build
from classifier.training import small_maps
from classifier.training.small_maps import SmallMapConvolution, SmallMaps, gains

BY_PRODUCTS = "SmallMapConvolutionBackward"


@pytest.fixture(autouse=True)
def small_layers_too(monkeypatch):
    """Layers of a few weights count, so that a test takes no time."""
    monkeypatch.setattr(small_maps, "FEWEST_WEIGHTS", 1)


def made_by(layer, images):
    """The name of what computed the output of a layer within SmallMaps."""
    with SmallMaps():
        return layer(images).grad_fn.name()


def is_by_products(layer, images):
    return made_by(layer, images).startswith(BY_PRODUCTS)


@pytest.mark.parametrize("many", [0, 1 << 30])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_outputs_and_gradients_are_those_of_torchs_convolution(monkeypatch, many, data):
    monkeypatch.setattr(small_maps, "MANY_WEIGHTS", many)
    height, width = data.draw(st.tuples(*[st.integers(1, 3)] * 2))
    stride, padding = (data.draw(st.tuples(*[st.integers(low, 2)] * 2)) for low in (1, 0))
    shape = (data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)), data.draw(st.integers(3, 6)), data.draw(st.integers(3, 6)))
    torch.manual_seed(data.draw(st.integers(0, 99)))
    images = torch.randn(shape, dtype=torch.float64).requires_grad_()
    kernels = torch.randn(data.draw(st.integers(1, 4)), shape[1], height, width, dtype=torch.float64).requires_grad_()
    expected = functional.conv2d(images, kernels, None, stride, padding)
    found = SmallMapConvolution.apply(images, kernels, stride, padding)
    torch.testing.assert_close(found, expected)
    weights = torch.randn_like(expected)
    for ours, theirs in zip(*(torch.autograd.grad((out * weights).sum(), (images, kernels)) for out in (found, expected)), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_layer_is_computed_so_on_a_small_map_and_not_on_a_larger_one():
    layer = nn.Conv2d(3, 4, 3, padding=1, bias=False)
    assert is_by_products(layer, torch.rand(2, 3, 7, 7))
    assert not is_by_products(layer, torch.rand(2, 3, 8, 7))


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 4, 1, bias=False),
        nn.Conv2d(4, 4, 3, padding=1),
        nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False),
        nn.Conv2d(4, 4, 3, padding=2, dilation=2, bias=False),
        nn.Conv2d(4, 4, 3, padding="same", bias=False),
        nn.Conv2d(4, 4, 3, padding=1, bias=False).requires_grad_(False),
    ],
    ids=["one pixel", "bias", "groups", "dilation", "padding in words", "frozen"],
)
def test_other_layers_are_torchs_own(layer):
    images = torch.rand(2, 4, 4, 4).requires_grad_()
    assert not is_by_products(layer, images)
    with SmallMaps():
        torch.testing.assert_close(layer(images), functional.conv2d(images, layer.weight, layer.bias, *plain(layer)))


def plain(layer):
    return layer.stride, layer.padding, layer.dilation, layer.groups


def test_nothing_changes_where_nothing_learns():
    layer = nn.Conv2d(3, 4, 3, bias=False)
    with SmallMaps(), torch.no_grad():
        assert layer(torch.rand(2, 3, 4, 4)).grad_fn is None


def test_a_layer_of_few_weights_is_left_alone(monkeypatch):
    layer = nn.Conv2d(3, 4, 3, bias=False)
    monkeypatch.setattr(small_maps, "FEWEST_WEIGHTS", layer.weight.numel() + 1)
    assert not is_by_products(layer, torch.rand(2, 3, 4, 4)) and not gains(layer)


def test_under_autocast_outputs_are_bf16_and_gradients_of_the_weights_fp32_in_their_layout():
    layer = nn.Conv2d(3, 4, 3, bias=False).to(memory_format=torch.channels_last)
    images = torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16), SmallMaps():
        found = layer(images)
    found.float().sum().backward()
    assert found.dtype == torch.bfloat16 and layer.weight.grad.dtype == torch.float32
    assert layer.weight.grad.stride() == layer.weight.stride()


def test_in_bf16_outputs_and_gradients_are_as_near_to_fp32_as_torchs_own():
    torch.manual_seed(0)
    layer = nn.Conv2d(64, 64, 3, padding=1, bias=False).to(memory_format=torch.channels_last)
    images = torch.randn(4, 64, 4, 4).contiguous(memory_format=torch.channels_last).requires_grad_()

    def told(*contexts):
        with ExitStack() as entered:
            for context in contexts:
                entered.enter_context(context)
            found = layer(images)
        return found, *torch.autograd.grad(found.float().square().sum(), (images, layer.weight))

    half = torch.autocast("cpu", dtype=torch.bfloat16)
    for ours, theirs, exact in zip(told(half, SmallMaps()), told(half), told(), strict=True):
        assert (ours.float() - exact).norm() <= 1.1 * (theirs.float() - exact).norm() < 0.02 * exact.norm()


def test_a_layer_in_place_may_follow(monkeypatch):
    monkeypatch.setattr(small_maps, "MANY_WEIGHTS", 0)
    layers, images = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.ReLU(inplace=True)), torch.rand(2, 3, 5, 5)
    (expected,) = torch.autograd.grad(layers(images).sum(), layers[0].weight)
    with SmallMaps():
        (found,) = torch.autograd.grad(layers(images).sum(), layers[0].weight)
    torch.testing.assert_close(found, expected)


def test_what_no_layer_says_is_torchs_own():
    kernels = torch.rand(4, 3, 3, 3).requires_grad_()
    with SmallMaps():
        assert functional.conv2d(torch.rand(2, 3, 4, 4), kernels).shape == (2, 4, 2, 2)
        assert functional.conv2d(torch.rand(3, 4, 4), kernels, None, (1, 1), (0, 0), (1, 1), 1).shape == (4, 2, 2)


def test_a_network_learns_the_same(monkeypatch):
    monkeypatch.undo()
    torch.manual_seed(0)
    model = build("resnet18", 10, image_size=32).double().train()
    images = torch.randn(8, 3, 32, 32, dtype=torch.float64)
    kinds = []
    monkeypatch.setattr(small_maps, "suits", lambda *call, real=small_maps.suits: kinds.append(real(*call)) or kinds[-1])
    expected = torch.autograd.grad(model(images).square().sum(), list(model.parameters()))
    with SmallMaps():
        found = torch.autograd.grad(model(images).square().sum(), list(model.parameters()))
    assert sum(kinds) == 8  # all of 3 × 3 from 128 channels to 256 on
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


def test_networks_with_large_kernels_may_gain_and_others_may_not(monkeypatch):
    monkeypatch.undo()
    assert gains(build("resnet18", 10, image_size=32))
    for name in ("mobilenet_v3_small", "small_cnn", "alexnet", "vgg11"):
        assert not gains(build(name, 10, image_size=64))
    assert not gains(build("resnet18", 10, image_size=32).requires_grad_(False))
