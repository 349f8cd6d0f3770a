"""Blur and noise."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from classifier.data.augment.chance import uniform
from classifier.data.augment.geometry import reflected
from classifier.data.moving import moved

SMALLEST_SIGMA = 1e-3  # its kernel is a single one: nothing is blurred


def blur_matrices(sigmas: Tensor, side: int, radius: int) -> Tensor:
    """float32 [N, side, side]: what a column of pixels is multiplied by to be blurred, each image by its own sigma [N].

    A Gaussian cut off at the radius; what lies outside is reflected. A matrix an image costs less than a grouped
    convolution, on processors and GPUs alike, for the kernels differ by image.
    """
    offsets = torch.arange(-radius, radius + 1)
    kernels = torch.exp(-0.5 * (offsets / sigmas.clamp(min=SMALLEST_SIGMA)[:, None]) ** 2)
    kernels = kernels / kernels.sum(1, keepdim=True)
    sources = reflected(torch.arange(side)[None] + offsets[:, None], side)  # [offset, pixel] → the pixel that is read
    placed = torch.nn.functional.one_hot(sources, side).float().flatten(1)
    return (kernels @ placed).view(len(sigmas), side, side)


def blurred(images: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """float32 [N, 3, H, W]: each image under a Gaussian blur whose sigma, in pixels, is uniform in 0..most."""
    sigmas = uniform(len(images), 0, most, generator)
    return blur(images, sigmas, math.ceil(3 * most))


def blur(images: Tensor, sigmas: Tensor, radius: int) -> Tensor:
    """float32 [N, 3, H, W] blurred by sigmas [N] with kernels of that radius."""
    height, width = images.shape[2:]
    down, across = (moved(blur_matrices(sigmas, extent, min(radius, extent - 1)), images.device)[:, None] for extent in (height, width))
    return down @ images.float() @ across.transpose(2, 3)


def noisy(images: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """float32 [N, 3, H, W] in 0..255 with Gaussian noise of a deviation uniform in 0..most, a share of the whole range.

    The one change that takes a number a pixel: these come from a generator on the device, seeded by ours, so that they
    repeat on that device.
    """
    strengths = uniform(len(images), 0, most, generator) * 255
    seed = int(torch.randint(2**62, (), generator=generator))
    local = torch.Generator(images.device).manual_seed(seed)
    noise = torch.randn(images.shape, generator=local, device=images.device)
    return torch.addcmul(images.float(), noise, moved(strengths, images.device)[:, None, None, None]).clamp_(0, 255)
