"""One step of the optimiser: gradients of a batch, in parts where they are accumulated, and the move."""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from classifier.data.augment import likeliest
from classifier.data.moving import moved
from classifier.training.compiling import compiled
from classifier.training.features import Features
from classifier.training.losses import counted
from classifier.training.order import batches_of
from classifier.training.sampling import chosen
from classifier.training.setup import Training

FEWEST = 2  # images of a forward pass: batch normalisation needs more than one


def steps_of(training: Training, epoch: int) -> list[Tensor]:
    """The positions (int64) of the images of each step of an epoch."""
    t, c = training, training.config
    pool = chosen(t.dataset.labels[t.dataset.indices("train")], len(t.dataset.classes), c.sampling, c.seed, epoch)
    return [pool[positions] for positions in batches_of(len(pool), c.batch * c.accumulate, c.seed, epoch)]


def usual_size(steps: list[Tensor]) -> int:
    """The images of most steps of an epoch: batches are equal but for one image, and seldom as large as was asked for."""
    return Counter(map(len, steps)).most_common(1)[0][0]


def augmented(training: Training, positions: Tensor, raw: Tensor, chance: torch.Generator, side: int = 0) -> tuple[Tensor, Tensor]:
    """(images, target): a batch as the network sees it in training, or its features where they were computed once; and what it is to say.

    The target is labels [N], or probabilities [N, C] where images are mixed. side: pixels, where images are still growing.
    """
    t = training
    if isinstance(t.images, Features):
        features = t.images.half_mirrored(raw, positions, chance)
        return features.contiguous(memory_format=t.plan.memory_format), t.labels[moved(positions, t.device)]
    images, target = t.sight.seen(raw, t.sizes[positions], t.labels[moved(positions, t.device)], chance, side)
    return images.contiguous(memory_format=t.plan.memory_format), target


def learn(training: Training, network: nn.Module, images: Tensor, target: Tensor) -> Tensor:
    """Moves the weights once; gives [loss × images, right ones, images, norm of the gradient] on the device, without waiting for it.

    target: labels [N], or probabilities [N, C] where images are mixed; right is then the label with the greatest share.

    With accumulation the batch goes through the network in parts, so that it need not fit the memory at once; each counts for
    as much as it has of what the loss of the whole is divided by, so that the gradient is that of the whole. No part of it
    outlives the step, so that a checkpoint holds none.
    """
    t = training
    parts = max(1, min(t.config.accumulate, len(target) // FEWEST))
    t.optimizer.zero_grad()
    pairs = list(zip(images.tensor_split(parts), target.tensor_split(parts), strict=True))
    whole = counted(t.criterion, target)
    told = [backward(t, network, *pair, share=counted(t.criterion, pair[1]) / whole if parts > 1 else 1.0) for pair in pairs]
    norm = shortened(t)
    t.optimizer.step()
    loss, right = torch.stack(told).sum(0)
    return torch.stack([loss * len(target), right, torch.full_like(loss, len(target)), norm.to(loss)])


def shortened(training: Training) -> Tensor:
    """The norm of the gradient of all weights together, which is then shortened where the configuration has it."""
    t = training
    moved_ones = [p for group in t.optimizer.param_groups for p in group["params"] if p.grad is not None]
    norm = get_total_norm([p.grad for p in moved_ones if p.grad is not None])
    if t.config.clip_norm is not None:
        clip_grads_with_norm_(moved_ones, t.config.clip_norm, norm)
    return norm


def usual_network(training: Training, network: nn.Module) -> nn.Module:
    """What a step of the usual number of images runs: compiled where the plan says so, which is then done for that number alone."""
    t = training
    if not t.plan.compiled or network is not t.model:
        return network
    if t.compiled is None:
        t.compiled = compiled(t.model)
    return t.compiled


def backward(training: Training, network: nn.Module, images: Tensor, target: Tensor, share: Tensor | float) -> Tensor:
    """Adds the gradient of one part, which is this share of the whole; gives [its share of the loss, right ones]."""
    with training.plan.applied(images.device):
        logits = network(images)
    loss = training.criterion(logits.float(), target) * share
    loss.backward()
    right = (logits.detach().argmax(1) == likeliest(target)).sum()
    return torch.stack([loss.detach(), right.to(loss)])
