"""Colours, turns and erased patches, each image by its own chance, held to torchvision's way with one image."""

from __future__ import annotations

import math

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as reference

from classifier.data.augment import Augment, geometry
from classifier.data.augment.chance import uniform
from classifier.data.augment.colour import recoloured
from classifier.data.augment.erasing import erase
from classifier.data.augment.geometry import Turns

PLAIN = ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])  # values 0..255 come out as 0..1
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
MANY = 2000


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int, low: int = 0, high: int = 256, side: int = 16) -> torch.Tensor:
    return torch.randint(low, high, (count, 3, side, side), generator=chance(7)).to(torch.uint8)


def by_torchvision(images, share):
    """The same factors, one image and one change after the other."""
    factors = uniform(3 * len(images), 1 - share, 1 + share, chance()).view(3, -1).T.tolist()
    changes = (reference.adjust_brightness, reference.adjust_contrast, reference.adjust_saturation)
    for image, of_image in zip(images.float() / 255, factors, strict=True):
        for change, factor in zip(changes, of_image, strict=True):
            image = change(image, factor)
        yield image


def test_colours_shift_as_torchvisions_jitter_shifts_them_where_nothing_leaves_the_range():
    images = pictures(20, 100, 140)
    wanted = torch.stack(list(by_torchvision(images, 0.2)))
    torch.testing.assert_close(recoloured(images, Augment(color=0.2), PLAIN, chance()), wanted, rtol=0, atol=5e-4)


@pytest.mark.parametrize("normalisation", [PLAIN, IMAGENET])
def test_no_colour_is_darker_than_black_or_brighter_than_white(normalisation):
    mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in normalisation)
    shown = recoloured(pictures(20), Augment(color=0.9), normalisation, chance()) * deviation + mean
    assert shown.min() == pytest.approx(0, abs=1e-6) and shown.max() == pytest.approx(1, abs=1e-6)


def test_a_turn_is_torchvisions():
    images, angles = pictures(6, side=33).float(), torch.tensor([-0.5, -0.1, 0.0, 0.05, 0.3, 1.0])
    whole, square = torch.tensor([[0.5, 0.5, 1.0, 1.0]]).expand(6, 4), torch.full((6, 2), 33.0)
    turned = geometry.resampled(images, geometry.sampling_matrices(whole, square, Turns(angles, torch.ones(6), torch.ones(6))), 33)
    for image, angle, found in zip(images, angles.tolist(), turned, strict=True):
        wanted = reference.rotate(image, math.degrees(angle), interpolation=v2.InterpolationMode.BILINEAR)
        torch.testing.assert_close(found[:, 8:25, 8:25], wanted[:, 8:25, 8:25], rtol=0, atol=0.1)  # whose corners stay inside


def test_erased_patches_have_torchvisions_areas_and_shapes():
    ours = erase(torch.ones(MANY, 3, 32, 32), 1.0, chance()) == 0
    torch.manual_seed(0)
    eraser = v2.RandomErasing(p=1.0, scale=(0.02, 0.33), ratio=(0.3, 3.3))
    theirs = torch.stack([eraser(torch.ones(3, 32, 32)) for _ in range(MANY)]) == 0
    for measure in (areas, widths, lefts):
        torch.testing.assert_close(quartiles(measure(ours[:, 0])), quartiles(measure(theirs[:, 0])), rtol=0, atol=0.04)


def test_so_many_images_lose_a_patch_as_torchvision_makes_lose_one():
    kept = (erase(torch.ones(MANY, 3, 16, 16), 0.25, chance()) != 0).flatten(1).all(1).float().mean()
    assert float(kept) == pytest.approx(0.75, abs=0.03)


def areas(masks):
    return masks.float().mean((1, 2))


def widths(masks):
    return masks.any(1).float().mean(1)


def lefts(masks):
    return masks.any(1).float().argmax(1) / masks.shape[2]


def quartiles(values):
    return values.quantile(torch.tensor([0.25, 0.5, 0.75]))
