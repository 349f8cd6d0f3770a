"""What an empty field becomes where the configuration alone decides it: the engine trains with it, and the form shows it beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable

from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig

TRANSFORMERS = ("vision_transformer", "swin_transformer", "convnext", "maxvit")  # families that want small rates
WITHOUT_NORMS = ("squeezenet", "alexnet", "vgg")  # families that large rates break


# highest rates beside AdamW's. RMSprop's is for its momentum of 0.9, which makes steps ten times as long; Adadelta's has no unit
BESIDE_ADAMW = {"adam": 1, "adamw": 1, "nadam": 1, "radam": 1, "muon": 1, "adagrad": 10, "adadelta": 500, "rmsprop": 0.1}
DECOUPLED = ("adamw", "nadam", "radam", "muon")  # optimisers whose decay is no part of the gradient


def pick_learning_rate(config: TrainConfig) -> float:
    """The highest rate. That of adaptive optimisers grows with the root of the batch, SGD's with the batch (Goyal et al., 2017)."""
    family = MODELS[config.model].family
    gentle = family in TRANSFORMERS or family in WITHOUT_NORMS
    if config.optimizer != "sgd":
        scratch = 3e-4 if gentle else 2e-3
        base = 2e-3 if config.freeze else 2e-4 if config.weights else scratch
        return round(base * BESIDE_ADAMW[config.optimizer] * math.sqrt(config.batch_size / 64), 8)
    scratch = 0.02 if gentle else 0.1
    base = 0.1 if config.freeze else 0.02 if config.weights else scratch
    return round(base * config.batch_size / 256, 8)


def pick_weight_decay(config: TrainConfig) -> float:
    """Decoupled decay is larger than that of SGD, which is multiplied by a larger rate."""
    if config.optimizer in DECOUPLED:
        return 0.01 if config.weights else 0.05
    return 1e-4 if config.weights else 5e-4


def pick_warmup_epochs(config: TrainConfig) -> float:
    """A tenth of the training, one epoch at most."""
    return min(1.0, 0.1 * config.epochs)


PICKED: dict[str, Callable[[TrainConfig], float]] = {
    "learning_rate": pick_learning_rate,
    "weight_decay": pick_weight_decay,
    "warmup_epochs": pick_warmup_epochs,
}
