"""From the processor to the device, without waiting for what the device still has to do."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def moved(tensor: Tensor, device: torch.device) -> Tensor:
    """On the device. To a GPU by way of pinned memory: a copy from any other ends only after all that was asked of the GPU before."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


@lru_cache(maxsize=64)
def constant(values: tuple[float, ...], device: torch.device) -> Tensor:
    """float32 [N] on the device, sent there once; nobody may change it."""
    with torch.inference_mode(False):  # made in an evaluation, it serves a training too
        return torch.tensor(values, device=device)
