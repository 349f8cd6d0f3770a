"""What a step keeps of each image is counted without allocating it, and is what a real step holds."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from classifier.models.build import build
from classifier.models.kept import kept_by_stage
from classifier.models.unallocated import Unallocated
from classifier.spec.catalogue import MODELS
from classifier.spec.stages import STAGES


def test_a_convolution_keeps_its_input_and_a_norm_what_it_was_given():
    with torch.device("meta"):
        features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        model = nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    kept, widest = kept_by_stage(model, 50)
    image, maps = 4 * 3 * 50**2, 4 * 8 * 50**2
    assert widest == maps // 1000 and sum(kept) == pytest.approx((image + 2 * maps) / 1000, abs=2)


@pytest.mark.parametrize("name", ["small_cnn", "resnet18", "mobilenet_v3_small"])
def test_what_is_kept_grows_with_the_pixels(name):
    side = 2 * MODELS[name].image_size
    with Unallocated():
        model = build(name, 1000, image_size=side)
    assert sum(kept_by_stage(model.to("meta"), side)[0]) == pytest.approx(4 * sum(STAGES[name].kept), rel=0.05)


def test_nothing_is_kept_of_what_is_frozen():
    """As the form takes it: what learns behind frozen stages keeps its own."""
    known = STAGES["resnet18"]
    assert len(known.kept) == len(known.backbone) + 1 and known.kept[-1] < 10 < known.kept[0]
