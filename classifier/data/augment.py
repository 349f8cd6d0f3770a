"""Random changes to whole batches of training images, on the device, different for each image.

What a batch gets is drawn by one generator on the processor, so that it is the same on every device and a pure
function of that generator's seed. A few numbers an image are drawn, never a number a pixel:
where the window lies (crop, shift, flip, rotation), how the colours shift, and which rectangle is erased.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Normalisation = tuple[list[float], list[float]]  # mean and standard deviation of red, green, blue, for values 0..1

EVAL_CROP = 224 / 256  # the share of the short side that evaluation looks at in a photograph
GREY_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R BT.601


@dataclass(frozen=True)
class Augment:
    """How strongly training images are changed; the fields of the configuration's `augment`, none of them null."""

    flip: bool = False  # left and right, half of the images
    crop: float = 1.0  # smallest share of the area that a random window keeps; 0 or 1: no window
    rotate: float = 0.0  # degrees, at most, either way
    color: float = 0.0  # brightness, contrast and saturation each by a factor within 1 ± this
    erase: float = 0.0  # share of images that lose a random rectangle

    @property
    def windowed(self) -> bool:
        """Whether a random window is cut."""
        return 0 < self.crop < 1


def resolve(asked: bool | Mapping[str, Any], *, small: bool, grey: bool) -> Augment:
    """The strengths to use: what was asked, and for the rest what suits the data.

    Small images are shifted by a few pixels, photographs get a random window; grey images (digits, scans) are
    turned a little and never mirrored, for a mirrored 2 is no 2.
    """
    if asked is False:
        return Augment()
    suited = {
        "flip": not (small and grey),
        "crop": 0.77 if small else 0.35,
        "rotate": 10.0 if small and grey else 0.0,
        "color": 0.0 if small or grey else 0.2,
        "erase": 0.0,
    }
    given = {} if asked is True else {name: value for name, value in asked.items() if value is not None}
    return Augment(**{**suited, **given})


def uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """float32 [count], uniform in [low, high)."""
    return low + (high - low) * torch.rand(count, generator=generator)


def signs(count: int, generator: torch.Generator) -> Tensor:
    """float32 [count] of −1 and 1, half and half."""
    return torch.randint(0, 2, (count,), generator=generator).float() * 2 - 1


def reflected(positions: Tensor, side: int) -> Tensor:
    """Pixel positions outside 0..side−1 mirrored back inside, without the edge twice."""
    positions = positions.abs()
    return torch.where(positions >= side, 2 * (side - 1) - positions, positions).clamp_(0, side - 1)


