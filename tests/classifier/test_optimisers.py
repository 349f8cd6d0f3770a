"""Optimisers that leave torch's compiler alone move weights, keep state and hear hooks as torch's own do."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from classifier import optimisers

KINDS = {
    "SGD": {"momentum": 0.9, "nesterov": True, "fused": True},
    "LBFGS": {"max_iter": 4, "line_search_fn": "strong_wolfe"},
    "Muon": {"weight_decay": 0.1, "adjust_lr_fn": "match_rms_adamw"},
    "Adam": {"fused": True, "weight_decay": 0.1},
    "AdamW": {"fused": True},
    "NAdam": {"decoupled_weight_decay": True},
    "RAdam": {"decoupled_weight_decay": True},
    "Adadelta": {},
    "Adagrad": {},
    "RMSprop": {"momentum": 0.9},
}


def stepped(kind, settings):
    """(weights after three steps and three more from a kept state, that state) of a least-squares fit."""
    torch.manual_seed(0)
    weight, values, wanted = nn.Parameter(torch.randn(6, 4)), torch.randn(32, 6), torch.randn(32, 4)

    def three(optimiser):
        def loss():
            assert torch.is_grad_enabled()
            optimiser.zero_grad()
            found = (values @ weight - wanted).square().mean()
            found.backward()
            return found

        return [optimiser.step(loss).item() for _ in range(3)]

    first = kind([weight], lr=0.05, **settings)
    losses, state = three(first), first.state_dict()
    later = kind([weight], lr=1.0, **settings)
    later.load_state_dict(state)
    return weight.detach(), losses + three(later), later.state_dict()["state"]


@pytest.mark.parametrize("name", KINDS)
def test_each_moves_weights_as_torchs_own_does(name):
    ours, theirs = (stepped(getattr(where, name), KINDS[name]) for where in (optimisers, torch.optim))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    assert ours[1][-1] < ours[1][0]


@pytest.mark.parametrize("name", KINDS)
def test_each_is_one_of_torchs_and_called_as_it(name):
    kind = getattr(optimisers, name)
    assert issubclass(kind, getattr(torch.optim, name)) and kind.__name__ == name


def test_hooks_of_steps_are_called():
    seen = []
    optimiser = optimisers.SGD([nn.Parameter(torch.zeros(2))], lr=0.1)
    optimiser.register_step_pre_hook(lambda *_: seen.append("before"))
    optimiser.register_step_post_hook(lambda *_: seen.append("after"))
    optimiser.step()
    assert seen == ["before", "after"]
