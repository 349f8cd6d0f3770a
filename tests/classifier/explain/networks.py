"""Networks of each kind, small enough for a test: some at sizes that a training would not choose."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torchvision import models

from classifier.models.build import build


def tiny_vit(side: int) -> nn.Module:
    """A vision transformer with few of everything."""
    few = {"num_layers": 2, "num_heads": 2, "hidden_dim": 32, "mlp_dim": 64}
    return models.VisionTransformer(image_size=side, patch_size=16, num_classes=3, **few)


def tiny_swin(side: int) -> nn.Module:
    """A Swin transformer with few of everything."""
    few = {"embed_dim": 24, "depths": [1, 1], "num_heads": [2, 4]}
    return models.SwinTransformer(patch_size=[4, 4], window_size=[4, 4], num_classes=3, **few)


def swin_t(side: int) -> nn.Module:
    """It computes at any size, and learns from 224 pixels on."""
    return models.swin_t(weights=None, num_classes=3)


def tiny_maxvit(side: int) -> nn.Module:
    """A network that attends in windows, with few of everything: 16 windows of 2 × 2 places."""
    few = {"stem_channels": 8, "partition_size": 2, "block_channels": [16], "block_layers": [1], "head_dim": 8}
    return models.MaxVit(input_size=(side, side), stochastic_depth_prob=0.0, num_classes=3, **few)


OWN: dict[str, Callable[[int], nn.Module]] = {
    "tiny_vit": tiny_vit,
    "tiny_swin": tiny_swin,
    "tiny_maxvit": tiny_maxvit,
    "swin_t": swin_t,
}


def made(name: str, side: int) -> nn.Module:
    """For three classes, always the same; its linear layers are drawn so that no class is like another."""
    torch.manual_seed(0)
    model = OWN[name](side) if name in OWN else build(name, 3, image_size=side)
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=0.1)
    return model.eval().requires_grad_(False)
