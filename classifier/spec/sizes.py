"""The size of training images, epoch by epoch, and which sizes a network can be built for: plain functions, as schedules are."""

from __future__ import annotations

from classifier.spec.catalogue import MODELS

GROWN_AFTER = 2 / 3  # of the epochs images have their whole size
SIZE_STEP = 8  # pixels
MAXVIT_WINDOWS = 7  # places a side
MAXVIT_STEP = 32 * MAXVIT_WINDOWS  # 32: its strides


def growing_size(epoch: int, epochs: int, first: int, last: int) -> int:
    """Pixels a side of an epoch's training images, epochs counted from 1: linear from `first` to `last`, in whole steps, then `last`.

    Progressive resizing, as in Tan and Le, "EfficientNetV2", 2021: small images teach the coarse first, and faster.
    """
    if epoch >= epochs:
        return last
    share = min(1.0, (epoch - 1) / max(1.0, GROWN_AFTER * epochs))
    size = min(first, last) + share * (last - min(first, last))
    return last if share == 1 else min(last, max(min(first, last), int(size // SIZE_STEP) * SIZE_STEP))


def step_of(model: str) -> int:
    """What the side of a network's images must be a multiple of: a vision transformer's patch, or what MaxViT's windows tile; else 1."""
    if model.startswith("vit_"):
        return int(model.rsplit("_", 1)[1])
    return MAXVIT_STEP if model.startswith("maxvit_") else 1


def least_side(model: str) -> int:
    """The smallest side that a network trains on: what it can take, and its stride, below which its last map shows nothing but padding."""
    entry = MODELS[model]
    return max(entry.min_size, entry.stride)


def too_small(model: str, side: int) -> str:
    """What is wrong with a size that is below what the network trains on; empty where it is not."""
    entry, least = MODELS[model], least_side(model)
    if side >= least:
        return ""
    why = f", whose last map has one place for {least} × {least} pixels" if least > entry.min_size else ""
    return f"must be at least {least} for {model}{why}; {side} came"


def in_broken_parts(model: str, side: int) -> str:
    """What is wrong with a size that cannot be cut into the network's parts; empty where it can."""
    step = step_of(model)
    near = max(step, round(side / step) * step)
    return f"must be a multiple of {step} for {model}, such as {near}; {side} came" if side % step else ""
