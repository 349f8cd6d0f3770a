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


def fitted(kind, settings, steps=3):
    """(kernels, state) of two kernels with channels last, one of them 1 × 1, and a bias after some steps without a closure."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(4, 6, 3), nn.Conv2d(6, 2, 1)).to(memory_format=torch.channels_last)
    images = torch.randn(8, 4, 5, 5).to(memory_format=torch.channels_last)
    optimiser = kind(network.parameters(), lr=0.05, **settings)
    for _ in range(steps):
        optimiser.zero_grad()
        network(images).square().mean().backward()
        optimiser.step()
    return list(network.parameters()), optimiser.state_dict()["state"]


@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("LBFGS", "Muon")])
def test_kernels_with_channels_last_move_as_torchs_own_do(name):
    (ours, our_state), (theirs, their_state) = (fitted(getattr(where, name), KINDS[name]) for where in (optimisers, torch.optim))
    torch.testing.assert_close((ours, our_state), (theirs, their_state), rtol=1e-6, atol=1e-7)
    assert [kernel.stride() for kernel in ours] == [kernel.stride() for kernel in theirs]


LAYOUTS = [torch.contiguous_format, torch.channels_last]


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
@pytest.mark.parametrize("before", LAYOUTS)
@pytest.mark.parametrize("after", LAYOUTS)
def test_a_fused_optimiser_goes_on_in_another_layout_than_it_began_in(name, before, after):
    moved = {}
    for fused in (True, False):
        torch.manual_seed(0)
        settings = {"lr": 0.1, "fused": fused} | ({"momentum": 0.9} if name == "SGD" else {})
        weight = nn.Parameter(torch.randn(8, 4, 3, 3).to(memory_format=before))
        optimiser = getattr(optimisers, name)([weight], **settings)
        weight.grad = torch.randn(8, 4, 3, 3).to(memory_format=before)
        optimiser.step()
        later = nn.Parameter(weight.detach().contiguous(memory_format=after))
        going_on = getattr(optimisers, name)([later], **settings)
        going_on.load_state_dict(optimiser.state_dict())
        later.grad = torch.randn(8, 4, 3, 3).to(memory_format=after)
        going_on.step()
        assert later.is_contiguous(memory_format=after)
        moved[fused] = later.detach()
    torch.testing.assert_close(moved[True], moved[False])


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_a_fused_step_copies_no_gradient_of_kernels_with_channels_last(name):
    copies = {}
    for where in (optimisers, torch.optim):
        weight = nn.Parameter(torch.randn(6, 4, 3, 3).to(memory_format=torch.channels_last))
        weight.grad = torch.ones_like(weight)
        optimiser = getattr(where, name)([weight], fused=True)
        optimiser.step()
        with torch.profiler.profile() as profile:
            optimiser.step()
        copies[where] = sum(event.name == "aten::clone" for event in profile.events())
    assert copies == {optimisers: 0, torch.optim: 1}  # where torch's copies none either, `in_rows` can go


def test_a_step_that_fails_leaves_kernels_as_they_were():
    weight = nn.Parameter(torch.randn(6, 4, 3, 3).to(memory_format=torch.channels_last))
    weight.grad = torch.ones_like(weight)
    optimiser = optimisers.SGD([weight], lr=0.1, fused=True)
    optimiser.param_groups[0]["lr"] = "fast"
    with pytest.raises((TypeError, RuntimeError)):
        optimiser.step()
    assert weight.shape == weight.grad.shape == (6, 4, 3, 3)


def test_hooks_of_steps_are_called():
    seen = []
    optimiser = optimisers.SGD([nn.Parameter(torch.zeros(2))], lr=0.1)
    optimiser.register_step_pre_hook(lambda *_: seen.append("before"))
    optimiser.register_step_post_hook(lambda *_: seen.append("after"))
    optimiser.step()
    assert seen == ["before", "after"]
