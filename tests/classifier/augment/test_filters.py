"""Blur and noise, against torchvision."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from classifier.data.augment import filters


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise_images(count: int, height: int, width: int) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, height, width), generator=chance(), dtype=torch.uint8)


def test_each_image_is_blurred_as_torchvision_blurs_it_with_its_own_sigma():
    images, sigmas = noise_images(4, 20, 31).float(), torch.tensor([0.3, 0.8, 1.5, 2.0])
    found = filters.blur(images, sigmas, 6)
    for image, sigma, blurred in zip(images, sigmas.tolist(), found, strict=True):
        assert torch.allclose(blurred, reference.gaussian_blur(image, [13, 13], [sigma, sigma]), atol=1e-3)


def test_a_sigma_of_nothing_leaves_the_image_as_it_is():
    images = noise_images(1, 9, 9).float()
    assert torch.equal(filters.blur(images, torch.zeros(1), 3), images)


def test_a_kernel_wider_than_the_image_is_cut_to_it():
    assert filters.blur(noise_images(1, 3, 4), torch.tensor([2.0]), 30).shape == (1, 3, 3, 4)


def test_sigmas_are_drawn_up_to_the_largest():
    drawn = [filters.blurred(noise_images(64, 12, 12), 2.0, chance(seed)) for seed in (0, 0, 1)]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    left = drawn[0].flatten(1).std(1)
    assert left.max() > 60 and left.min() < 25  # some are hardly touched, some smoothed


def test_noise_has_the_deviation_that_was_drawn_for_the_image():
    images = torch.full((400, 3, 16, 16), 128, dtype=torch.uint8)
    deviations = (filters.noisy(images, 0.1, chance()) - 128).flatten(1).std(1) / 255
    assert deviations.max() <= 0.105
    assert float(deviations.mean()) == pytest.approx(0.05, abs=0.004)


def test_noise_stays_within_the_range_of_values_and_repeats():
    images = noise_images(8, 8, 8)
    found = filters.noisy(images, 1.0, chance())
    assert found.min() >= 0 and found.max() <= 255
    assert torch.equal(found, filters.noisy(images, 1.0, chance()))
