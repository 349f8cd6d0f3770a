"""How the weights move."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from classifier.models.build import head_of
from classifier.models.freezing import depth_of
from classifier.optimisers import SGD, Adadelta, Adagrad, Adam, AdamW, NAdam, RAdam, RMSprop
from classifier.spec.config import TrainConfig
from classifier.spec.depth import share_at
from classifier.training.muon import MuonAndAdamW, suits

Groups = list[dict[str, Any]]

# tables of learnt positions and tokens: like biases, they are no weights to be pulled to zero
UNDECAYED = ("class_token", "pos_embedding", "relative_position_bias_table")


def decays(name: str, parameter: Tensor) -> bool:
    """Whether weight decay applies: matrices and kernels only, never norms and biases (which have one dimension)."""
    return parameter.ndim >= 2 and not name.endswith(UNDECAYED)


def parameter_groups(model: nn.Module, weight_decay: float) -> Groups:
    """The learnt parameters in two groups, with and without decay; frozen ones are in none."""
    learnt = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    decayed = [p for name, p in learnt if decays(name, p)]
    plain = [p for name, p in learnt if not decays(name, p)]
    groups: Groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


def by_depth(model: nn.Module, groups: Groups, layer_decay: float) -> Groups:
    """The groups cut by depth, each with the `share` of the rate that it learns at: layer_decay once for each stage behind it.

    Discriminative fine-tuning (Howard and Ruder, 2018), with one factor for all stages (Clark et al., "ELECTRA", 2020).
    """
    depths = depth_of(model)
    depth = {id(parameter): depths[name] for name, parameter in model.named_parameters()}
    cut: Groups = []
    for group in groups:
        parameters: list[Tensor] = group["params"]
        for place in sorted({depth[id(p)] for p in parameters}):
            mine = [p for p in parameters if depth[id(p)] == place]
            cut.append({**group, "params": mine, "share": share_at(place, layer_decay)})
    return cut


def make_optimizer(model: nn.Module, config: TrainConfig) -> Optimizer:
    """The optimiser of a resolved configuration. Fused, where that exists: one pass over the weights in place of one an operation.

    Weight decay is decoupled from the gradient (Loshchilov and Hutter, 2019) in AdamW, NAdam, RAdam and Muon; in the others
    it is part of the gradient, as their authors had it.
    """
    assert config.learning_rate is not None and config.weight_decay is not None
    rate, momentum = config.learning_rate, config.momentum
    groups = parameter_groups(model, config.weight_decay)
    if config.layer_decay:
        groups = by_depth(model, groups, config.layer_decay)
    match config.optimizer:
        case "sgd":
            return SGD(groups, lr=rate, momentum=momentum, nesterov=config.nesterov and momentum > 0, fused=True)
        case "adam":
            return Adam(groups, lr=rate, fused=True)
        case "nadam":
            return NAdam(groups, lr=rate, decoupled_weight_decay=True)
        case "radam":
            return RAdam(groups, lr=rate, decoupled_weight_decay=True)
        case "adagrad":
            return Adagrad(groups, lr=rate)
        case "adadelta":
            return Adadelta(groups, lr=rate)
        case "rmsprop":
            return RMSprop(groups, lr=rate, momentum=momentum)
        case "muon":
            return muon(model, groups, config)
    return AdamW(groups, lr=rate, fused=True)


def muon(model: nn.Module, groups: Groups, config: TrainConfig) -> Optimizer:
    """Muon for the kernels inside the network and AdamW for the rest; AdamW alone where only the head is learnt."""
    assert config.learning_rate is not None and config.weight_decay is not None
    head = head_of(model)[1].weight
    chosen = [p for name, p in model.named_parameters() if p.requires_grad and p is not head and decays(name, p) and suits(p)]
    if not chosen:
        return AdamW(groups, lr=config.learning_rate, fused=True)
    ids = set(map(id, chosen))
    rest: Groups = [{**group, "params": [p for p in group["params"] if id(p) not in ids]} for group in groups]
    rest = [group for group in rest if group["params"]]
    return MuonAndAdamW(chosen, rest, lr=config.learning_rate, weight_decay=config.weight_decay, momentum=config.momentum)


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """The rate of the next step, for every group: its share of it where stages learn at rates of their own."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("share", 1.0)
