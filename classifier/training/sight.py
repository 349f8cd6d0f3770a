"""How a batch of training images becomes what the network sees: one way, for the loop and for the form's preview."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from classifier.data import augment
from classifier.data.augment import EVAL_CROP, Augment, Normalisation
from classifier.spec.config import TrainConfig


@dataclass(frozen=True)
class Sight:
    """What decides it, beside chance. `config` is resolved."""

    config: TrainConfig
    augment: Augment
    normalisation: Normalisation
    small: bool  # all images are small: shifted, where photographs get random windows
    classes: int

    @property
    def centre(self) -> float:
        """The share of the short side that a training photograph shows where no random window is cut: what evaluation shows."""
        return 1.0 if self.config.resize else EVAL_CROP

    def seen(self, raw: Tensor, sizes: Tensor, labels: Tensor, chance: torch.Generator, side: int = 0) -> tuple[Tensor, Tensor]:
        """(images, target): a batch as the network sees it in training, and what it is to say.

        sizes: float32 [N, 2]; labels: int64 [N]. The target is those labels, or probabilities [N, C] where images are mixed.
        side: pixels, where images are still growing.
        """
        assert self.config.image_size is not None
        images = augment.apply(
            raw, sizes, self.config.image_size, self.augment, self.normalisation, chance, small=self.small, centre=self.centre
        )  # fmt: skip
        images, target = augment.mixed(images, labels, self.classes, self.augment, chance)
        return (augment.shrunk(images, side) if side else images), target
