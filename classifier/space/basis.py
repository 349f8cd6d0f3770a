"""The directions in which features differ most, by principal components."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

DIRECTIONS = 128
MORE = 16  # directions that are searched beside those wanted, so that the last of them are found well too


class Directions(NamedTuple):
    """What brings features [n, D] to their place in K directions."""

    mean: Tensor  # [D]
    scale: float
    directions: Tensor  # [D, K], of falling spread
    shares: Tensor  # [K], of all spread

    def project(self, values: Tensor) -> Tensor:
        """[n, K] of features [n, D]; of deviation about 1 in the first direction."""
        return ((values - self.mean) / self.scale) @ self.directions


def directions(values: Tensor, most: int = DIRECTIONS) -> Directions:
    """Of features [N, D], N ≥ 1. The same for the same features: the search is seeded, and a direction points to its largest part.

    (Halko, Martinsson and Tropp, "Finding structure with randomness", 2011, as torch has it.)
    """
    mean = values.mean(0)
    centred = values - mean
    scale = float(centred.std(correction=0)) + 1e-6
    centred /= scale
    kept = max(1, min(most, len(values) - 1, values.shape[1]))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _, spread, found = torch.pca_lowrank(centred, min(kept + MORE, *values.shape), center=False, niter=4)
    spread, found = spread[:kept], found[:, :kept]
    largest = found.abs().argmax(0)
    found = found * found[largest, torch.arange(kept)].sign().where(found[largest, torch.arange(kept)] != 0, torch.tensor(1.0))
    total = float((centred**2).sum())
    return Directions(mean, scale, found, spread**2 / total if total > 0 else torch.zeros(kept))
