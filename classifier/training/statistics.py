"""Running statistics of batch norms, taken anew for weights that no step ever ran with."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from classifier.data.load import readable
from classifier.training.features import Features
from classifier.training.order import derived_seed, generator
from classifier.training.setup import Training
from classifier.training.step import FEWEST, augmented, steps_of

MOST_IMAGES = 4096  # means and variances of channels are known well from so many


def renew(training: Training, model: nn.Module) -> None:
    """Of training images as this epoch showed them: a function of (seed, epoch). Norms of a frozen backbone stay as they are."""
    t = training
    if isinstance(t.images, Features):
        return
    torch.manual_seed(derived_seed(t.config.seed, "statistics", t.epoch))
    with t.plan.applied(t.device):
        renew_norms(model, shown(t))


def shown(training: Training) -> Iterable[Tensor]:
    """Batches of augmented training images."""
    t = training
    chance = generator(t.config.seed, "statistics", t.epoch)
    steps = steps_of(t, t.epoch)
    steps = steps[: max(1, MOST_IMAGES // len(steps[0]))]
    for positions, raw in zip(steps, t.images.batches(steps), strict=True):
        positions, raw = readable(t.images, positions, raw)
        if len(positions) >= FEWEST:
            with torch.autocast(t.device.type, enabled=False):  # asked for within the network's precision, made in their own
                images, _ = augmented(t, positions, raw, chance)
            yield images


@torch.no_grad()
def renew_norms(model: nn.Module, batches: Iterable[Tensor]) -> None:
    """Sets the running statistics of each batch norm that learns to the mean over the batches; frozen ones keep theirs."""
    norms = [layer for layer in model.train().modules() if isinstance(layer, _BatchNorm) and layer.training and layer.track_running_stats]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean
    if norms:
        for images in batches:
            model(images)
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
    model.eval()
