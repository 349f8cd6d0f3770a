"""Parts of a network that are left out by chance while it learns: features before the head, and whole blocks."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import StochasticDepth

from classifier.models.build import head_of


class DroppedBefore:
    """A forward hook that leaves out a share of what a layer takes, while it learns."""

    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (functional.dropout(inputs[0], self.share, layer.training), *inputs[1:])


def set_dropout(model: nn.Module, share: float) -> None:
    """Dropout (Srivastava et al., 2014) where the network has it by itself, else of the features that its head takes.

    The hook keeps the names of all layers, so that weights fit with or without it.
    """
    own = [layer for layer in model.modules() if isinstance(layer, nn.Dropout) and layer.p > 0]
    for layer in own:
        layer.p = share
    if not own:
        head_of(model)[1].register_forward_pre_hook(DroppedBefore(share))


def set_stochastic_depth(model: nn.Module, share: float) -> None:
    """Residual blocks left out by chance (Huang et al., 2016), from never at the first one up to `share` at the last."""
    blocks = [layer for layer in model.modules() if isinstance(layer, StochasticDepth)]
    for number, block in enumerate(blocks):
        block.p = share * number / max(1, len(blocks) - 1)