def shifted(images: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Small images uint8 [N, 3, S, S], each moved by whole pixels and perhaps mirrored; the gap is filled by reflection."""
    count, _, side, _ = images.shape
    reach = round((1 - math.sqrt(augment.crop)) * side) if augment.windowed else 0
    moves = torch.randint(-reach, reach + 1, (2, count, 1), generator=generator)
    mirror = signs(count, generator)[:, None] < 0
    if not reach and not augment.flip:
        return images
    line = torch.arange(side)
    rows, columns = reflected(line + moves[0], side), reflected(line + moves[1], side)
    if augment.flip:
        columns = torch.where(mirror, columns.flip(1), columns)
    device = images.device
    # one gather over [N, H, W, 3], so that the result already lies channels-last in memory
    picked = images.permute(0, 2, 3, 1)[
        torch.arange(count, device=device)[:, None, None], rows.to(device)[:, :, None], columns.to(device)[:, None, :]
    ]
    return picked.permute(0, 3, 1, 2)


def windows(sizes: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Random windows of images of sizes float [N, 2] (height, width in pixels).

    Gives [N, 4]: centre y, centre x, height, width, in shares of the image. The area is uniform between `crop` and 1,
    the aspect log-uniform between 3/4 and 4/3 (Szegedy et al., "Going deeper with convolutions", 2015).
    Without `crop` it is the centre square that evaluation looks at.
    """
    count = len(sizes)
    area = uniform(count, augment.crop, 1, generator) * sizes.prod(1)
    aspect = torch.exp(uniform(count, math.log(3 / 4), math.log(4 / 3), generator))
    places = torch.rand(count, 2, generator=generator)
    if not augment.windowed:
        side = sizes.min(1, keepdim=True).values * EVAL_CROP
        return torch.cat([torch.full_like(sizes, 0.5), side / sizes], 1)
    extent = torch.stack([(area / aspect).sqrt(), (area * aspect).sqrt()], 1).minimum(sizes) / sizes
    return torch.cat([extent / 2 + places * (1 - extent), extent], 1)


def sampling_matrices(boxes: Tensor, sizes: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """float [N, 2, 3] for affine_grid: what maps the output square onto each image's (turned, mirrored) window."""
    count = len(boxes)
    angles = uniform(count, -1, 1, generator) * math.radians(augment.rotate)
    mirror = signs(count, generator) if augment.flip else torch.ones(count)
    cos, sin = angles.cos(), angles.sin()
    centre_y, centre_x, height, width = boxes.unbind(1)
    # turned in pixels, not in shares, so that a square image squeezed from an oblong one is not sheared
    pixel_height, pixel_width = height * sizes[:, 0], width * sizes[:, 1]
    x_row = torch.stack([mirror * cos * width, -sin * pixel_height / sizes[:, 1], 2 * centre_x - 1], 1)
    y_row = torch.stack([mirror * sin * pixel_width / sizes[:, 0], cos * height, 2 * centre_y - 1], 1)
    return torch.stack([x_row, y_row], 1)


def resampled(images: Tensor, matrices: Tensor, side: int) -> Tensor:
    """float32 [N, 3, side, side] in 0..255: images uint8 [N, 3, R, R] seen through the matrices, bilinear."""
    grid = functional.affine_grid(matrices.to(images.device), [len(images), 3, side, side], align_corners=False)
    return functional.grid_sample(images.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)


def colour_matrices(images: Tensor, augment: Augment, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Per image a matrix [N, 3, 3] and an offset [N, 3, 1] for values 0..255: brightness, contrast and saturation in one."""
    count, device = len(images), images.device
    factors = uniform(3 * count, 1 - augment.color, 1 + augment.color, generator).view(3, count, 1, 1).to(device)
    brightness, contrast, saturation = factors.unbind(0)
    grey = torch.tensor(GREY_WEIGHTS, device=device).expand(3, 3)
    matrix = brightness * contrast * (saturation * torch.eye(3, device=device) + (1 - saturation) * grey)
    mean_grey = (images.mean((2, 3), dtype=torch.float32) @ grey[0])[:, None, None]
    return matrix, ((1 - contrast) * brightness * mean_grey).expand(count, 3, 1)


def normalise(images: Tensor, normalisation: Normalisation) -> Tensor:
    """float32 [N, 3, H, W] of values 0..255 (uint8 or float): less the mean, over the deviation, of each channel."""
    mean, deviation = (torch.tensor(values, device=images.device).view(1, 3, 1, 1) * 255 for values in normalisation)
    return (images.float() - mean) / deviation


def recoloured(images: Tensor, augment: Augment, normalisation: Normalisation, generator: torch.Generator) -> Tensor:
    """Colours shifted and values normalised in one matrix product an image; float32 [N, 3, H, W]."""
    mean, deviation = (torch.tensor(values, device=images.device).view(1, 3, 1) * 255 for values in normalisation)
    matrix, offset = colour_matrices(images, augment, generator)
    flat = images.float().flatten(2)
    return torch.baddbmm((offset - mean) / deviation, matrix / deviation, flat).view(images.shape)


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
    return images.masked_fill_(mask[:, None].to(images.device), 0.0)


def apply(
    images: Tensor,
    sizes: Tensor,
    side: int,
    augment: Augment,
    normalisation: Normalisation,
    generator: torch.Generator,
    *,
    small: bool,
) -> Tensor:
    """Training images ready for the network: float32 [N, 3, side, side], normalised.

    images: uint8 [N, 3, R, R], small ones at the side itself, photographs squeezed to a somewhat larger square;
    sizes: float [N, 2], each image's height and width before that.
    """
    if small and not augment.rotate:
        picked = shifted(images, augment, generator)
    else:
        boxes = shift_boxes(sizes, augment, generator) if small else windows(sizes, augment, generator)
        picked = resampled(images, sampling_matrices(boxes, sizes, augment, generator), side)
    ready = recoloured(picked, augment, normalisation, generator) if augment.color else normalise(picked, normalisation)
    return erase(ready, augment.erase, generator) if augment.erase else ready


def shift_boxes(sizes: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Windows [N, 4] for small images that are also turned: moved as `shifted` does, and zoomed by up to a tenth."""
    count = len(sizes)
    reach = 1 - math.sqrt(augment.crop) if augment.windowed else 0.0
    centres = 0.5 + reach * (torch.rand(count, 2, generator=generator) * 2 - 1)
    zoom = 1 + (0.1 if augment.windowed else 0.0) * (torch.rand(count, 1, generator=generator) * 2 - 1)
    return torch.cat([centres, zoom.expand(count, 2)], 1)
