"""Policies that pick operations at random: RandAugment, TrivialAugment and AugMix, with torchvision's ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from classifier.data.augment.chance import numbers, signs
from classifier.data.augment.operations import OPERATIONS, performed
from classifier.data.augment.strengths import Augment
from classifier.data.moving import moved

BINS = 31  # magnitudes that RandAugment and TrivialAugment know
RAND_OPERATIONS = 2  # one after the other, of RandAugment
CHAINS, DEPTH, SEVERITY, MIX_BINS = 3, 3, 3, 10  # AugMix: chains, operations of each at most, magnitudes drawn, out of so many


@dataclass(frozen=True)
class Space:
    """How far each operation goes at the greatest magnitude."""

    shear: float
    translate: float  # pixels
    rotate: float  # degrees
    color: float  # brightness, colour, contrast and sharpness
    bits: tuple[float, float]  # of posterize, at the least and the greatest magnitude

    def magnitudes(self, choices: Tensor, shares: Tensor, sign: Tensor) -> Tensor:
        """float32 [N]: of the operations at those places, at these shares of the way from least to greatest; some have a sign."""
        moved = [self.shear, self.shear, self.translate, self.translate, self.rotate, *[self.color] * 4]
        least = torch.tensor([0.0, *[0.0] * 9, self.bits[0], 1.0, 0.0, 0.0])
        greatest = torch.tensor([0.0, *moved, self.bits[1], 0.0, 0.0, 0.0])
        signed = torch.tensor([False, *[True] * 9, False, False, False, False])
        found = least[choices] + (greatest - least)[choices] * shares
        return torch.where(signed[choices], found * sign, found)


def one_each(images: Tensor, space: Space, shares: Tensor, generator: torch.Generator) -> Tensor:
    """One operation an image, at those shares [N] of its range."""
    choices = torch.randint(len(OPERATIONS), (len(images),), generator=generator)
    return performed(images, choices, space.magnitudes(choices, shares, signs(len(images), generator)))


def rand_augment(images: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Two operations an image, all at one magnitude (Cubuk et al., "RandAugment", 2020)."""
    space = Space(0.3, 150 / 331 * images.shape[3], 30.0, 0.9, (8.0, 4.0))
    shares = torch.full((len(images),), augment.magnitude / (BINS - 1))
    for _ in range(RAND_OPERATIONS):
        images = one_each(images, space, shares, generator)
    return images


def trivial_augment(images: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """One operation an image at any magnitude, in wide ranges (Müller and Hutter, "TrivialAugment", 2021)."""
    space = Space(0.99, 32.0, 135.0, 0.99, (8.0, 2.0))
    return one_each(images, space, torch.randint(BINS, (len(images),), generator=generator) / (BINS - 1), generator)


def aug_mix(images: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Three chains of one to three operations, mixed with each other and with the image (Hendrycks et al., "AugMix", 2020)."""
    count, draw = len(images), numbers(generator)
    space = Space(0.3, images.shape[3] / 3, 30.0, 0.9, (4.0, 0.0))
    own = torch.from_numpy(draw.beta(1, 1, count)).float()
    weights = torch.from_numpy(draw.dirichlet([1] * CHAINS, count)).float() * (1 - own)[:, None]
    mix = images * by_row(own, images)
    for chain in range(CHAINS):
        mix += chained(images, space, generator) * by_row(weights[:, chain], images)
    return mix


def chained(images: Tensor, space: Space, generator: torch.Generator) -> Tensor:
    """One to three operations an image, one after the other; how many is the image's own. Doing nothing is none of them."""
    count = len(images)
    depths = torch.randint(1, DEPTH + 1, (count,), generator=generator)
    for depth in range(DEPTH):
        choices = torch.randint(1, len(OPERATIONS), (count,), generator=generator)
        shares = torch.randint(SEVERITY, (count,), generator=generator) / (MIX_BINS - 1)
        magnitudes = space.magnitudes(choices, shares, signs(count, generator))
        images = performed(images, torch.where(depths > depth, choices, 0), magnitudes)
    return images


def by_row(values: Tensor, images: Tensor) -> Tensor:
    """[N] as [N, 1, 1, 1] beside the images."""
    return moved(values, images.device)[:, None, None, None]


POLICIES: dict[str, Callable[[Tensor, Augment, torch.Generator], Tensor]] = {
    "randaugment": rand_augment,
    "trivialaugment": trivial_augment,
    "augmix": aug_mix,
}
