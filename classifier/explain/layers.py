"""Every layer of a network as it runs on one image: what it is, what it holds, and what it gives, in figures and small maps.

A layer here is a module that ran and none inside of which ran; weights that belong to none of them (a class token, a scale) are rows of
their own, so that the parameters of all rows add up to the network's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.explain.orders import Order, are_patches, channels_first, patches

MOST_MAPS = 64  # of a layer's channels are kept
MAP_SIDE = 48  # pixels, at most, of each
MATRIX_SIDE = 192  # of what is one map: tokens by features
ROW = 64  # values a line of what is a list
BINS = 40
MOST_COUNTED = 4_000_000  # values in a histogram; of more, as many at even distances


@dataclass(frozen=True)
class Unit:
    """One layer, or weights by themselves."""

    name: str  # as the network calls it; with " (2)" when it ran again
    module: str  # the same without that
    kind: str  # its class, or "Parameter"
    shape: list[int]  # of what it gives for one image, or of the weights
    parameters: int  # its own, told once
    given: dict[str, Any] | None  # `figures` of what it gives; None of weights by themselves
    channels: int  # maps that there are
    silent: int  # of them that are 0 everywhere
    maps: Tensor  # int8 [K, h, w], the first, 127 the strongest


def figures(values: Tensor) -> dict[str, Any]:
    """{"values", "mean", "deviation", "least", "most", "zeros", "histogram"} of a tensor; None where no value is finite.

    The histogram counts BINS even parts from least to most; `zeros` is a share; what is not finite is counted in "broken".
    """
    flat = values.detach().float().flatten()
    whole = torch.isfinite(flat)
    broken = int(flat.numel() - whole.sum())
    flat = flat[whole] if broken else flat
    told: dict[str, Any] = {"values": values.numel(), "broken": broken}
    if not flat.numel():
        return told | {"mean": None, "deviation": None, "least": None, "most": None, "zeros": None, "histogram": []}
    least, most = (float(end) for end in torch.aminmax(flat))
    variance, mean = torch.var_mean(flat, unbiased=False)
    counted = flat[:: -(-flat.numel() // MOST_COUNTED)]
    edges = (least, most) if most > least else (least - 0.5, least + 0.5)
    counts = torch.histc(counted, BINS, *edges).long().tolist()
    shares = {"mean": float(mean), "deviation": float(variance.sqrt()), "zeros": float((flat == 0).float().mean())}
    return told | shares | {"least": least, "most": most, "histogram": counts}


def as_maps(output: Tensor, is_last: bool) -> Tensor:
    """[channels, h, w] of what a layer gave for one image; a list of values as one map in lines of ROW."""
    if output.ndim == 4:
        return (channels_first(output) if is_last else output)[0]
    if output.ndim == 3:
        return patches(output)[0] if are_patches(output) else output[0][None]
    flat = output.flatten()
    lines = -(-len(flat) // ROW)
    return functional.pad(flat, (0, lines * ROW - len(flat))).view(1, lines, ROW) if len(flat) > ROW else flat.view(1, 1, -1)


def small(maps: Tensor) -> Tensor:
    """int8 [K, h, w]: the first maps, means of their parts where they are large, 127 the strongest of all."""
    most = MATRIX_SIDE if len(maps) == 1 else MAP_SIDE
    kept = maps[:MOST_MAPS].float().nan_to_num(0.0, 0.0, 0.0)
    height, width = (min(most, extent) for extent in kept.shape[1:])
    if (height, width) != tuple(kept.shape[1:]):
        kept = functional.adaptive_avg_pool2d(kept[None], (height, width))[0]
    strongest = kept.abs().max().clamp_min(1e-30)
    return (127 * kept / strongest).round().to(torch.int8).cpu()


def first_tensor(output: Any, images: int = 1) -> Tensor | None:
    """What a layer gives for so many images; of several things (attention gives its weights too) the first."""
    if isinstance(output, tuple | list) and output:
        output = output[0]
    return output if isinstance(output, Tensor) and output.ndim >= 2 and output.shape[0] == images else None


class Walk(ABC):
    """Follows a network as it runs: `note` is told of each layer, in order."""

    def __init__(self, images: int = 1) -> None:
        self.images = images  # that run at once
        self.ran: dict[str, int] = {}  # how often
        self.around: set[str] = set()  # modules inside of which one ran
        self.order = Order()

    @abstractmethod
    def note(self, name: str, module: nn.Module, given: Tensor) -> None:
        """What a layer gave; now, for a layer behind it may write into that."""

    def hook(self, name: str, module: nn.Module) -> Callable[..., None]:
        def noted(_: nn.Module, __: Any, output: Any) -> None:
            given = first_tensor(output, self.images)
            parts = name.split(".")
            self.around.update(".".join(parts[:end]) for end in range(1, len(parts)))
            if given is None:
                return
            if given.ndim == 4:
                self.order.told(module, given)
            if name not in self.around:
                self.ran[name] = self.ran.get(name, 0) + 1
                self.note(name, module, given)

        return noted

    def called(self, name: str) -> str:
        """A layer's name, with how often it has run by now where that is more than once."""
        times = self.ran[name]
        return name if times == 1 else f"{name} ({times})"

    def through(self, model: nn.Module, images: Tensor) -> None:
        """Runs the network on them [N, 3, S, S]."""
        handles = [module.register_forward_hook(self.hook(name, module)) for name, module in model.named_modules() if name]
        try:
            with torch.no_grad():
                model(images)
        finally:
            for handle in handles:
                handle.remove()


class Look(Walk):
    """Notes each layer with its figures and maps."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Unit] = []

    def note(self, name: str, module: nn.Module, given: Tensor) -> None:
        maps = as_maps(given, self.order.is_last)
        own = sum(each.numel() for each in module.parameters()) if self.ran[name] == 1 else 0
        silent = int((maps.flatten(1).abs().amax(1) == 0).sum())
        told = (type(module).__name__, list(given.shape[1:]), own, figures(given), len(maps), silent, small(maps))
        self.found.append(Unit(self.called(name), name, *told))


def units(model: nn.Module, images: Tensor) -> list[Unit]:
    """All layers, in the order in which they run on one image [1, 3, S, S]."""
    look = Look()
    look.through(model, images)
    return with_loose(model, look.found)


def with_loose(model: nn.Module, found: list[Unit]) -> list[Unit]:
    """With the weights that no layer holds, each before the first layer of the module that it belongs to."""
    covered = {unit.module for unit in found}
    whole = list(found)
    for name, weights in model.named_parameters():
        owner = name.rpartition(".")[0]
        parts = owner.split(".")
        if any(".".join(parts[:end]) in covered for end in range(1, len(parts) + 1)):
            continue
        nothing = torch.zeros(0, 1, 1, dtype=torch.int8)
        row = Unit(name, name, "Parameter", list(weights.shape), weights.numel(), None, 0, 0, nothing)
        place = next((at for at, unit in enumerate(whole) if not owner or unit.module.startswith(f"{owner}.")), len(whole))
        whole.insert(place, row)
    return whole


def weights_of(model: nn.Module, unit: Unit) -> list[tuple[str, Tensor]]:
    """(name, tensor) of what a layer has learnt, and of the statistics that a norm keeps."""
    if unit.kind == "Parameter":
        return [(unit.name.rpartition(".")[2], model.get_parameter(unit.module))]
    module = model.get_submodule(unit.module)
    buffers = [(name, values) for name, values in module.named_buffers() if values.is_floating_point() and values.ndim]
    return [*module.named_parameters(), *buffers]
