"""Random changes to batches: what they keep, what they change, and that chance is the generator's alone."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from classifier.data.augment import Augment, apply, geometry, resolve

PLAIN = ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])  # values 0..255 come out as 0..1


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ramp(count: int, side: int) -> torch.Tensor:
    """uint8 images that grow from left to right."""
    line = torch.linspace(0, 255, side).to(torch.uint8)
    return line.expand(count, 3, side, side).contiguous()


def sizes(count: int, height: int, width: int) -> torch.Tensor:
    return torch.tensor([[float(height), float(width)]]).expand(count, 2)


def changed(images, strengths, *, small=True, side=None, seed=0):
    side = side or images.shape[2]
    return apply(images, sizes(len(images), side, side), side, strengths, PLAIN, chance(seed), small=small)


def test_without_augmentation_small_images_stay_as_they_are():
    images = ramp(4, 16)
    assert torch.allclose(changed(images, Augment()), images / 255)


def test_the_same_generator_changes_images_alike_and_another_differently():
    images, strengths = ramp(8, 16), Augment(flip=True, crop=0.7, rotate=10, color=0.3, erase=0.5)
    assert torch.equal(changed(images, strengths), changed(images, strengths))
    assert not torch.equal(changed(images, strengths), changed(images, strengths, seed=1))


def test_a_flip_mirrors_about_half_of_the_images():
    flipped = changed(ramp(200, 16), Augment(flip=True))[:, 0, 0, 0] > 0.5
    assert 70 < int(flipped.sum()) < 130


def test_a_shift_moves_each_image_by_its_own_whole_pixels():
    images = ramp(50, 32)
    moved = changed(images, Augment(crop=0.77))
    known = set(images[0, 0, 0].tolist())
    assert {round(v) for v in (moved[:, 0, 0] * 255).flatten().tolist()} <= known
    assert len({tuple(row.tolist()) for row in moved[:, 0, 0]}) > 3


def test_a_window_of_a_photograph_has_at_least_the_share_that_was_asked_for():
    boxes = geometry.windows(sizes(500, 300, 400), Augment(crop=0.35), chance())
    areas = boxes[:, 2] * boxes[:, 3]
    assert areas.min() > 0.3 and areas.max() <= 1


def test_windows_lie_inside_the_image():
    boxes = geometry.windows(sizes(500, 100, 300), Augment(crop=0.08), chance())
    assert (boxes[:, :2] - boxes[:, 2:] / 2).min() >= -1e-6
    assert (boxes[:, :2] + boxes[:, 2:] / 2).max() <= 1 + 1e-6


def test_without_a_window_a_photograph_shows_the_centre_square_of_evaluation():
    box = geometry.windows(sizes(1, 100, 200), Augment(), chance())[0]
    assert box.tolist() == pytest.approx([0.5, 0.5, 0.875, 0.4375])


def test_nothing_asked_for_leaves_every_pixel_in_its_place():
    whole = torch.tensor([[0.5, 0.5, 1.0, 1.0]])
    matrix = geometry.sampling_matrices(whole, sizes(1, 32, 32), geometry.turns(1, Augment(), chance()))
    assert torch.allclose(geometry.resampled(ramp(1, 32), matrix, 32), ramp(1, 32).float(), atol=1e-3)


def test_a_photograph_squeezed_to_a_square_is_turned_without_shear():
    whole, oblong = torch.tensor([[0.5, 0.5, 1.0, 1.0]]), sizes(1, 50, 100)
    linear = geometry.sampling_matrices(whole, oblong, geometry.turns(1, Augment(rotate=30), chance()))[0, :, :2]
    in_pixels = torch.diag(torch.tensor([100.0, 50.0])) @ linear @ torch.diag(torch.tensor([1 / 100, 1 / 50]))
    assert torch.allclose(in_pixels @ in_pixels.T, torch.eye(2), atol=1e-5)


def test_grey_stays_grey_when_colours_shift():
    images = torch.full((6, 3, 8, 8), 100, dtype=torch.uint8)
    shifted = changed(images, Augment(color=0.4))
    assert torch.allclose(shifted[:, 0], shifted[:, 2], atol=1e-5)
    assert shifted.std() > 0


def test_an_erased_rectangle_has_the_mean_colour():
    images = torch.full((40, 3, 16, 16), 255, dtype=torch.uint8)
    erased = (changed(images, Augment(erase=1.0)) == 0).flatten(1).float().mean(1)
    assert erased.min() > 0 and erased.max() < 0.5


def test_digits_are_never_mirrored_by_themselves_and_photographs_are():
    assert not resolve(True, small=True, grey=True).flip
    assert resolve(True, small=False, grey=False).flip
    assert resolve({"flip": True}, small=True, grey=True).flip


def test_false_switches_everything_off():
    assert resolve(False, small=False, grey=False) == Augment()


def upright(side):
    """uint8 images that grow from top to bottom."""
    return ramp(200, side).transpose(2, 3).contiguous()


@pytest.mark.parametrize("rotate", [0.0, 1e-6])  # moved by whole pixels, and resampled
def test_an_upside_down_flip_turns_about_half_of_the_images_and_no_left_to_right(rotate):
    flipped = changed(upright(16), Augment(flip_vertical=True, rotate=rotate))
    assert 70 < int((flipped[:, 0, 0, 0] > 0.5).sum()) < 130
    sideways = changed(ramp(200, 16), Augment(flip_vertical=True, rotate=rotate))
    assert torch.allclose(sideways, ramp(200, 16) / 255, atol=1e-3)


def test_a_zoom_shows_what_torchvisions_scale_shows():
    images = torch.rand(1, 3, 33, 33, generator=chance()).mul(255).to(torch.uint8)
    factor = geometry.uniform(1, 0.7, 1.3, chance()).item()
    whole = torch.tensor([[0.5, 0.5, 1.0, 1.0]])
    box = geometry.zoomed(whole, Augment(scale=0.3), chance())
    seen = geometry.resampled(images, geometry.sampling_matrices(box, sizes(1, 33, 33), geometry.turns(1, Augment(), chance())), 33)
    theirs = reference.affine(images.float(), 0.0, [0, 0], factor, [0.0, 0.0], reference.InterpolationMode.BILINEAR)
    assert torch.allclose(seen[:, :, 6:27, 6:27], theirs[:, :, 6:27, 6:27], atol=0.05)


def test_blur_and_noise_come_before_normalisation():
    images = torch.full((2, 3, 8, 8), 255, dtype=torch.uint8)
    assert changed(images, Augment(noise=0.5)).max() <= 1
    assert torch.allclose(changed(images, Augment(blur=2.0)), torch.ones(2, 3, 8, 8), atol=1e-4)


@pytest.mark.parametrize(("small", "grey"), [(True, True), (False, False)])
def test_a_policy_brings_its_own_rotations_and_colours(small, grey):
    found = resolve({"policy": "trivialaugment"}, small=small, grey=grey)
    assert (found.rotate, found.color) == (0, 0)
    asked = resolve({"policy": "trivialaugment", "color": 0.3}, small=small, grey=grey)
    assert asked.color == 0.3
