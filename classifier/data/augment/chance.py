"""Numbers drawn for the images of a batch, on the processor, so that they are the same on every device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """float32 [count], uniform in [low, high)."""
    return low + (high - low) * torch.rand(count, generator=generator)


def signs(count: int, generator: torch.Generator) -> Tensor:
    """float32 [count] of −1 and 1, half and half."""
    return torch.randint(0, 2, (count,), generator=generator).float() * 2 - 1


def numbers(generator: torch.Generator) -> np.random.Generator:
    """NumPy's generator, seeded by ours: for distributions that torch draws from without a generator."""
    return np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
