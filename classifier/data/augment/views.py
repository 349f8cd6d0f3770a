"""Views of images whose predictions are averaged: test-time augmentation."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.spec.viewing import EVAL_CROP


def mirrored(images: Tensor) -> list[Tensor]:
    """The images [N, 3, S, S] and their mirror images."""
    return [images, images.flip(3)]


def ten_crop(images: Tensor) -> list[Tensor]:
    """The four corners and the middle, brought to the whole's size, each with its mirror image (Krizhevsky et al., 2012)."""
    side = images.shape[3]
    cut = round(side * EVAL_CROP)
    far = side - cut
    places = ((0, 0), (0, far), (far, 0), (far, far), (far // 2, far // 2))
    crops = [images[:, :, top : top + cut, left : left + cut] for top, left in places]
    whole = [functional.interpolate(crop, (side, side), mode="bilinear", align_corners=False) for crop in crops]
    return [view for crop in whole for view in mirrored(crop)]


VIEWS: dict[str, Callable[[Tensor], list[Tensor]]] = {"flip": mirrored, "ten_crop": ten_crop}


def viewed(model: nn.Module, images: Tensor, tta: str | None) -> Tensor:
    """float32 [N, C]: the model's logits; over several views the logarithm of their mean probabilities, which serves as such."""
    if tta is None:
        return model(images)  # type: ignore[no-any-return]
    views = VIEWS[tta](images)
    odds = [model(view.contiguous(memory_format=torch.channels_last)).log_softmax(1) for view in views]
    return torch.stack(odds).logsumexp(0) - math.log(len(odds))
