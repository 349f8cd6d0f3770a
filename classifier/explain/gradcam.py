"""Which parts of an image speak for a class: Grad-CAM (Selvaraju et al., 2017), for every network of the catalogue.

The map is of the last layer before the head whose output still has places: the mean gradient of the class's logit weighs each
channel, and what is positive of their sum is shown. Of a vision transformer these are the patches as the last block's attention
is given them (Chefer et al., 2021, discuss why not later: behind it only the class token is looked at).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import VisionTransformer

from classifier.explain.orders import Order, channels_first, patches
from classifier.models.build import head_of
from classifier.spec.errors import InputError

NO_PLACES = "No layer of this network has places left at this image size, so there is nothing to show."


@dataclass(frozen=True)
class Place:
    """A layer, and how its output becomes [1, channels, height, width]."""

    name: str
    layer: nn.Module
    as_map: Callable[[Tensor], Tensor]


def as_it_is(output: Tensor) -> Tensor:
    """[1, channels, height, width] already."""
    return output


def place_of(model: nn.Module, images: Tensor) -> Place:
    """The last layer before the head whose output has places; raises InputError where none has."""
    if isinstance(model, VisionTransformer):
        name = f"encoder.layers.encoder_layer_{len(model.encoder.layers) - 1}.ln_1"
        return Place(name, model.get_submodule(name), patches)
    seen: list[Place] = []
    reached: list[bool] = []
    head, order = head_of(model)[1], Order()

    def note(name: str, layer: nn.Module) -> Callable[..., None]:
        def noted(_: nn.Module, __: Any, output: Any) -> None:
            if reached or not isinstance(output, Tensor) or output.ndim != 4:
                return
            order.told(layer, output)
            as_map = channels_first if order.is_last else as_it_is
            if min(as_map(output).shape[2:]) > 1:
                seen.append(Place(name, layer, as_map))

        return noted

    handles = [layer.register_forward_hook(note(name, layer)) for name, layer in model.named_modules() if name and layer is not head]
    handles.append(head.register_forward_pre_hook(lambda *_: reached.append(True)))
    try:
        with torch.no_grad():
            model(images)
    finally:
        for handle in handles:
            handle.remove()
    if not seen:
        raise InputError(NO_PLACES)
    return seen[-1]


def gradcam(model: nn.Module, images: Tensor, label: int | None = None, place: Place | None = None) -> tuple[Tensor, Tensor, str]:
    """(map [h, w] from 0 to 1, logits [classes], the layer's name) of one image [1, 3, S, S], for a class; None: the likeliest."""
    place = place or place_of(model, images)
    kept: list[Tensor] = []

    def keep(_: nn.Module, __: Any, output: Tensor) -> Tensor:
        kept.append(output if output.requires_grad else output.requires_grad_())
        return kept[-1].clone()  # layers behind it may write into what they are given

    handle = place.layer.register_forward_hook(keep)
    try:
        with torch.enable_grad():
            logits = model(images)[0]
            chosen = int(logits.argmax()) if label is None else label
            (gradient,) = torch.autograd.grad(logits[chosen], kept[-1])
    finally:
        handle.remove()
    found, slope = place.as_map(kept[-1].detach())[0], place.as_map(gradient)[0]
    heat = (slope.mean((1, 2), keepdim=True) * found).sum(0).relu()
    return heat / heat.max().clamp_min(1e-12), logits.detach(), place.name
