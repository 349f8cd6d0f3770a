"""In which order a network's layers keep the axes of an image: channels first, as convolutions do, or last, as linear layers do."""

from __future__ import annotations

from torch import Tensor, nn
from torchvision.models.convnext import LayerNorm2d
from torchvision.models.maxvit import WindowDepartition, WindowPartition
from torchvision.ops import Permute

FIRST = (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, LayerNorm2d)
LAST = (nn.Linear, nn.LayerNorm)  # LayerNorm2d, which is one, turns the axes inside


class Order:
    """Told of each layer as it runs; what keeps the axes as they are (activations, sums, dropout) follows the layer before it."""

    def __init__(self) -> None:
        self.is_last = False
        self.in_windows = False  # two axes are windows and what stands in each, so that neither is a side of the image

    def told(self, layer: nn.Module, output: Tensor) -> None:
        """After the layer gave that output [N, …] of four axes."""
        if isinstance(layer, WindowPartition | WindowDepartition):
            self.is_last = self.in_windows = isinstance(layer, WindowPartition)
        elif isinstance(layer, Permute):
            self.is_last = list(layer.dims) == [0, 2, 3, 1]
        elif isinstance(layer, FIRST):
            self.is_last = False
        elif isinstance(layer, LAST):
            self.is_last = True


def channels_first(output: Tensor) -> Tensor:
    """[N, H, W, C] → [N, C, H, W]."""
    return output.permute(0, 3, 1, 2)


def patches(tokens: Tensor) -> Tensor:
    """[1, 1 + h·w, channels], the class token first, → [1, channels, h, w]."""
    side = round((tokens.shape[1] - 1) ** 0.5)
    return tokens[:, 1:].transpose(1, 2).reshape(tokens.shape[0], -1, side, side)


def are_patches(output: Tensor) -> bool:
    """Whether three axes [N, T, channels] can be a class token and a square of patches."""
    return output.ndim == 3 and output.shape[1] > 4 and round((output.shape[1] - 1) ** 0.5) ** 2 == output.shape[1] - 1
