"""How a whole image becomes a square of the network's size, and whether it keeps its colours."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from classifier.data.augment.colour import GREY_WEIGHTS


def resized(image: Tensor, height: int, width: int) -> Tensor:
    """uint8 [3, height, width], bilinear with antialiasing."""
    if image.shape[1:] == (height, width):
        return image
    return functional.interpolate(image[None], (height, width), mode="bilinear", antialias=True)[0]


def squash(image: Tensor, side: int) -> Tensor:
    """The whole image, its aspect lost."""
    return resized(image, side, side)


def crop(image: Tensor, side: int) -> Tensor:
    """The short side as long as the square; what the long one has more is cut off at both ends."""
    return scaled(image, side, side / min(image.shape[1:]))


def fill(image: Tensor, side: int) -> Tensor:
    """The long side as long as the square; what the short one lacks is black at both ends."""
    return scaled(image, side, side / max(image.shape[1:]))


def half_crop(image: Tensor, side: int) -> Tensor:
    """Half crop, half fill, as NVIDIA's DIGITS has it: the mean of both sides as long as the square's."""
    return scaled(image, side, 2 * side / sum(image.shape[1:]))


def scaled(image: Tensor, side: int, scale: float) -> Tensor:
    """uint8 [3, side, side]: the image resized by the scale, its middle in the middle of a black square."""
    height, width = (max(1, round(extent * scale)) for extent in image.shape[1:])
    image = resized(image, height, width)
    top, left = (max(0, (extent - side) // 2) for extent in (height, width))
    image = image[:, top : top + side, left : left + side]
    above, before = ((side - extent) // 2 for extent in image.shape[1:])
    below, after = side - image.shape[1] - above, side - image.shape[2] - before
    return functional.pad(image, (before, after, above, below))


RESIZES: dict[str, Callable[[Tensor, int], Tensor]] = {"squash": squash, "crop": crop, "fill": fill, "half_crop": half_crop}


def greyed(image: Tensor) -> Tensor:
    """uint8 [3, H, W]: the luma of ITU-R BT.601 in all three channels."""
    weights = torch.tensor(GREY_WEIGHTS).view(3, 1, 1)
    return (image * weights).sum(0, keepdim=True).round().to(torch.uint8).expand_as(image)
