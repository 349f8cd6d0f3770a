"""Upright windows of photographs on a processor: cut and resized one by one, in a third of the time that sampling by a grid takes.

torch's resize of bytes works on whole vectors of pixels, antialiased as evaluation is, but on one window size at a time. A GPU,
and windows that are turned or zoomed past the image's edge, take `geometry.resampled`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from classifier.data.augment.geometry import Turns
from classifier.data.augment.strengths import Augment


def can_crop(images: Tensor, augment: Augment) -> bool:
    """Whether the windows of these images are upright and lie inside them, and the images on a processor."""
    return images.device.type == "cpu" and images.dtype == torch.uint8 and not augment.resampled


def cropped(images: Tensor, boxes: Tensor, turned: Turns, side: int) -> Tensor:
    """uint8 [N, 3, side, side], channels last: the windows of images uint8 [N, 3, R, R], to the next whole pixel, perhaps mirrored.

    boxes: [N, 4] as `geometry.windows` gives them.
    """
    source = images.contiguous(memory_format=torch.channels_last)
    result = torch.empty((len(images), 3, side, side), dtype=torch.uint8, memory_format=torch.channels_last)
    edges = pixel_edges(boxes, images.shape[2]).tolist()
    flips = [[axis for axis, sign in ((2, up), (3, left)) if sign < 0] for up, left in zip(turned.upside_down, turned.mirror, strict=True)]

    for place, ((top, left, bottom, right), axes) in enumerate(zip(edges, flips, strict=True)):
        # in this thread: others would each bring threads of torch's own along, which wait for work by spinning
        window = source[place : place + 1, :, top:bottom, left:right]
        seen = functional.interpolate(window, (side, side), mode="bilinear", antialias=True)
        result[place : place + 1] = seen.flip(axes) if axes else seen
    return result


def pixel_edges(boxes: Tensor, extent: int) -> Tensor:
    """int64 [N, 4]: top, left, bottom, right of the windows in whole pixels, at least one wide."""
    centres, half = boxes[:, :2], boxes[:, 2:] / 2
    first = ((centres - half) * extent).round().clamp(0, extent - 1)
    last = ((centres + half) * extent).round().clamp(1, extent)
    return torch.cat([first, last.maximum(first + 1)], 1).long()
