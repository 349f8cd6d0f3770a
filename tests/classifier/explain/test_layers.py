"""Every layer of a network on one image: nothing is left out, figures and orders of axes are right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from classifier.explain.layers import BINS, MOST_MAPS, figures, small, units, weights_of
from classifier.explain.tiles import GROUND, coloured, grid, of_maps, of_weights
from tests.classifier.explain.networks import made

NETWORKS = {
    "small_cnn": 32, "resnet18": 64, "convnext_tiny": 64, "swin_t": 64, "tiny_vit": 64, "maxvit_t": 224, "googlenet": 64,
    "densenet121": 64, "mnasnet0_5": 64, "efficientnet_lite0": 64, "regnet_y_400mf": 64, "inception_v3": 96,
}  # fmt: skip


@pytest.fixture(scope="module", params=NETWORKS)
def looked(request):
    side = NETWORKS[request.param]
    model = made(request.param, side)
    return model, units(model, torch.randn(1, 3, side, side))


def test_the_parameters_of_all_rows_are_the_networks(looked):
    model, found = looked
    assert sum(unit.parameters for unit in found) == sum(each.numel() for each in model.parameters())


def test_each_layer_has_a_name_of_its_own_and_weights_that_are_its_parameters(looked):
    model, found = looked
    names = [unit.name for unit in found]
    assert len(set(names)) == len(names)
    for unit in found:
        learnt = sum(values.numel() for _, values in weights_of(model, unit) if isinstance(values, nn.Parameter))
        assert unit.parameters in (learnt, 0)


def test_maps_are_the_channels_whatever_the_order_of_the_axes(looked):
    """Each 4-axis layer's channels are as many as its norm, its convolution or its linear layer says."""
    model, found = looked
    for unit in found:
        module = dict(model.named_modules()).get(unit.module)
        wide = {nn.Conv2d: "out_channels", nn.BatchNorm2d: "num_features", nn.Linear: "out_features"}.get(type(module))
        if wide and len(unit.shape) == 3:
            assert unit.channels == getattr(module, wide), unit
        if type(module) is nn.LayerNorm and len(unit.shape) == 3:
            assert unit.channels == module.normalized_shape[0], unit


def test_what_a_layer_gave_is_told_though_the_next_one_writes_into_it():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)).eval()
    images = torch.randn(1, 3, 8, 8)
    found = units(model, images)
    with torch.no_grad():
        before = model[0](images)
    assert found[0].given["least"] == pytest.approx(float(before.min())) and found[0].given["least"] < 0 == found[1].given["least"]


def test_a_layer_that_runs_twice_is_told_twice_and_counted_once():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, images):
            return self.conv(self.conv(images))

    found = units(Twice(), torch.randn(1, 3, 4, 4))
    assert [(unit.name, unit.parameters) for unit in found] == [("conv", 12), ("conv (2)", 0)]


def test_figures_are_numpys():
    torch.manual_seed(0)
    values = torch.randn(1000).relu()
    told, array = figures(values), values.numpy()
    assert (told["mean"], told["deviation"]) == (pytest.approx(array.mean(), abs=1e-6), pytest.approx(array.std(), abs=1e-6))
    assert told["zeros"] == pytest.approx((array == 0).mean()) and told["histogram"] == np.histogram(array, BINS)[0].tolist()


@pytest.mark.parametrize(
    "values", [torch.full((9,), float("nan")), torch.zeros(0), torch.full((9,), 3.0), torch.tensor([1.0, float("inf")])]
)
def test_figures_of_anything_are_finite_or_none(values):
    told = figures(values)
    assert all(figure is None or np.isfinite(figure) for name, figure in told.items() if name != "histogram")
    assert told["broken"] == int((~torch.isfinite(values)).sum())


def test_maps_keep_their_signs_and_the_strongest_is_at_the_end_of_the_scale():
    maps = torch.zeros(70, 4, 4)
    maps[0, 1, 2], maps[1, 0, 0] = -8, 4
    found = small(maps)
    assert found.shape == (MOST_MAPS, 4, 4) and found[0, 1, 2] == -127 and found[1, 0, 0] == 64


def test_zero_is_dark_above_is_warm_and_below_is_blue():
    zero, above, below = coloured(np.array([0.0, 0.7, -0.7]))
    assert tuple(zero) == GROUND and above[0] > above[2] and below[2] > below[0]


def test_tiles_stand_in_a_grid_with_a_line_between():
    found = grid(np.zeros((5, 2, 3, 3), np.uint8), 3)
    assert found.shape == (5, 11, 3) and not found[:2, :3].any() and found[2].any()


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((64, 3, 7, 7), "64 of 64 filters, in the image's colours"),
        ((512, 256, 3, 3), "16 of 512 filters down, 16 of their 256 inputs across"),
        ((96, 1, 3, 3), "64 of 96 filters, each of one channel"),
        ((10, 2048), "10 of 10 outputs down, 128 of 2,048 inputs across"),
        ((32, 16, 1, 1), "32 of 32 outputs down, 16 of 16 inputs across"),
        ((70,), "70 of 70 values, line by line"),
        ((1, 1, 768), "768 of 768 values, line by line"),
        ((), "1 of 1 values, line by line"),
    ],
)
def test_weights_of_any_shape_are_a_picture_that_says_what_it_shows(shape, words):
    pixels, said = of_weights(torch.randn(shape))
    assert said == words and pixels.dtype == np.uint8 and pixels.ndim == 3 and max(pixels.shape) < 600


def test_maps_of_one_channel_are_one_picture():
    assert of_maps(torch.zeros(1, 7, 9, dtype=torch.int8)).shape == (7, 9, 3)
