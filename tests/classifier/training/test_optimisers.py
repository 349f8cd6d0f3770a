"""The optimisers: each learns at the rate that is picked for it, goes on exactly from a checkpoint, and does what torch's own does."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional

from classifier.models.cnn import small_cnn
from classifier.models.freezing import freeze_backbone
from classifier.spec.config import TrainConfig
from classifier.spec.defaults import pick_learning_rate, pick_weight_decay
from classifier.spec.fields import OPTIMIZERS
from classifier.training import optim
from classifier.training.checkpoint import on_processor
from classifier.training.muon import MuonAndAdamW, as_matrix


def resolved(optimizer, **more):
    config = TrainConfig(optimizer=optimizer, batch_size=16, **more)
    return replace(config, learning_rate=pick_learning_rate(config), weight_decay=pick_weight_decay(config))


def batch(seed):
    """Sixteen noisy images of two classes that differ in brightness."""
    chance = torch.Generator().manual_seed(seed)
    labels = torch.arange(16) % 2
    return torch.randn(16, 3, 16, 16, generator=chance) + labels[:, None, None, None], labels


def model_of(seed=0):
    torch.manual_seed(seed)
    return small_cnn(2).to(memory_format=torch.channels_last)


def steps(model, optimizer, seeds):
    """Losses of so many steps."""
    losses = []
    for seed in seeds:
        images, labels = batch(seed)
        torch.manual_seed(seed)
        loss = functional.cross_entropy(model.train()(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimiser_learns_at_the_rate_that_is_picked(name):
    model = model_of()
    losses = steps(model, optim.make_optimizer(model, resolved(name)), range(25))
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimiser_goes_on_from_a_checkpoint_bit_for_bit(name):
    config, model = resolved(name), model_of()
    optimizer = optim.make_optimizer(model, config)
    steps(model, optimizer, range(3))
    later = copy.deepcopy(model)
    again = optim.make_optimizer(later, config)
    again.load_state_dict(copy.deepcopy(on_processor(optimizer.state_dict())))
    for one, its in ((model, optimizer), (later, again)):
        optim.set_learning_rate(its, 0.5 * config.learning_rate)
        steps(one, its, range(3, 6))
    assert all(map(torch.equal, model.state_dict().values(), later.state_dict().values()))


@pytest.mark.parametrize("nesterov", [True, False])
def test_momentum_looks_ahead_only_where_it_is_asked_to(nesterov):
    optimizer = optim.make_optimizer(model_of(), resolved("sgd", nesterov=nesterov))
    assert all(group["nesterov"] is nesterov and group["momentum"] == 0.9 for group in optimizer.param_groups)


def test_muon_moves_kernels_and_leaves_head_norms_and_biases_to_adamw():
    model = model_of()
    optimizer = optim.make_optimizer(model, resolved("muon"))
    moved = {id(p) for p in optimizer.kernels}
    names = {name for name, p in model.named_parameters() if id(p) in moved}
    assert names == {name for name, p in model.named_parameters() if p.ndim == 4}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))


def test_muon_of_a_matrix_is_torchs_own_step():
    torch.manual_seed(0)
    mine = nn.Parameter(torch.randn(6, 4))
    theirs = nn.Parameter(mine.detach().clone())
    bias = nn.Parameter(torch.zeros(2))
    settings = {"lr": 0.01, "weight_decay": 0.1, "momentum": 0.9}
    ours = MuonAndAdamW([mine], [{"params": [bias], "weight_decay": 0.0}], **settings)
    torchs = torch.optim.Muon([theirs], **settings, adjust_lr_fn="match_rms_adamw")
    for _ in range(3):
        gradient = torch.randn(6, 4)
        mine.grad, theirs.grad, bias.grad = gradient.clone(), gradient.clone(), torch.ones(2)
        ours.step()
        torchs.step()
    assert torch.equal(mine, theirs) and bool((bias < 0).all())


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_kernel_is_seen_as_a_matrix_in_its_own_memory(layout):
    kernel = torch.randn(4, 3, 3, 3).contiguous(memory_format=layout)
    matrix = as_matrix(kernel)
    assert matrix.shape == (4, 27) and matrix.data_ptr() == kernel.data_ptr()


def test_muon_takes_the_same_step_in_either_layout():
    plain, last = model_of().to(memory_format=torch.contiguous_format), model_of()
    for model in (plain, last):
        steps(model, optim.make_optimizer(model, resolved("muon")), range(1))
    for one, other in zip(plain.parameters(), last.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0.02, atol=1e-3)  # torch's Muon orthogonalises in bfloat16


@pytest.mark.parametrize("before", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("after", [torch.contiguous_format, torch.channels_last])
def test_muon_goes_on_in_another_layout_than_it_began_in(before, after):
    torch.manual_seed(0)
    first, gradients = torch.randn(6, 4, 3, 3), torch.randn(2, 6, 4, 3, 3)
    kernels = []
    for layouts in ([torch.contiguous_format] * 2, [before, after]):
        weight, state = first.clone(), None
        for layout, gradient in zip(layouts, gradients, strict=True):
            kernel = torch.nn.Parameter(weight.contiguous(memory_format=layout))
            optimizer = MuonAndAdamW([kernel], [{"params": [torch.nn.Parameter(torch.zeros(2))]}], lr=0.1, weight_decay=0.0, momentum=0.9)
            if state is not None:
                optimizer.load_state_dict(state)
            kernel.grad = gradient.contiguous(memory_format=layout)
            optimizer.step()
            weight, state = kernel.detach(), optimizer.state_dict()
        kernels.append(weight)
    torch.testing.assert_close(*kernels, rtol=0.02, atol=1e-3)  # torch's Muon orthogonalises in bfloat16; a mix-up is 0.03


def test_muon_with_a_frozen_backbone_is_adamw():
    model = model_of()
    freeze_backbone(model)
    assert type(optim.make_optimizer(model, resolved("muon"))) is optim.AdamW
