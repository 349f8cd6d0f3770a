"""torch's optimisers without torch's compiler, which they load only to tell it that it is to leave them alone.

To make one, to take a step, to clear its gradients and to keep its state each import `torch._dynamo` (`_disable_dynamo` and
`_use_grad_for_differentiable` of torch.optim), and with it sympy, FSDP, distributed tensors and triton: 860 modules, more than a second
of the processor's time before the first step. What is compiled here, if anything, is a network's forward pass
(classifier/training/compiling.py), never what is done with an optimiser. So these are torch's own, line for line, without that word.
"""

from __future__ import annotations

from inspect import unwrap
from typing import TypeVar, cast

import torch
from torch import optim
from torch.optim import Optimizer

Kind = TypeVar("Kind", bound=Optimizer)


class Uncompiled(Optimizer):
    """The base of optimisers that say nothing to the compiler."""

    add_param_group = unwrap(Optimizer.add_param_group)
    zero_grad = unwrap(Optimizer.zero_grad)
    state_dict = unwrap(Optimizer.state_dict)
    load_state_dict = unwrap(Optimizer.load_state_dict)


def uncompiled(kind: type[Kind]) -> type[Kind]:
    """The optimiser of that name with the same steps. No gradients in them: none here is to be differentiated through."""
    step = torch.no_grad()(unwrap(kind.step))
    return cast(type[Kind], type(kind.__name__, (kind, Uncompiled), {"step": step}))


SGD, LBFGS, Muon = uncompiled(optim.SGD), uncompiled(optim.LBFGS), uncompiled(optim.Muon)
Adam, AdamW, NAdam, RAdam = uncompiled(optim.Adam), uncompiled(optim.AdamW), uncompiled(optim.NAdam), uncompiled(optim.RAdam)
Adadelta, Adagrad, RMSprop = uncompiled(optim.Adadelta), uncompiled(optim.Adagrad), uncompiled(optim.RMSprop)
