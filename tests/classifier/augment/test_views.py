"""Test-time augmentation: which views there are, and that their probabilities are averaged."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torchvision.transforms.v2 import functional as reference

from classifier.data.augment.views import VIEWS, mirrored, ten_crop, viewed
from classifier.spec import fields


def pictures():
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))


class Sight(nn.Module):
    """Logits that depend on where things are."""

    def forward(self, images):
        return torch.stack([images[:, 0, :, :16].sum((1, 2)), images[:, 0, :, 16:].sum((1, 2)), images[:, 1, :16].sum((1, 2))], 1) / 50


def test_the_configuration_offers_every_kind_of_views():
    assert tuple(VIEWS) == fields.TTA


def test_without_views_logits_are_the_models_own():
    assert torch.equal(viewed(Sight(), pictures(), None), Sight()(pictures()))


@pytest.mark.parametrize("tta", VIEWS)
def test_probabilities_are_the_mean_over_the_views(tta):
    images = pictures()
    expected = torch.stack([Sight()(view).softmax(1) for view in VIEWS[tta](images)]).mean(0)
    assert torch.allclose(viewed(Sight(), images, tta).softmax(1), expected, atol=1e-6)


def test_a_mirror_image_makes_left_and_right_alike():
    found = viewed(Sight(), pictures(), "flip")
    assert torch.allclose(found, viewed(Sight(), pictures().flip(3), "flip"), atol=1e-6)
    assert torch.equal(mirrored(pictures())[1], reference.horizontal_flip(pictures()))


def test_ten_crops_are_torchvisions_at_the_size_of_the_whole():
    theirs = reference.ten_crop(pictures(), [28, 28])
    ours = ten_crop(pictures())
    mirrored_corners = [ours[2 * place + 1] for place in (1, 0, 3, 2, 4)]  # they mirror first, and cut then
    enlarged = [reference.resize(crop, [32, 32], antialias=False) for crop in theirs]
    for ours_, theirs_ in zip(ours[::2] + mirrored_corners, enlarged, strict=True):
        assert torch.allclose(ours_, theirs_, atol=1e-5)
