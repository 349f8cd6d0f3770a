"""The grid that windows are sampled by."""

from __future__ import annotations

import torch
from torch.nn import functional

from classifier.data.augment import colour
from classifier.data.augment.colour import normalise
from classifier.data.augment.geometry import sampling_grid

NORMALISATION = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def test_the_grid_is_torchs_own():
    matrices = torch.randn(5, 2, 3, generator=torch.Generator().manual_seed(0))
    expected = functional.affine_grid(matrices, [5, 3, 33, 33], align_corners=False)
    assert torch.allclose(sampling_grid(matrices, 33), expected, atol=1e-6)


def test_values_are_normalised_alike_in_either_memory_layout(monkeypatch):
    monkeypatch.setattr(colour, "CACHED", 4 * 9 * 7)  # a few images at a time
    images = torch.randint(0, 256, (9, 3, 9, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    plain = normalise(images, NORMALISATION)
    last = normalise(images.contiguous(memory_format=torch.channels_last), NORMALISATION)
    mean, deviation = (torch.tensor(values).view(3, 1, 1) * 255 for values in NORMALISATION)
    assert torch.equal(plain, (images.float() - mean) / deviation)
    assert torch.equal(plain, last) and last.is_contiguous(memory_format=torch.channels_last)


def test_values_are_normalised_in_any_other_memory_layout_too():
    images = torch.randint(0, 256, (2, 3, 9, 9), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)).transpose(2, 3)
    assert torch.equal(normalise(images, NORMALISATION), normalise(images.contiguous(), NORMALISATION))


def test_normalising_leaves_what_it_was_given():
    images = torch.rand(2, 3, 4, 4) * 255
    before = images.clone()
    normalise(images, NORMALISATION)
    assert torch.equal(images, before)
