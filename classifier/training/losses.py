"""What a step minimises, with class weights and label smoothing. Labels are class numbers [N] or shares of classes [N, C]."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.spec.config import TrainConfig

EFFECTIVE = 0.999  # beta of Cui et al.: of a thousand further images of a class few show anything new


def balanced_weights(counts: Iterable[int]) -> Tensor:
    """float32 [C] loss weights n / (C × n_c): each class counts the same in sum; a class without images counts nothing."""
    images = torch.tensor(list(counts), dtype=torch.float64)
    weights = images.sum() / (len(images) * images.clamp(min=1))
    return torch.where(images > 0, weights, torch.zeros_like(weights)).float()


def effective_weights(counts: Iterable[int]) -> Tensor:
    """float32 [C] loss weights by the effective number of images (Cui et al., "Class-balanced loss", 2019), of mean 1 over classes.

    Milder than balanced ones: (1 − β) / (1 − βⁿ). A class without images counts nothing.
    """
    images = torch.tensor(list(counts), dtype=torch.float64)
    weights = torch.where(images > 0, (1 - EFFECTIVE) / (1 - EFFECTIVE ** images.clamp(min=1)), torch.zeros_like(images))
    return (weights * (images > 0).sum() / weights.sum()).float()


WEIGHTS = {"balanced": balanced_weights, "effective": effective_weights}


def as_shares(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """float [N, C]: what each class has of each image, with the share `smoothing` spread over all (Szegedy et al., 2016)."""
    shares = functional.one_hot(labels, classes).float() if labels.ndim == 1 else labels
    return shares * (1 - smoothing) + smoothing / classes


class Weighted(nn.Module, ABC):
    """A mean over images of a loss that has one part for each class; images count by the weight of their class."""

    def __init__(self, weight: Tensor | None, smoothing: float) -> None:
        super().__init__()
        self.weight, self.smoothing = weight, smoothing

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss of logits [N, C]."""
        parts = self.parts(logits, as_shares(labels, logits.shape[1], self.smoothing))
        if self.weight is None:
            return parts.sum(1).mean()
        counts = as_shares(labels, logits.shape[1], 0.0) @ self.weight
        return self.weigh(parts, counts).sum() / counts.sum()

    @abstractmethod
    def parts(self, logits: Tensor, shares: Tensor) -> Tensor:
        """[N, C]: the loss of each class of each image."""

    def weigh(self, parts: Tensor, counts: Tensor) -> Tensor:
        """The parts with their weights: here all of an image have that of its class."""
        return parts * counts[:, None]


class Focal(Weighted):
    """Cross-entropy in which images that are right already count less: (1 − p)^γ (Lin et al., "Focal loss", 2017)."""

    def __init__(self, weight: Tensor | None, smoothing: float, gamma: float) -> None:
        super().__init__(weight, smoothing)
        self.gamma = gamma

    def parts(self, logits: Tensor, shares: Tensor) -> Tensor:
        said = functional.log_softmax(logits, dim=1)
        return -shares * (1 - said.exp()).clamp(min=0) ** self.gamma * said

    def weigh(self, parts: Tensor, counts: Tensor) -> Tensor:
        """Each class has its own, as in torch's cross-entropy."""
        assert self.weight is not None
        return parts * self.weight


class Binary(Weighted):
    """Each class against the rest by itself, summed over classes (as Beyer et al., "Are we done with ImageNet?", 2020)."""

    def parts(self, logits: Tensor, shares: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(logits, shares, reduction="none")


def counted(criterion: nn.Module, target: Tensor) -> Tensor | float:
    """What the criterion divides the sum over these images by: their number, or the weights of their classes together."""
    weight: Tensor | None = getattr(criterion, "weight", None)
    if weight is None or (target.ndim == 2 and isinstance(criterion, nn.CrossEntropyLoss)):  # torch's own counts mixed images as one each
        return float(len(target))
    return (weight[target] if target.ndim == 1 else target @ weight).sum()


def make_criterion(config: TrainConfig, counts: Iterable[int], device: torch.device) -> nn.Module:
    """The configuration's loss with its smoothing and class weights; counts: training images a class, as they are sampled."""
    weight = WEIGHTS[config.class_weights](counts).to(device) if config.class_weights else None
    match config.loss:
        case "focal":
            return Focal(weight, config.label_smoothing, config.focal_gamma)
        case "binary":
            return Binary(weight, config.label_smoothing)
    return nn.CrossEntropyLoss(weight=weight, label_smoothing=config.label_smoothing)
