"""What a filter looks for: the picture that excites it the most, found by following its gradient (Erhan et al., 2009).

The picture is a sum of grids from coarse to fine behind a sigmoid, and is shifted by chance before each step, so that it grows shapes in
colours that there are and no noise (Olah et al., 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import MaxVit, VisionTransformer

from classifier.data.augment import Normalisation, normalise
from classifier.explain.orders import Order, channels_first
from classifier.explain.pixels import look
from classifier.optimisers import Adam
from classifier.spec.errors import InputError
from classifier.spec.events import ShouldStop, never

STEPS = 64
SIDE = 128  # pixels, where the network takes any size: each step is a pass forth and back
RATE = 0.2
COARSEST = 4  # pixels a side
FIXED = (VisionTransformer, MaxVit)  # made for one size
SEED = 0


class Reached(Exception):
    """The layer has given its output: nothing behind it matters."""


def excited(output: Tensor, channel: int, is_last: bool) -> Tensor:
    """The mean of one channel of what a layer gives [1, …]."""
    if output.ndim == 4:
        return (channels_first(output) if is_last else output)[0, channel].mean()
    if output.ndim == 3:
        return output[0, :, channel].mean()
    return output.flatten()[channel]


class Until:
    """Runs a network as far as one layer."""

    def __init__(self, model: nn.Module, layer: str, times: int = 1) -> None:
        self.model, self.layer, self.times = model, layer, times
        self.order, self.given, self.left = Order(), torch.empty(0), times

    def __call__(self, images: Tensor) -> Tensor:
        """What the layer gives the so many-th time that it runs."""
        self.left = self.times
        handles = [module.register_forward_hook(self.hook(name)) for name, module in self.model.named_modules() if name]
        try:
            self.model(images)
        except Reached:
            return self.given
        finally:
            for handle in handles:
                handle.remove()
        raise InputError(f"The layer {self.layer} does not run in this network.")

    def hook(self, name: str) -> Callable[..., None]:
        def noted(module: nn.Module, _: Any, output: Any) -> None:
            given = output[0] if isinstance(output, tuple) else output
            if isinstance(given, Tensor) and given.ndim == 4:
                self.order.told(module, given)
            if name == self.layer and isinstance(given, Tensor):
                self.left -= 1
                if not self.left:
                    self.given = given
                    raise Reached

        return noted


def maximise(
    model: nn.Module,
    layer: str,
    channel: int,
    *,
    side: int,
    normalisation: Normalisation,
    device: torch.device,
    times: int = 1,
    steps: int = STEPS,
    should_stop: ShouldStop = never,
) -> tuple[Tensor, float, float]:
    """(uint8 [3, S, S]; how excited the channel is by plain noise; and how excited by the picture), of the layer's so many-th run.

    Raises InputError for a channel that the layer does not have, and Interrupted.
    """
    side = side if isinstance(model, FIXED) else min(SIDE, side)
    chance = torch.Generator().manual_seed(SEED)
    sides = [COARSEST * 2**power for power in range(12) if COARSEST * 2**power < side] + [side]
    grids = [torch.randn(1, 3, size, size, generator=chance).mul(0.05).to(device).requires_grad_() for size in sides]
    optimiser = Adam(grids, lr=RATE)
    until = Until(model, layer, times)
    found: list[float] = []
    for _ in range(steps):
        look(should_stop)
        with torch.enable_grad():
            seen = normalise(shifted(drawn(grids, side), chance) * 255, normalisation)
            output = until(seen)
            check_channel(output, channel, layer, until.order.is_last)
            score = excited(output, channel, until.order.is_last)
            optimiser.zero_grad()
            (-score).backward()
        found.append(float(score.detach()))
        optimiser.step()
    with torch.no_grad():
        picture = drawn(grids, side)
        found.append(float(excited(until(normalise(picture * 255, normalisation)), channel, until.order.is_last)))
    return (255 * picture[0]).round().clamp(0, 255).to(torch.uint8).cpu(), found[0], found[-1]


def drawn(grids: list[Tensor], side: int) -> Tensor:
    """float32 [1, 3, S, S] from 0 to 1: the finer a grid, the less of it."""
    whole = [
        (COARSEST / grid.shape[2]) ** 0.5 * functional.interpolate(grid, (side, side), mode="bilinear", align_corners=False)
        for grid in grids
    ]
    return torch.stack(whole).sum(0).sigmoid()


def shifted(image: Tensor, chance: torch.Generator) -> Tensor:
    """By a sixteenth of its side at most."""
    most = max(1, image.shape[2] // 16)
    down, right = torch.randint(-most, most + 1, (2,), generator=chance).tolist()
    return image.roll((down, right), (2, 3))


def check_channel(output: Tensor, channel: int, layer: str, is_last: bool) -> None:
    """InputError where the layer has no such channel."""
    axis = -1 if is_last or output.ndim != 4 else 1
    if not 0 <= channel < output.shape[axis]:
        raise InputError(f"The layer {layer} has the filters 0 to {output.shape[axis] - 1}; {channel} came.")
