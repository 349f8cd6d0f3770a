"""Each operation of a policy does to each image of a batch what torchvision does to it alone."""

from __future__ import annotations

import math

import pytest
import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as reference

from classifier.data.augment import operations

BILINEAR = InterpolationMode.BILINEAR


def pictures(count: int = 5, height: int = 20, width: int = 20) -> torch.Tensor:
    """float32 of whole values: smooth colours with some noise, so that histograms are uneven."""
    chance = torch.Generator().manual_seed(0)
    slopes = torch.linspace(0, 180, width) * torch.rand(count, 3, 1, 1, generator=chance)
    return (slopes + 60 * torch.rand(count, 3, height, width, generator=chance)).round()


def shear(image, x, y):
    angles = [math.degrees(math.atan(value)) for value in (x, y)]
    return reference.affine(image, 0.0, [0, 0], 1.0, angles, BILINEAR, center=[0, 0])


def move(image, x, y):
    return reference.affine(image, 0.0, [int(x), int(y)], 1.0, [0.0, 0.0], BILINEAR)


THEIRS = {
    "shear_x": lambda image, m: shear(image, m, 0.0),
    "shear_y": lambda image, m: shear(image, 0.0, m),
    "translate_x": lambda image, m: move(image, m, 0),
    "translate_y": lambda image, m: move(image, 0, m),
    "rotate": lambda image, m: reference.rotate(image, m, BILINEAR),
    "brightness": lambda image, m: reference.adjust_brightness(image, 1 + m),
    "color": lambda image, m: reference.adjust_saturation(image, 1 + m),
    "contrast": lambda image, m: reference.adjust_contrast(image, 1 + m),
    "sharpness": lambda image, m: reference.adjust_sharpness(image, 1 + m),
    "autocontrast": lambda image, m: reference.autocontrast(image),
}
MAGNITUDES = {
    "rotate": [-30.0, 0.0, 7.0, 90.0, 135.0],
    "translate_x": [-5.0, 0.0, 1.9, 3.0, 30.0],
    "translate_y": [-5.5, 0.0, 1.0, 3.0, 9.0],
}
COMMON = [-0.9, -0.3, 0.0, 0.5, 0.9]


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("shape", [(20, 20), (9, 14)])
def test_each_image_gets_torchvisions_operation_at_its_own_magnitude(name, shape):
    images, magnitudes = pictures(5, *shape), MAGNITUDES.get(name, COMMON)
    found = getattr(operations, name)(images, torch.tensor(magnitudes))
    for image, magnitude, changed in zip(images, magnitudes, found, strict=True):
        assert torch.allclose(changed / 255, THEIRS[name](image / 255, magnitude), atol=2e-4)


@pytest.mark.parametrize("bits", range(9))
def test_posterize_keeps_so_many_bits(bits):
    images = pictures()
    found = operations.posterize(images, torch.full((5,), float(bits)))
    assert torch.equal(found.to(torch.uint8), reference.posterize(images.to(torch.uint8), bits))


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_solarize_inverts_from_the_threshold_on(threshold):
    images = pictures()
    found = operations.solarize(images, torch.full((5,), threshold))
    assert torch.equal(found.to(torch.uint8), reference.solarize(images.to(torch.uint8), 255 * threshold))


@pytest.mark.parametrize("side", [8, 20, 64])
def test_equalize_is_pillows_to_the_last_value(side):
    images = pictures(5, side, side)
    assert torch.equal(operations.equalize(images, torch.zeros(5)).to(torch.uint8), reference.equalize(images.to(torch.uint8)))


@pytest.mark.parametrize("name", ["autocontrast", "equalize", "contrast", "sharpness"])
def test_an_image_of_one_value_stays_whole(name):
    images = torch.full((2, 3, 6, 6), 77.0)
    assert torch.allclose(getattr(operations, name)(images, torch.tensor([0.5, -0.5])), images, atol=1e-3)


def test_an_image_of_two_pixels_has_nothing_to_sharpen():
    images = pictures(1, 2, 2)
    assert torch.equal(operations.sharpness(images, torch.ones(1)), images)


def test_each_image_gets_its_own_operation_and_the_others_stay():
    images = pictures(3)
    before = images.clone()
    places = [operations.OPERATIONS.index(operation) for operation in (operations.identity, operations.solarize, operations.rotate)]
    found = operations.performed(images, torch.tensor(places), torch.tensor([0.0, 0.0, 90.0]))
    assert torch.equal(found[0], images[0]) and torch.equal(found[1], 255 - images[1])
    assert torch.allclose(found[2], images[2].rot90(1, (1, 2)), atol=1e-2)
    assert torch.equal(images, before)
