"""The operations that policies are made of, each on a whole batch with a magnitude an image.

They are those of torchvision's RandAugment and take magnitudes as it does. Images are float32 [N, 3, H, W] of 0..255 and
magnitudes float32 [N], on the same device; what comes out is of the same shape and range. What a warp leaves free is black.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from classifier.data.augment.colour import GREY_WEIGHTS
from classifier.data.moving import constant, moved

Operation = Callable[[Tensor, Tensor], Tensor]


def identity(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Nothing."""
    return images


def warped(images: Tensor, x_row: tuple[Tensor, Tensor, Tensor], y_row: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Seen through affine maps in pixels from the centre: (x, y) shows what lies at (a·x + b·y + c, d·x + e·y + f); bilinear."""
    count, _, height, width = images.shape
    (a, b, c), (d, e, f) = x_row, y_row
    rows = [torch.stack([a, b * height / width, 2 * c / width], 1), torch.stack([d * width / height, e, 2 * f / height], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1), [count, 3, height, width], align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def shear_x(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Rows pushed sideways, by more the lower they are; the top one stays."""
    one, none = torch.ones_like(magnitudes), torch.zeros_like(magnitudes)
    return warped(images, (one, magnitudes, magnitudes * images.shape[2] / 2), (none, one, none))


def shear_y(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Columns pushed up or down, by more the farther right they are; the left one stays."""
    one, none = torch.ones_like(magnitudes), torch.zeros_like(magnitudes)
    return warped(images, (one, none, none), (magnitudes, one, magnitudes * images.shape[3] / 2))


def translate_x(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Moved to the right by whole pixels."""
    one, none = torch.ones_like(magnitudes), torch.zeros_like(magnitudes)
    return warped(images, (one, none, -magnitudes.trunc()), (none, one, none))


def translate_y(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Moved down by whole pixels."""
    one, none = torch.ones_like(magnitudes), torch.zeros_like(magnitudes)
    return warped(images, (one, none, none), (none, one, -magnitudes.trunc()))


def rotate(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Turned against the clock by degrees."""
    angles, none = torch.deg2rad(magnitudes), torch.zeros_like(magnitudes)
    cos, sin = angles.cos(), angles.sin()
    return warped(images, (cos, -sin, none), (sin, cos, none))


def by_image(values: Tensor) -> Tensor:
    """[N] as [N, 1, 1, 1]."""
    return values[:, None, None, None]


def luma(images: Tensor) -> Tensor:
    """float32 [N, 1, H, W]."""
    return (images * constant(GREY_WEIGHTS, images.device).view(3, 1, 1)).sum(1, keepdim=True)


def blend(images: Tensor, others: Tensor, magnitudes: Tensor) -> Tensor:
    """The images, and `others` in the place of what magnitude −1 would take away; beyond 0 the difference to them is enlarged."""
    return torch.lerp(others, images, by_image(1 + magnitudes)).clamp_(0, 255)


def brightness(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Darker below 0, brighter above."""
    return (images * by_image(1 + magnitudes)).clamp_(0, 255)


def color(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Greyer below 0, more colourful above."""
    return blend(images, luma(images), magnitudes)


def contrast(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Nearer to the mean grey below 0, farther from it above."""
    return blend(images, luma(images).mean((1, 2, 3), keepdim=True), magnitudes)


def sharpness(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Smoother below 0, sharper above; the outermost pixels stay. Smooth is the mean of 3 × 3, the middle five times."""
    if min(images.shape[2:]) <= 2:
        return images
    changed, inner = images.clone(), images[:, :, 1:-1, 1:-1]
    smooth = (functional.avg_pool2d(images, 3, stride=1) * 9 + inner * 4) / 13
    changed[:, :, 1:-1, 1:-1] = blend(inner, smooth, magnitudes)
    return changed


def posterize(images: Tensor, magnitudes: Tensor) -> Tensor:
    """So many bits a channel are kept, the others cleared; what lies between two values is rounded before."""
    steps = by_image(torch.exp2(8 - magnitudes.round()))
    return (images.round() / steps).floor_().mul_(steps)


def solarize(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Inverted from the threshold on, a share of the range."""
    return torch.where(images >= by_image(magnitudes) * 255, 255 - images, images)


def autocontrast(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Each channel stretched to the whole range; one that never varies stays."""
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    flat = low == high
    low, high = low.masked_fill(flat, 0), high.masked_fill(flat, 255)
    return ((images - low) * (255 / (high - low))).clamp_(0, 255)


def equalize(images: Tensor, magnitudes: Tensor) -> Tensor:
    """Each channel so that all values are about as frequent, by Pillow's table."""
    values = images.round().long().flatten(2)
    counts = torch.zeros((*values.shape[:2], 256), dtype=torch.long, device=images.device)
    counts.scatter_add_(2, values, torch.ones_like(values))
    upto = counts.cumsum(2)
    brightest = counts.gather(2, values.amax(2, keepdim=True))
    step = (values.shape[2] - brightest) // 255
    table = ((upto - counts + step // 2) // step.clamp(min=1)).clamp_(0, 255)
    table = torch.where(step > 0, table, torch.arange(256, device=images.device))
    return table.gather(2, values).view(images.shape).float()


OPERATIONS: tuple[Operation, ...] = (
    identity, shear_x, shear_y, translate_x, translate_y, rotate, brightness, color, contrast, sharpness, posterize, solarize,
    autocontrast, equalize,
)  # fmt: skip


def performed(images: Tensor, choices: Tensor, magnitudes: Tensor) -> Tensor:
    """Each image by an operation of its own: its place in OPERATIONS, int64 [N], with its magnitude [N]; both on the processor."""
    changed = images.clone()
    for place, operation in enumerate(OPERATIONS):
        rows = (choices == place).nonzero()[:, 0]
        if len(rows) and operation is not identity:
            chosen = moved(rows, images.device)
            changed[chosen] = operation(images[chosen], moved(magnitudes[rows], images.device))
    return changed
