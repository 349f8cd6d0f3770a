"""What a step minimises and how the weights move."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from classifier.spec.config import TrainConfig

Groups = list[dict[str, object]]

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


def make_optimizer(model: nn.Module, config: TrainConfig) -> Optimizer:
    """The optimiser of a resolved configuration. Fused: one pass over the weights in place of one an operation."""
    assert config.learning_rate is not None and config.weight_decay is not None
    groups = parameter_groups(model, config.weight_decay)
    if config.optimizer == "adamw":
        return AdamW(groups, lr=config.learning_rate, fused=True)
    return SGD(groups, lr=config.learning_rate, momentum=config.momentum, nesterov=config.momentum > 0, fused=True)


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """The rate of the next step, for every group."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def balanced_weights(counts: Iterable[int]) -> Tensor:
    """float32 [C] loss weights n / (C × n_c): each class counts the same in sum; a class without images counts nothing."""
    images = torch.tensor(list(counts), dtype=torch.float64)
    weights = images.sum() / (len(images) * images.clamp(min=1))
    return torch.where(images > 0, weights, torch.zeros_like(weights)).float()


def make_criterion(config: TrainConfig, counts: Iterable[int], device: torch.device) -> nn.CrossEntropyLoss:
    """Cross-entropy with the configuration's label smoothing and class weights; counts: training images a class."""
    weight = balanced_weights(counts).to(device) if config.class_weights == "balanced" else None
    return nn.CrossEntropyLoss(weight=weight, label_smoothing=config.label_smoothing)
