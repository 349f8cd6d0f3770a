"""Which images a step sees and what chance it is given: pure functions of (seed, epoch, step), never of what ran before.

So a training that was cut off goes on exactly as if it had not been.
"""

from __future__ import annotations

import hashlib
import math

import torch
from torch import Tensor


def derived_seed(*parts: int | str) -> int:
    """A 63-bit seed that depends on every part; equal parts give equal seeds on every machine."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def generator(*parts: int | str) -> torch.Generator:
    """A generator of its own for these parts, on the processor."""
    return torch.Generator().manual_seed(derived_seed(*parts))


def steps_per_epoch(images: int, batch_size: int) -> int:
    """How many steps see each image once; batches are equal but for one image, and none has a single one (batch norm)."""
    return max(1, min(math.ceil(images / batch_size), images // 2))


def batches_of(images: int, batch_size: int, seed: int, epoch: int) -> list[Tensor]:
    """The positions (int64) of each step of an epoch: all of 0..images−1 once, in an order of this epoch's own."""
    order = torch.randperm(images, generator=generator(seed, "order", epoch))
    return list(order.tensor_split(steps_per_epoch(images, batch_size)))
