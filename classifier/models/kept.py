"""What a step keeps of each image for its way back, by stage: counted on the meta device, where nothing is allocated or computed."""

from __future__ import annotations

from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from classifier.models.build import head_of
from classifier.models.freezing import stages_of

IMAGES = 2  # batch normalisation needs more than one


class Count:
    """Bytes by stage, the head's last, of a network on the meta device: `kept` until gradients flow back, and of its `widest` map."""

    def __init__(self, model: nn.Module) -> None:
        self.model, self.place, self.widest = model.train(), 0, 0
        stages: list[list[nn.Module]] = [*stages_of(model).values(), [head_of(model)[1]]]
        self.kept = [0] * len(stages)
        self.seen = {address(tensor): tensor for tensor in chain(model.parameters(), model.buffers())}  # held anyway
        self.handles = [part.register_forward_pre_hook(self.entering(place)) for place, stage in enumerate(stages) for part in stage]
        self.handles += [layer.register_forward_hook(self.leaving) for layer in model.modules()]

    def entering(self, place: int) -> Any:
        """What is kept from here on belongs to that stage."""

        def enter(*_: object) -> None:
            self.place = place

        return enter

    def leaving(self, layer: nn.Module, _: object, given: Any) -> None:
        """Of what a layer gives."""
        if isinstance(given, Tensor):
            self.widest = max(self.widest, given.numel() * given.element_size())

    def keep(self, tensor: Tensor) -> Tensor:
        """Autograd keeps this one; what shares its memory with another counts once."""
        if address(tensor) not in self.seen:
            self.seen[address(tensor)] = tensor  # so that the address is given to no other
            self.kept[self.place] += tensor.untyped_storage().nbytes()
        return tensor

    def forward(self, side: int) -> None:
        """The way there, with images of that size."""
        with saved_tensors_hooks(self.keep, lambda tensor: tensor):
            self.model(torch.empty(IMAGES, 3, side, side, device="meta"))
        for handle in self.handles:
            handle.remove()


def address(tensor: Tensor) -> int:
    """Of the memory that it would have; the same for views of each other."""
    return int(tensor.untyped_storage()._cdata)


def kept_by_stage(model: nn.Module, side: int) -> tuple[tuple[int, ...], int]:
    """((kB that a step keeps of one image in fp32, of each stage and last of the head), kB of its widest map), on the meta device."""
    count = Count(model)
    count.forward(side)
    return tuple(round(found / IMAGES / 1000) for found in count.kept), round(count.widest / IMAGES / 1000)
