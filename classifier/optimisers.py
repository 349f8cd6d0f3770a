"""torch's optimisers without torch's compiler, which they load only to tell it that it is to leave them alone.

To make one, to take a step, to clear its gradients and to keep its state each import `torch._dynamo` (`_disable_dynamo` and
`_use_grad_for_differentiable` of torch.optim), and with it sympy, FSDP, distributed tensors and triton: 860 modules, more than a second
of the processor's time before the first step. What is compiled here, if anything, is a network's forward pass
(classifier/training/compiling.py), never what is done with an optimiser. So these are torch's own, line for line, without that word.
Around that, fused ones see kernels in the order in which they lie, and what is kept is laid out as the weights are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import unwrap
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, optim
from torch.optim import Optimizer
from torch.optim.optimizer import StateDict

Kind = TypeVar("Kind", bound=Optimizer)


class Uncompiled(Optimizer):
    """The base of optimisers that say nothing to the compiler."""

    add_param_group = unwrap(Optimizer.add_param_group)
    zero_grad = unwrap(Optimizer.zero_grad)
    state_dict = unwrap(Optimizer.state_dict)

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Takes what was kept, laid out as the weights are now.

        A fused step goes through the memory of both side by side: of a training that goes on in another layout than it began in,
        with other channels last, it gives wrong weights without a word.
        """
        unwrap(Optimizer.load_state_dict)(self, state_dict)
        for weight in filter(torch.is_tensor, self.state):
            self.state[weight].update({name: laid_out_as(value, weight) for name, value in kept(self, weight).items()})


def laid_out_as(tensor: Tensor, weight: Tensor) -> Tensor:
    """A gradient or what is kept of a weight, in the memory layout of that weight; copied only where it differs."""
    return tensor if tensor.stride() == weight.stride() else torch.empty_like(weight, dtype=tensor.dtype).copy_(tensor)


def kept(optimizer: Optimizer, weight: Tensor) -> dict[str, Tensor]:
    """What the optimiser keeps of a weight, value for value."""
    state = optimizer.state.get(weight, {})
    return {name: value for name, value in state.items() if torch.is_tensor(value) and value.shape == weight.shape}


ROWS, KERNEL = (0, 2, 3, 1), (0, 3, 1, 2)  # of a kernel with channels last: as it lies in memory, and as torch has it


@contextmanager
def in_rows(optimizer: Optimizer) -> Iterator[None]:
    """Within it, kernels with channels last that a fused step on a processor moves are seen in rows, as they lie in memory.

    That step copies each of their gradients first, which takes as much time again (docs/performance.md, "The optimiser"). What it
    does with a value depends on no other, so it may as well see them in that order.
    """
    fused = [p for group in optimizer.param_groups if group.get("fused") for p in group["params"] if p.grad is not None]
    kernels = [p for p in fused if p.device.type == "cpu" and channels_last(p)]
    turned(optimizer, kernels, ROWS)
    try:
        yield
    finally:
        turned(optimizer, kernels, KERNEL)


def channels_last(weight: Tensor) -> bool:
    """Whether it is a kernel with channels last whose memory is not in its usual order as well."""
    return not weight.is_contiguous() and weight.is_contiguous(memory_format=torch.channels_last)


def turned(optimizer: Optimizer, kernels: Iterable[Tensor], order: tuple[int, ...]) -> None:
    """Shows kernels, their gradients and what is kept of them in another order of dimensions; nothing is moved."""
    for kernel in kernels:
        for tensor in (kernel, kernel.grad, *kept(optimizer, kernel).values()):
            if tensor is not None:
                tensor.data = tensor.data.permute(order)


def stepping(step: Callable[..., Any]) -> Callable[..., Any]:
    """The same step, over kernels in rows. With a closure as it is: that runs the network, which needs them as they are."""

    @wraps(step)
    def stepped(self: Optimizer, closure: Callable[[], float] | None = None) -> Any:
        if closure is not None:
            return step(self, closure)
        with in_rows(self):
            return step(self)

    return stepped


def uncompiled(kind: type[Kind]) -> type[Kind]:
    """The optimiser of that name with the same steps. No gradients in them: none here is to be differentiated through."""
    step = torch.no_grad()(stepping(unwrap(kind.step)))
    return cast(type[Kind], type(kind.__name__, (kind, Uncompiled), {"step": step}))


SGD, LBFGS, Muon = uncompiled(optim.SGD), uncompiled(optim.LBFGS), uncompiled(optim.Muon)
Adam, AdamW, NAdam, RAdam = uncompiled(optim.Adam), uncompiled(optim.AdamW), uncompiled(optim.NAdam), uncompiled(optim.RAdam)
Adadelta, Adagrad, RMSprop = uncompiled(optim.Adadelta), uncompiled(optim.Adagrad), uncompiled(optim.RMSprop)
