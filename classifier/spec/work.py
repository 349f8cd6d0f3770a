"""What the parts of a training cost beside each other: for its progress, and for what a launch is told beforehand."""

from __future__ import annotations

import math
from collections.abc import Sequence

from classifier.spec.config import TrainConfig
from classifier.spec.sizes import growing_size

FORWARD_SHARE = 1 / 3  # of a training step's work that evaluating the same images is: no backward pass
NEAR = 0.01  # a third, as it is typed: 0.333
VIEWS = {None: 1, "flip": 2, "ten_crop": 10}  # of each image when it is tested


def each(counts: Sequence[int], sampling: str | None) -> list[int]:
    """Images of each class that an epoch shows: over, as many as of the largest; under, as of the smallest that has any."""
    present = [count for count in counts if count]
    if sampling is None or not present:
        return list(counts)
    wanted = max(present) if sampling == "over" else min(present)
    return [wanted if count else 0 for count in counts]


def size_share(config: TrainConfig, epoch: int) -> float:
    """The share of the whole size's pixels that an epoch's images have; less than 1 where they grow."""
    if not config.first_size or not config.image_size:
        return 1.0
    return (growing_size(epoch, config.epochs, config.first_size, config.image_size) / config.image_size) ** 2


def whole_epochs(config: TrainConfig) -> float:
    """All epochs, in epochs of the whole size."""
    return sum(size_share(config, epoch) for epoch in range(1, config.epochs + 1)) if config.first_size else float(config.epochs)


def validations(config: TrainConfig) -> int:
    """How often the validation images are looked at; after the last epoch in any case."""
    every = config.validate_every
    return config.epochs * math.ceil(1 / every - NEAR) if every < 1 else math.ceil(config.epochs / every)


def steps_inside(every: float, steps_per_epoch: int) -> list[int]:
    """The steps of an epoch, from 1, at which so large shares of it end inside it: none of them its last, and none twice."""
    parts = range(1, math.ceil(1 / every - NEAR)) if every < 1 else range(0)
    return sorted({round(part * every * steps_per_epoch) for part in parts} & set(range(1, steps_per_epoch)))


def evaluated_share(config: TrainConfig) -> float:
    """The pixels of an image that is evaluated, beside those of one that is trained on."""
    if not config.eval_size or not config.image_size:
        return 1.0
    return (config.eval_size / config.image_size) ** 2
