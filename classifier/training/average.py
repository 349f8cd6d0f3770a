"""Averages of the weights while they are learnt: what is validated and kept in their place."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """A copy of the network whose weights and statistics follow those of the original."""

    def __init__(self, model: nn.Module) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False).eval()

    def after_step(self, model: nn.Module, step: int) -> None:
        """Takes the weights after the step with this number, from 1, into the average, if it counts steps."""

    def after_epoch(self, model: nn.Module, epoch: int) -> bool:
        """The same after an epoch; whether the running statistics of norms no longer fit the weights."""
        return False

    @torch.no_grad()
    def move(self, model: nn.Module, share: float) -> None:
        """Moves by this share of the way towards the weights of the original."""
        for mine, theirs in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if mine.is_floating_point() and share < 1:
                mine.lerp_(theirs, share)
            else:
                mine.copy_(theirs)


class MovingAverage(Average):
    """An exponential moving average over steps (Polyak and Juditsky, 1992).

    `decay`: the share that the average keeps at each step. It begins low, so that the first weights, which nobody
    learnt, do not stay in it: after step n at most (1 + n) / (10 + n).
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        super().__init__(model)
        self.decay = decay

    def after_step(self, model: nn.Module, step: int) -> None:
        """A function of the step alone, so that a resume repeats it."""
        self.move(model, 1.0 - min(self.decay, (1 + step) / (10 + step)))


class EpochAverage(Average):
    """The mean of the weights after each epoch from `first` on (Izmailov et al., "Stochastic weight averaging", 2018).

    Until then it is the weights themselves. No network ever ran with the mean, so the statistics of its batch norms are
    taken anew, from training images.
    """

    def __init__(self, model: nn.Module, first: int) -> None:
        super().__init__(model)
        self.first = first

    def after_epoch(self, model: nn.Module, epoch: int) -> bool:
        """A function of the epoch alone, so that a resume repeats it."""
        among = max(1, epoch - self.first + 1)
        self.move(model, 1.0 / among)
        return among > 1


def average_for(model: nn.Module, decay: float | None, first: int | None) -> Average | None:
    """The average that a configuration asks for."""
    if decay:
        return MovingAverage(model, decay)
    return EpochAverage(model, first) if first else None
