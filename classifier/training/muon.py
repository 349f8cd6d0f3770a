"""Muon for the kernels inside a network, AdamW for all else, as one optimiser."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from classifier.optimisers import KERNEL, ROWS, AdamW, Muon, Uncompiled, channels_last, laid_out_as


def suits(weight: Tensor) -> bool:
    """Whether Muon can move this weight: a matrix, or a kernel that mixes channels; not one kernel a channel."""
    return weight.ndim in (2, 4) and weight.shape[1] > 1


def as_matrix(kernel: Tensor) -> Tensor:
    """A view [outputs, inputs × window] of a kernel in either memory layout; the order of columns changes no step of Muon."""
    return (kernel.permute(ROWS) if channels_last(kernel) else kernel).view(len(kernel), -1)


class MuonAndAdamW(Uncompiled):
    """Torch's Muon (Jordan et al., 2024), its steps scaled to those of AdamW so that one learning rate suits both (Liu et al., 2025).

    Torch's takes matrices alone: kernels reach it as views that share their memory. Each tensor is in one of the groups,
    the first of which is Muon's.
    """

    def __init__(self, kernels: list[nn.Parameter], rest: list[dict[str, Any]], *, lr: float, weight_decay: float, momentum: float) -> None:
        super().__init__([{"params": kernels, "weight_decay": weight_decay}, *rest], {"lr": lr})
        self.kernels = kernels
        self.matrices = [nn.Parameter(as_matrix(kernel.detach())) for kernel in kernels]
        self.muon = Muon(self.matrices, lr=lr, weight_decay=weight_decay, momentum=momentum, adjust_lr_fn="match_rms_adamw")
        self.adamw = AdamW([dict(group) for group in rest], lr=lr, fused=True)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Moves every weight by its own rule, at the rates that the groups now have."""
        for matrix, kernel in zip(self.matrices, self.kernels, strict=True):
            matrix.grad = None if kernel.grad is None else as_matrix(laid_out_as(kernel.grad, kernel))
        for mine, inner in zip(self.param_groups, self.inner_groups(), strict=True):
            inner["lr"] = mine["lr"]
        self.muon.step()
        self.adamw.step()

    def inner_groups(self) -> Iterable[dict[str, Any]]:
        """The groups of both, in the order of one's own."""
        return [*self.muon.param_groups, *self.adamw.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps; Muon's momentum in the shape of the kernels, whatever their layout."""
        muon = self.muon.state_dict()
        muon["state"] = self.reshaped(muon["state"], as_kernel)
        return {"muon": muon, "adamw": self.adamw.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from a checkpoint."""
        muon = state_dict["muon"]
        self.muon.load_state_dict({**muon, "state": self.reshaped(muon["state"], as_momentum)})
        self.adamw.load_state_dict(state_dict["adamw"])

    def reshaped(self, state: dict[int, dict[str, Tensor]], change: Callable[[Tensor, Tensor], Tensor]) -> dict[int, dict[str, Tensor]]:
        """What Muon keeps of each kernel, changed by the kernel."""
        return {number: {name: change(value, self.kernels[number]) for name, value in kept.items()} for number, kept in state.items()}


def as_kernel(matrix: Tensor, kernel: Tensor) -> Tensor:
    """A view in the shape of the kernel of what is laid out as it is."""
    return matrix.view(kernel.permute(ROWS).shape).permute(KERNEL) if channels_last(kernel) else matrix.view(kernel.shape)


def as_momentum(value: Tensor, kernel: Tensor) -> Tensor:
    """The matrix of what was kept in the shape of the kernel. Earlier releases kept the matrix itself, in the layout it began in."""
    return as_matrix(laid_out_as(value, kernel)) if value.shape == kernel.shape else value
