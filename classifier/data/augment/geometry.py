"""Where the pixels of a training image come from: windows, shifts, flips and rotations."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from classifier.data.augment.chance import signs, uniform
from classifier.data.augment.strengths import Augment
from classifier.data.moving import moved
from classifier.spec.viewing import EVAL_CROP


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
    upside_down = signs(count, generator)[:, None] < 0 if augment.flip_vertical else None
    if not reach and not augment.flip and upside_down is None:
        return images
    line = torch.arange(side)
    rows, columns = reflected(line + moves[0], side), reflected(line + moves[1], side)
    if augment.flip:
        columns = torch.where(mirror, columns.flip(1), columns)
    if upside_down is not None:
        rows = torch.where(upside_down, rows.flip(1), rows)
    # one place an output pixel, the same for all channels: a fifth of the time of indexing by row and column
    places = moved((rows[:, :, None] * side + columns[:, None, :]).view(count, 1, side * side), images.device)
    return images.flatten(2).gather(2, places.expand(-1, images.shape[1], -1)).view(images.shape)


def shift_boxes(sizes: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """Windows [N, 4] for small images that are also turned: moved as `shifted` does, and zoomed by up to a tenth."""
    count = len(sizes)
    reach = 1 - math.sqrt(augment.crop) if augment.windowed else 0.0
    centres = 0.5 + reach * (torch.rand(count, 2, generator=generator) * 2 - 1)
    zoom = 1 + (0.1 if augment.windowed else 0.0) * (torch.rand(count, 1, generator=generator) * 2 - 1)
    return torch.cat([centres, zoom.expand(count, 2)], 1)


def windows(sizes: Tensor, augment: Augment, generator: torch.Generator, centre: float = EVAL_CROP) -> Tensor:
    """Random windows of images of sizes float [N, 2] (height, width in pixels).

    Gives [N, 4]: centre y, centre x, height, width, in shares of the image. The area is uniform between `crop` and 1,
    the aspect log-uniform between 3/4 and 4/3 (Szegedy et al., "Going deeper with convolutions", 2015).
    Without `crop` it is the centre square that evaluation looks at: `centre` of the short side.
    """
    count = len(sizes)
    area = uniform(count, augment.crop, 1, generator) * sizes.prod(1)
    aspect = torch.exp(uniform(count, math.log(3 / 4), math.log(4 / 3), generator))
    places = torch.rand(count, 2, generator=generator)
    if not augment.windowed:
        side = sizes.min(1, keepdim=True).values * centre
        return torch.cat([torch.full_like(sizes, 0.5), side / sizes], 1)
    extent = torch.stack([(area / aspect).sqrt(), (area * aspect).sqrt()], 1).minimum(sizes) / sizes
    return torch.cat([extent / 2 + places * (1 - extent), extent], 1)


class Turns(NamedTuple):
    """How each image is turned: float [N] each."""

    angles: Tensor  # radians
    mirror: Tensor  # −1 where left and right change places, else 1
    upside_down: Tensor  # −1 where up and down do


def turns(count: int, augment: Augment, generator: torch.Generator) -> Turns:
    """By chance, as strongly as is asked for."""
    angles = uniform(count, -1, 1, generator) * math.radians(augment.rotate)
    mirror = signs(count, generator) if augment.flip else torch.ones(count)
    return Turns(angles, mirror, signs(count, generator) if augment.flip_vertical else torch.ones(count))


def sampling_matrices(boxes: Tensor, sizes: Tensor, turned: Turns) -> Tensor:
    """float [N, 2, 3] for affine_grid: what maps the output square onto each image's (turned, mirrored) window."""
    angles, mirror, upside_down = turned
    cos, sin = angles.cos(), angles.sin()
    centre_y, centre_x, height, width = boxes.unbind(1)
    # turned in pixels, not in shares, so that a square image squeezed from an oblong one is not sheared
    pixel_height, pixel_width = height * sizes[:, 0], width * sizes[:, 1]
    x_row = torch.stack([mirror * cos * width, upside_down * -sin * pixel_height / sizes[:, 1], 2 * centre_x - 1], 1)
    y_row = torch.stack([mirror * sin * pixel_width / sizes[:, 0], upside_down * cos * height, 2 * centre_y - 1], 1)
    return torch.stack([x_row, y_row], 1)


def zoomed(boxes: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """The windows [N, 4] made smaller or larger around their centres, so that what they show is zoomed by 1 ± scale."""
    if not augment.scale:
        return boxes
    zoom = uniform(len(boxes), 1 - augment.scale, 1 + augment.scale, generator)[:, None]
    return torch.cat([boxes[:, :2], boxes[:, 2:] / zoom], 1)


def shrunk(images: Tensor, side: int) -> Tensor:
    """The images [N, 3, S, S] at `side` pixels where that is smaller, with antialiasing."""
    if side >= images.shape[3]:
        return images
    return functional.interpolate(images, (side, side), mode="bilinear", antialias=True)


def resampled(images: Tensor, matrices: Tensor, side: int) -> Tensor:
    """float32 [N, 3, side, side] in 0..255: images uint8 [N, 3, R, R] seen through the matrices, bilinear."""
    grid = sampling_grid(moved(matrices, images.device), side)
    return functional.grid_sample(images.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)


def sampling_grid(matrices: Tensor, side: int) -> Tensor:
    """float [N, side, side, 2] as `functional.affine_grid` gives it, as sums of a part by row and one by column: a tenth of the time."""
    line = (2 * torch.arange(side, device=matrices.device, dtype=matrices.dtype) + 1) / side - 1
    grid = matrices.new_empty(len(matrices), side, side, 2)
    for axis in (0, 1):
        across = matrices[:, axis, 0, None] * line
        down = matrices[:, axis, 1, None] * line + matrices[:, axis, 2, None]
        torch.add(across[:, None, :], down[:, :, None], out=grid[..., axis])
    return grid
