"""Fills in what a configuration leaves open, from the model, the data and the other fields."""

from __future__ import annotations

import dataclasses
import math

from classifier.data import augment
from classifier.data.augment import Normalisation
from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig
from classifier.spec.packfile import SMALL_IMAGE_PIXELS

IMAGENET: Normalisation = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
HALVES: Normalisation = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])

TRANSFORMERS = ("vision_transformer", "swin_transformer", "convnext", "maxvit")  # families that want small rates
WITHOUT_NORMS = ("squeezenet", "alexnet", "vgg")  # families that large rates break

SMALL_SIDE = int(SMALL_IMAGE_PIXELS**0.5)


def normalisation_of(model: str) -> Normalisation:
    """Mean and deviation that the published weights were trained with; as good as any from scratch."""
    return HALVES if model == "efficientnet_v2_l" else IMAGENET


def pick_image_size(config: TrainConfig, typical_size: tuple[int, int], *, small: bool) -> int:
    """Pixels a side, from the median (height, width) of the data and what the model is made for.

    Published weights get the size they were trained with; from scratch, small images stay about as they are
    (small_cnn) or are doubled for networks that halve them five times.
    """
    entry = MODELS[config.model]
    short = min(typical_size)
    if config.model == "small_cnn":
        return max(entry.min_size, min(SMALL_SIDE, (short + 2) // 4 * 4))
    if config.weights is not None or entry.min_size >= entry.image_size:
        return entry.image_size
    wanted = SMALL_SIDE if small else short // 32 * 32
    return max(entry.min_size, min(entry.image_size, max(SMALL_SIDE, wanted)))


def pick_learning_rate(config: TrainConfig) -> float:
    """The highest rate. AdamW's grows with the root of the batch, SGD's with the batch (Goyal et al., 2017)."""
    family = MODELS[config.model].family
    gentle = family in TRANSFORMERS or family in WITHOUT_NORMS
    if config.optimizer == "adamw":
        scratch = 3e-4 if gentle else 2e-3
        base = 2e-3 if config.freeze else 2e-4 if config.weights else scratch
        return round(base * math.sqrt(config.batch_size / 64), 8)
    scratch = 0.02 if gentle else 0.1
    base = 0.1 if config.freeze else 0.02 if config.weights else scratch
    return round(base * config.batch_size / 256, 8)


def pick_weight_decay(config: TrainConfig) -> float:
    """Decoupled decay of AdamW is larger than that of SGD, which is multiplied by a larger rate."""
    if config.optimizer == "adamw":
        return 0.01 if config.weights else 0.05
    return 1e-4 if config.weights else 5e-4


def resolve(config: TrainConfig, typical_size: tuple[int, int], *, small: bool, grey: bool) -> TrainConfig:
    """The configuration without nulls that matter: what result.json shows and what a second run would need."""
    sized = dataclasses.replace(
        config,
        image_size=config.image_size or pick_image_size(config, typical_size, small=small),
        warmup_epochs=min(1.0, 0.1 * config.epochs) if config.warmup_epochs is None else config.warmup_epochs,
        augment=dataclasses.asdict(augment.resolve(config.augment, small=small, grey=grey)),
    )
    return dataclasses.replace(
        sized,
        learning_rate=pick_learning_rate(sized) if config.learning_rate is None else config.learning_rate,
        weight_decay=pick_weight_decay(sized) if config.weight_decay is None else config.weight_decay,
    )
