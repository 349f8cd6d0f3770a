"""Colours shifted, and values normalised."""

from __future__ import annotations

import torch
from torch import Tensor

from classifier.data.augment.chance import uniform
from classifier.data.augment.strengths import Augment
from classifier.data.moving import constant, moved

Normalisation = tuple[list[float], list[float]]  # mean and standard deviation of red, green, blue, for values 0..1

CACHED = 200_000  # pixels that are normalised at once on a processor: its cache holds them from one operation to the next
GREY_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R BT.601


def colour_matrices(images: Tensor, augment: Augment, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Per image a matrix [N, 3, 3] and an offset [N, 3, 1] for values 0..255: brightness, contrast and saturation in one."""
    count, device = len(images), images.device
    factors = moved(uniform(3 * count, 1 - augment.color, 1 + augment.color, generator).view(3, count, 1, 1), device)
    brightness, contrast, saturation = factors.unbind(0)
    grey = constant(GREY_WEIGHTS, device).expand(3, 3)
    matrix = brightness * contrast * (saturation * torch.eye(3, device=device) + (1 - saturation) * grey)
    mean_grey = (images.mean((2, 3), dtype=torch.float32) @ grey[0])[:, None, None]
    return matrix, ((1 - contrast) * brightness * mean_grey).expand(count, 3, 1)


def normalise(images: Tensor, normalisation: Normalisation) -> Tensor:
    """float32 [N, 3, H, W] of values 0..255 (uint8 or float): less the mean, over the deviation, of each channel."""
    mean, deviation = (constant(tuple(values), images.device) * 255 for values in normalisation)
    ready = torch.empty_like(images, dtype=torch.float32)
    if ready.is_contiguous() or not ready.is_contiguous(memory_format=torch.channels_last):
        came, lines = images, ready
        mean, deviation = mean.view(-1, 1, 1), deviation.view(-1, 1, 1)
    else:  # channels last, by whole lines of pixels: over three values at a time a processor's vector units would have nothing to do
        came, lines = (pixels.permute(0, 2, 3, 1).flatten(2) for pixels in (images, ready))
        mean, deviation = (values.repeat(images.shape[3]) for values in (mean, deviation))
    few = max(1, CACHED // max(1, images.shape[2:].numel()) if images.device.type == "cpu" else len(images))
    for start in range(0, len(images), few):
        some = slice(start, start + few)
        lines[some].copy_(came[some]).sub_(mean).div_(deviation)
    return ready


def recoloured(images: Tensor, augment: Augment, normalisation: Normalisation, generator: torch.Generator) -> Tensor:
    """Colours shifted and values normalised in one matrix product an image; float32 [N, 3, H, W].

    What would be darker than black or brighter than white is cut, as in any picture that the network will ever see.
    """
    mean, deviation = (constant(tuple(values), images.device).view(1, 3, 1) * 255 for values in normalisation)
    matrix, offset = colour_matrices(images, augment, generator)
    flat = images.float().flatten(2)
    shifted = torch.baddbmm((offset - mean) / deviation, matrix / deviation, flat)
    return shifted.clamp_(-mean / deviation, (255 - mean) / deviation).view(images.shape)
