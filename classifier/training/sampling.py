"""How often an epoch shows each image where classes are uneven: pure functions of (labels, seed, epoch)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from classifier.training.order import generator


def each(counts: list[int], sampling: str | None) -> list[int]:
    """Images of each class in one epoch: over, as many as of the largest; under, as of the smallest that has any."""
    present = [count for count in counts if count]
    if sampling is None or not present:
        return counts
    wanted = max(present) if sampling == "over" else min(present)
    return [wanted if count else 0 for count in counts]


def chosen(labels: np.ndarray, classes: int, sampling: str | None, seed: int, epoch: int) -> Tensor:
    """int64 positions of an epoch's images, in no order that matters: every image as often as the others of its class, or once more.

    Which ones are shown once more, or are left out, is drawn anew for each epoch.
    """
    if sampling is None:
        return torch.arange(len(labels))
    counts = np.bincount(labels, minlength=classes).tolist()
    parts = []
    for of_class, (count, wanted) in enumerate(zip(counts, each(counts, sampling), strict=True)):
        if count:
            members = torch.from_numpy(np.flatnonzero(labels == of_class))
            drawn = torch.randperm(count, generator=generator(seed, "sampling", epoch, of_class))[: wanted % count]
            parts.append(torch.cat([members.repeat(wanted // count), members[drawn]]))
    return torch.cat(parts)
