"""Rectangles taken out of training images."""

from __future__ import annotations

import torch
from torch import Tensor

from classifier.data.augment.chance import uniform
from classifier.data.moving import moved


def erase(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Sets a random rectangle (2 % to 33 % of the area) to the mean colour in that share of the images, in place.

    Zhong et al., "Random Erasing Data Augmentation", 2020, with the mean instead of noise.
    """
    count, _, height, width = images.shape
    chosen = torch.rand(count, generator=generator) < share
    area, aspect = uniform(count, 0.02, 0.33, generator), torch.exp(uniform(count, -1.2, 1.2, generator))
    extent = torch.stack([(area / aspect).sqrt(), (area * aspect).sqrt()], 1).clamp(max=1)
    start = torch.rand(count, 2, generator=generator) * (1 - extent)
    inside = []
    for axis, side in enumerate((height, width)):
        line = (torch.arange(side) + 0.5) / side
        inside.append((line >= start[:, axis : axis + 1]) & (line < (start + extent)[:, axis : axis + 1]))
    mask = chosen[:, None, None] & inside[0][:, :, None] & inside[1][:, None, :]
    return images.masked_fill_(moved(mask[:, None], images.device), 0.0)
