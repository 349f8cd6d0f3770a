"""Sizes beside the one that is trained at: what is evaluated, and what the first epoch begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifier.spec.catalogue import MODELS
from classifier.spec.sizes import too_small

if TYPE_CHECKING:
    from classifier.spec.config import TrainConfig

OF_ONE_SIZE = ("vision_transformer", "maxvit")  # families whose positions are learnt for one size


def evaluation_size(config: TrainConfig) -> dict[str, str]:
    """What is wrong with the size that images are evaluated at."""
    entry, size = MODELS[config.model], config.eval_size
    if size is None:
        return {}
    if words := too_small(config.model, size):
        return {"eval_size": words}
    if entry.family in OF_ONE_SIZE and size != config.image_size:
        return {"eval_size": f"must be the image size for {config.model}, which is built for one size alone; {size} came"}
    return {}


def size_of_the_first_epoch(config: TrainConfig) -> dict[str, str]:
    """What is wrong with the size that images grow from."""
    entry, first, last = MODELS[config.model], config.first_size, config.image_size
    if first is None:
        return {}
    if words := too_small(config.model, first):
        return {"first_size": words}
    if last is not None and first > last:
        return {"first_size": f"must be at most the image size, {last}: images grow; {first} came"}
    if entry.family in OF_ONE_SIZE and first != last:
        return {"first_size": f"cannot be chosen for {config.model}, which is built for one size alone; leave it empty"}
    return {}
