"""What an empty field becomes where the configuration alone decides it: the engine trains with it, and the form shows it beforehand."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig

TRANSFORMERS = ("vision_transformer", "swin_transformer", "convnext", "maxvit")  # families that want small rates
WITHOUT_NORMS = ("squeezenet", "alexnet", "vgg")  # families that large rates break


# highest rates beside AdamW's. RMSprop's is for its momentum of 0.9, which makes steps ten times as long; Adadelta's has no unit
HEAD_RATE, GENTLE_HEAD_RATE = 1e-2, 5e-4  # AdamW's for a head alone: twenty epochs of few images are few steps
FEATURES_ONCE = 20_000  # training images up to which features are computed once where nobody said otherwise
BESIDE_ADAMW = {"adam": 1, "adamw": 1, "nadam": 1, "radam": 1, "muon": 1, "adagrad": 10, "adadelta": 500, "rmsprop": 0.1}
DECOUPLED = ("adamw", "nadam", "radam", "muon")  # optimisers whose decay is no part of the gradient


def pick_learning_rate(config: TrainConfig) -> float:
    """The highest rate. That of adaptive optimisers grows with the root of the batch, SGD's with the batch (Goyal et al., 2017)."""
    batch = config.batch * config.accumulate
    family = MODELS[config.model].family
    gentle = family in TRANSFORMERS or family in WITHOUT_NORMS
    if config.optimizer != "sgd":
        scratch = 3e-4 if gentle else 2e-3
        head = GENTLE_HEAD_RATE if family in WITHOUT_NORMS else HEAD_RATE
        base = head if config.head_alone else 2e-4 if config.weights else scratch
        return round(base * BESIDE_ADAMW[config.optimizer] * math.sqrt(batch / 64), 8)
    scratch = 0.02 if gentle else 0.1
    base = 0.1 if config.head_alone else 0.02 if config.weights else scratch
    return round(base * batch / 256, 8)


def pick_finetune_rate(config: TrainConfig) -> float | None:
    """What the whole network would begin with on these weights; None where none is fine-tuned."""
    if config.finetune is None:
        return None
    return pick_learning_rate(dataclasses.replace(config, freeze=None, finetune=None))


def pick_weight_decay(config: TrainConfig) -> float:
    """Decoupled decay is larger than that of SGD, which is multiplied by a larger rate."""
    if config.optimizer in DECOUPLED:
        return 0.01 if config.weights else 0.05
    return 1e-4 if config.weights else 5e-4


def pick_features(config: TrainConfig, images: int) -> str | None:
    """Once, where only the head learns from few images and nothing that was asked for needs their pixels in each epoch."""
    whole = config.head_alone and config.first_size is None and (config.finetune or not config.pixels_change)
    return "once" if whole and images <= FEATURES_ONCE else None


def pick_warmup_epochs(config: TrainConfig) -> float:
    """A tenth of the training, one epoch at most; of one cycle three tenths."""
    if config.schedule == "one_cycle":
        return min(1000.0, round(0.3 * config.head_epochs, 6))
    return min(1.0, 0.1 * config.head_epochs)


def pick_decay_factor(config: TrainConfig) -> float | None:
    """A tenth at once, or each epoch what makes a hundredth in the end; None where the schedule has none."""
    if config.schedule == "exponential":
        warmup = pick_warmup_epochs(config) if config.warmup_epochs is None else config.warmup_epochs
        return round(float(0.01 ** (1 / max(1e-3, config.head_epochs - warmup))), 6) or 1e-6
    return 0.1 if config.schedule in ("step", "multi_step", "plateau") else None


def pick_decay_epochs(config: TrainConfig) -> float | None:
    """A third of the training; on a plateau a tenth of it, ten epochs at most."""
    if config.schedule == "plateau":
        return float(min(10, max(1, config.head_epochs // 10)))
    return round(config.head_epochs / 3, 3) if config.schedule == "step" else None


def pick_milestones(config: TrainConfig) -> list[float] | None:
    """Half and three quarters of the training (He et al., 2016)."""
    return [0.5 * config.head_epochs, 0.75 * config.head_epochs] if config.schedule == "multi_step" else None


def pick_decay_power(config: TrainConfig) -> float | None:
    """A straight line; the inverse of the root of the epochs."""
    return {"polynomial": 1.0, "inverse": 0.5}.get(config.schedule)


Picked = float | list[float] | None
PICKED: dict[str, Callable[[TrainConfig], Picked]] = {
    "learning_rate": pick_learning_rate,
    "finetune_rate": pick_finetune_rate,
    "weight_decay": pick_weight_decay,
    "warmup_epochs": pick_warmup_epochs,
    "decay_factor": pick_decay_factor,
    "decay_epochs": pick_decay_epochs,
    "milestones": pick_milestones,
    "decay_power": pick_decay_power,
}


def filled(config: TrainConfig) -> TrainConfig:
    """The configuration with every field of PICKED that it leaves empty; what its schedule does not use stays so."""
    picked: dict[str, Any] = {name: pick(config) for name, pick in PICKED.items() if getattr(config, name) is None}
    return dataclasses.replace(config, **picked)
