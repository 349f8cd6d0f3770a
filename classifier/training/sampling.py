"""How often an epoch shows each image where classes are uneven: pure functions of (labels, seed, epoch)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from classifier.spec.work import each
from classifier.training.order import generator


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
