"""A moving average of the weights while they are learnt (Polyak and Juditsky, 1992): what is validated and kept in their place."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """A copy of the network whose weights and statistics follow those of the original.

    `decay`: the share that the average keeps at each step. It begins low, so that the first weights, which nobody
    learnt, do not stay in it: after step n at most (1 + n) / (10 + n).
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.model = copy.deepcopy(model).requires_grad_(False).eval()

    @torch.no_grad()
    def follow(self, model: nn.Module, step: int) -> None:
        """Moves towards the weights after the step with this number, from 1: a function of the step alone, so that a resume repeats it."""
        share = 1.0 - min(self.decay, (1 + step) / (10 + step))
        for mine, theirs in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(theirs, share)
            else:
                mine.copy_(theirs)
