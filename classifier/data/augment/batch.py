"""All changes of a batch of training images, one after the other."""

from __future__ import annotations

import torch
from torch import Tensor

from classifier.data.augment.colour import Normalisation, normalise, recoloured
from classifier.data.augment.cropping import can_crop, cropped
from classifier.data.augment.erasing import erase
from classifier.data.augment.filters import blurred, noisy
from classifier.data.augment.geometry import resampled, sampling_matrices, shift_boxes, shifted, turns, windows, zoomed
from classifier.data.augment.policies import POLICIES
from classifier.data.augment.strengths import Augment
from classifier.spec.viewing import EVAL_CROP


def apply(
    images: Tensor,
    sizes: Tensor,
    side: int,
    augment: Augment,
    normalisation: Normalisation,
    generator: torch.Generator,
    *,
    small: bool,
    centre: float = EVAL_CROP,
) -> Tensor:
    """Training images ready for the network: float32 [N, 3, side, side], normalised.

    images: uint8 [N, 3, R, R], small ones at the side itself, photographs squeezed to a somewhat larger square;
    sizes: float [N, 2], each image's height and width before that;
    centre: the share of the short side that a photograph shows where no window is cut.
    """
    if small and not augment.resampled:
        picked = shifted(images, augment, generator)
    else:
        boxes = shift_boxes(sizes, augment, generator) if small else windows(sizes, augment, generator, centre)
        boxes = zoomed(boxes, augment, generator)
        turned = turns(len(boxes), augment, generator)
        upright = not small and can_crop(images, augment)
        picked = cropped(images, boxes, turned, side) if upright else resampled(images, sampling_matrices(boxes, sizes, turned), side)
    picked = POLICIES[augment.policy](picked.float(), augment, generator) if augment.policy else picked
    picked = blurred(picked, augment.blur, generator) if augment.blur else picked
    picked = noisy(picked, augment.noise, generator) if augment.noise else picked
    ready = recoloured(picked, augment, normalisation, generator) if augment.color else normalise(picked, normalisation)
    return erase(ready, augment.erase, generator) if augment.erase else ready
