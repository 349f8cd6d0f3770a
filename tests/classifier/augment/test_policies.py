"""Policies change images as torchvision's do: in distribution, for they draw from other generators."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms import v2 as reference

from classifier.data.augment import Augment, apply
from classifier.data.augment.operations import OPERATIONS
from classifier.data.augment.policies import POLICIES, Space
from classifier.spec import augment_fields
from tests.classifier.augment.test_operations import pictures

COUNT = 1500
THEIRS = {
    "randaugment": reference.RandAugment(interpolation=reference.InterpolationMode.BILINEAR),
    "trivialaugment": reference.TrivialAugmentWide(interpolation=reference.InterpolationMode.BILINEAR),
    "augmix": reference.AugMix(interpolation=reference.InterpolationMode.BILINEAR),
}


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """The greatest gap between two samples' cumulative distributions (Kolmogorov and Smirnov)."""
    first, second = first.sort().values, second.sort().values
    points = torch.cat([first, second])
    below = [torch.searchsorted(sample, points, right=True) / len(sample) for sample in (first, second)]
    return float((below[0] - below[1]).abs().max())


def test_the_configuration_offers_every_policy_that_there_is():
    assert augment_fields.POLICIES == tuple(POLICIES) == tuple(THEIRS)


@pytest.mark.parametrize("name", POLICIES)
def test_images_change_as_much_as_torchvisions_policy_changes_them(name):
    image = pictures(1, 32, 32)
    ours = POLICIES[name](image.expand(COUNT, 3, 32, 32).contiguous(), Augment(policy=name), chance())
    torch.manual_seed(0)
    theirs = torch.stack([THEIRS[name](image[0].to(torch.uint8)) for _ in range(COUNT)]).float()
    changes = [(found - image).abs().mean((1, 2, 3)).round() for found in (ours, theirs)]  # theirs are whole values
    assert distance(*changes) < 0.08
    assert torch.allclose(ours.mean((0, 2, 3)), theirs.mean((0, 2, 3)), atol=4)


@pytest.mark.parametrize("name", POLICIES)
def test_values_stay_in_range_and_the_generator_alone_decides(name):
    images = pictures(32, 16, 16)
    first, again, other = (POLICIES[name](images, Augment(policy=name), chance(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert first.min() >= 0 and first.max() <= 255.001


def test_ranges_end_where_randaugments_do():
    space, every = Space(0.3, 14.0, 30.0, 0.9, (8.0, 4.0)), torch.arange(len(OPERATIONS))
    ends = [space.magnitudes(every, torch.full((14,), share), -torch.ones(14)).tolist() for share in (0.0, 1.0)]
    assert ends[0] == pytest.approx([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0])
    assert ends[1] == pytest.approx([0, -0.3, -0.3, -14, -14, -30, -0.9, -0.9, -0.9, -0.9, 4, 0, 0, 0])


def test_a_magnitude_of_nothing_leaves_only_what_has_no_magnitude():
    images = pictures(200, 16, 16)
    found = POLICIES["randaugment"](images, Augment(policy="randaugment", magnitude=0.0), chance())
    same = (found - images).abs().amax((1, 2, 3)) < 1e-2
    assert int(same.sum()) > 200 * 0.6  # all that met neither autocontrast nor equalize: (12/14)² = 73 %


def test_a_policy_comes_after_the_window_and_before_normalisation():
    images = torch.full((64, 3, 8, 8), 200, dtype=torch.uint8)
    plain = ([0.0] * 3, [1.0] * 3)
    found = apply(images, torch.full((64, 2), 8.0), 8, Augment(policy="trivialaugment"), plain, chance(), small=True)
    assert found.min() >= 0 and found.max() <= 1.0001 and found.std() > 0
