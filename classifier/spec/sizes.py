"""The size of training images, epoch by epoch: a plain function, as schedules are."""

from __future__ import annotations

GROWN_AFTER = 2 / 3  # of the epochs images have their whole size
SIZE_STEP = 8  # pixels


def growing_size(epoch: int, epochs: int, first: int, last: int) -> int:
    """Pixels a side of an epoch's training images, epochs counted from 1: linear from `first` to `last`, in whole steps, then `last`.

    Progressive resizing, as in Tan and Le, "EfficientNetV2", 2021: small images teach the coarse first, and faster.
    """
    if epoch >= epochs:
        return last
    share = min(1.0, (epoch - 1) / max(1.0, GROWN_AFTER * epochs))
    size = min(first, last) + share * (last - min(first, last))
    return last if share == 1 else min(last, max(min(first, last), int(size // SIZE_STEP) * SIZE_STEP))
