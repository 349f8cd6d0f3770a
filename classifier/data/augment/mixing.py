"""Images mixed with each other, and their labels with them: MixUp and CutMix."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from classifier.data.augment.chance import numbers
from classifier.data.augment.strengths import Augment
from classifier.data.moving import moved


def mixed(images: Tensor, labels: Tensor, classes: int, augment: Augment, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(images, target): normalised images [N, 3, H, W] each mixed with its neighbour in the batch, which lies in random order.

    The target is float32 [N, classes], the probabilities of the classes; where nothing is to be mixed, labels [N] as they came.
    With both methods on, each image gets one of them, half and half.
    """
    if not augment.mixes:
        return images, labels
    over = beta(len(images), augment.mixup, generator)
    if not augment.cutmix:
        return blended(images, moved(over.view(-1, 1, 1, 1), images.device)), targets(labels, moved(over, images.device), classes)
    masks, kept = cutmix_masks(beta(len(images), augment.cutmix, generator), images.shape[2], images.shape[3], generator)
    if augment.mixup:
        chosen = torch.rand(len(images), generator=generator) < 0.5
        masks, kept = torch.where(chosen[:, None, None], over[:, None, None], masks), torch.where(chosen, over, kept)
    return blended(images, moved(masks[:, None], images.device)), targets(labels, moved(kept, images.device), classes)


def beta(count: int, alpha: float, generator: torch.Generator) -> Tensor:
    """float32 [count] drawn from Beta(alpha, alpha); ones where alpha is 0."""
    draw = numbers(generator)
    return torch.from_numpy(draw.beta(alpha, alpha, count)).float() if alpha else torch.ones(count)


def cutmix_masks(kept: Tensor, height: int, width: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(float32 [N, height, width], float32 [N]): ones where each image stays itself, and the share of pixels for which it does.

    A rectangle of the image's shape with 1 − kept of its area around a random point, cut at the edges, comes from the
    neighbour (Yun et al., "CutMix", 2019).
    """
    extents, inside = (1 - kept).clamp(min=0).sqrt(), []
    for side in (height, width):
        middle = torch.randint(side, (len(kept),), generator=generator)
        half = (extents * side).long() // 2
        line = torch.arange(side)
        inside.append((line >= (middle - half)[:, None]) & (line < (middle + half)[:, None]))
    stays = ~(inside[0][:, :, None] & inside[1][:, None, :])
    return stays.float(), stays.float().mean((1, 2))


def blended(images: Tensor, masks: Tensor) -> Tensor:
    """Each image times its mask [N, 1, H or 1, W or 1], and the neighbour times the rest (Zhang et al., "mixup", 2018)."""
    return torch.lerp(images.roll(1, 0), images, masks)


def targets(labels: Tensor, kept: Tensor, classes: int) -> Tensor:
    """float32 [N, classes]: `kept` of the own label, the rest of the neighbour's."""
    own = functional.one_hot(labels, classes).float()
    return torch.lerp(own.roll(1, 0), own, kept[:, None])


def likeliest(target: Tensor) -> Tensor:
    """int64 [N]: the label with the greatest share of each image."""
    return target if target.ndim == 1 else target.argmax(1)
