"""Upright windows on a processor: what torchvision's crop and resize show, and what sampling by a grid shows on a GPU."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from classifier.data.augment import Augment, apply, geometry
from classifier.data.augment.cropping import can_crop, cropped, pixel_edges

PLAIN = ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])


def chance():
    return torch.Generator().manual_seed(7)


def pictures(count=6, side=40):
    """Random bytes, as photographs have them."""
    return torch.randint(0, 256, (count, 3, side, side), generator=chance(), dtype=torch.uint8)


def smooth(count, side=48):
    """Bytes without edges, of which half a pixel more or less shows next to nothing."""
    line = torch.linspace(0, 3, side).sin() * 120 + 100
    return (line[:, None] * 0.5 + line * 0.5).to(torch.uint8).expand(count, 3, side, side).contiguous()


def straight(count):
    return geometry.Turns(torch.zeros(count), torch.ones(count), torch.ones(count))


def test_a_window_shows_what_torchvisions_resized_crop_shows():
    images = pictures()
    boxes = geometry.windows(torch.full((6, 2), 40.0), Augment(crop=0.3), chance())
    seen = cropped(images, boxes, straight(6), 24)
    for image, shown, (top, left, bottom, right) in zip(images, seen, pixel_edges(boxes, 40).tolist(), strict=True):
        wanted = reference.resized_crop(image, top, left, bottom - top, right - left, [24, 24], antialias=True)
        assert (shown.int() - wanted.int()).abs().max() <= 1  # bytes are rounded once more in the other layout


def test_mirrored_and_turned_over_ones_are_those_of_the_straight_window():
    images, boxes = pictures(4), torch.tensor([[0.5, 0.5, 0.5, 0.75]]).expand(4, 4)
    signs = torch.tensor([1.0, -1.0, 1.0, -1.0]), torch.tensor([1.0, 1.0, -1.0, -1.0])
    seen, plain = cropped(images, boxes, geometry.Turns(torch.zeros(4), *signs), 16), cropped(images, boxes, straight(4), 16)
    for place, axes in enumerate([[], [2], [1], [1, 2]]):
        assert torch.equal(seen[place], plain[place].flip(axes))


def test_on_a_processor_and_by_a_grid_the_same_chance_shows_the_same():
    images, sizes, augment = smooth(32), torch.full((32, 2), 48.0), Augment(crop=0.35, flip=True)
    here = apply(images, sizes, 32, augment, PLAIN, chance(), small=False)
    boxes = geometry.windows(sizes, augment, generator := chance())
    grid = geometry.resampled(images, geometry.sampling_matrices(boxes, sizes, geometry.turns(32, augment, generator)), 32)
    assert (here * 255 - grid).abs().mean() < 1.5


def test_the_layout_in_memory_changes_no_value():
    images, sizes = pictures(), torch.full((6, 2), 40.0)
    wanted = apply(images, sizes, 24, Augment(crop=0.5, color=0.2), PLAIN, chance(), small=False)
    last = images.contiguous(memory_format=torch.channels_last)
    assert torch.equal(apply(last, sizes, 24, Augment(crop=0.5, color=0.2), PLAIN, chance(), small=False), wanted)


def test_a_window_has_one_pixel_at_least_and_lies_inside():
    boxes = torch.tensor([[0.0, 1.0, 1e-6, 1e-6], [0.5, 0.5, 1.0, 1.0], [0.999, 0.001, 1e-3, 1e-3]])
    top, left, bottom, right = pixel_edges(boxes, 10).unbind(1)
    assert (bottom > top).all() and (right > left).all() and min(top.min(), left.min()) >= 0 and max(bottom.max(), right.max()) <= 10


@pytest.mark.parametrize("augment", [Augment(rotate=5.0), Augment(scale=0.1)])
def test_turned_and_zoomed_windows_are_sampled_by_a_grid(augment):
    assert not can_crop(pictures(), augment) and can_crop(pictures(), Augment(crop=0.5))
