"""Convolutions on maps of few pixels, in training: by products of matrices.

oneDNN goes along the rows of a map, and where a row has only a few pixels it does little at once, above all for the gradient of the
kernels. As a product of two matrices, one of them the patches that the kernels see, the same sums run at full speed: for 512 channels
at 4 × 4 pixels in half the time, at 1 × 1 in a tenth (docs/performance.md, "Small maps"). That holds in bf16, where products of
matrices are as fast as convolutions; whether it pays for a network on a machine is found out by the probe (`devices`).
(Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document Processing", 2006, section 4.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_input
from torch.overrides import TorchFunctionMode

Pair = tuple[int, int]

AS_LAYERS = 7  # arguments: nn.Conv2d gives conv2d all of them
MOST_PIXELS = 49  # of a map; on a larger one a convolution is as fast
FEWEST_WEIGHTS = 1 << 18  # of a layer; there is little to be gained by a smaller one
MANY_WEIGHTS = 4  # for each value of the output: then all of a layer is faster by products, not the gradient of its kernels alone


class SmallMaps(TorchFunctionMode):
    """Within it the layers that learn on small maps are computed so; everything else is as ever."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if func is not torch.conv2d or len(args) != AS_LAYERS or not suits(*args):
            return func(*args, **(kwargs or {}))
        images, kernels, _, stride, padding = args[:5]
        device = images.device.type
        precision = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else images.dtype
        return SmallMapConvolution.apply(images.to(precision), kernels.to(precision), stride, padding)


def gains(model: nn.Module) -> bool:
    """Whether a model has layers for which this may pay, however large their maps are."""
    layers = (layer for layer in model.modules() if isinstance(layer, nn.Conv2d))
    return any(layer.bias is None and layer.groups == 1 and layer.weight.requires_grad and large(layer.weight) for layer in layers)


def large(kernels: Tensor) -> bool:
    """Whether weights are the kernels [O, I, h, w] of a layer that sees several pixels at once, and many."""
    return kernels.shape[2:].numel() > 1 and kernels.numel() >= FEWEST_WEIGHTS


def suits(images: Tensor, kernels: Tensor, bias: Tensor | None, stride: Pair, padding: Pair | str, dilation: Pair, groups: int) -> bool:
    """Whether a call of torch.conv2d, as a layer makes it, is one of those."""
    if not (torch.is_grad_enabled() and kernels.requires_grad and large(kernels)):
        return False
    if bias is not None or groups != 1 or dilation != (1, 1) or isinstance(padding, str) or images.dim() != 4:
        return False
    rows, columns = map_size(images, kernels, stride, padding)
    return 0 < rows * columns <= MOST_PIXELS


def map_size(images: Tensor, kernels: Tensor, stride: Pair, padding: Pair) -> Pair:
    """Height and width of a convolution's output."""
    extents = zip(images.shape[2:], kernels.shape[2:], stride, padding, strict=True)
    rows, columns = ((extent + 2 * pad - reach) // step + 1 for extent, reach, step, pad in extents)
    return rows, columns


class SmallMapConvolution(torch.autograd.Function):
    """conv2d of images [N, I, H, W] with kernels [O, I, h, w], without bias, dilation and groups."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, kernels: Tensor, stride: Pair, padding: Pair) -> Tensor:
        ctx.save_for_backward(images, kernels)
        ctx.stride, ctx.padding = stride, padding
        rows, columns = map_size(images, kernels, stride, padding)
        ctx.many = kernels.numel() >= MANY_WEIGHTS * len(images) * len(kernels) * rows * columns
        if not ctx.many:
            return functional.conv2d(images, kernels, None, stride, padding)
        size = (len(images), len(kernels), rows, columns)
        found = torch.empty(size, dtype=images.dtype, device=images.device, memory_format=torch.channels_last)
        seen = patches(images, kernels, stride, padding).flatten(0, 2)
        torch.mm(seen, kernels.permute(0, 2, 3, 1).flatten(1).t(), out=found.permute(0, 2, 3, 1).view(len(seen), -1))
        return found  # not a view of what the product made: layers in place may follow

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        images, kernels = ctx.saved_tensors
        (gradient,) = gradients
        by_images = by_kernels = None
        if ctx.needs_input_grad[0]:
            by_images = image_gradient(images, kernels, gradient, ctx.stride, ctx.padding, many=ctx.many)
        if ctx.needs_input_grad[1]:
            by_kernels = kernel_gradient(images, kernels, gradient, ctx.stride, ctx.padding)
        return by_images, by_kernels, None, None


def kernel_gradient(images: Tensor, kernels: Tensor, gradient: Tensor, stride: Pair, padding: Pair) -> Tensor:
    """By the kernels [O, I, h, w], with channels last."""
    outputs, inputs, height, width = kernels.shape
    by_output = gradient.permute(0, 2, 3, 1).reshape(-1, outputs)
    found = by_output.t() @ patches(images, kernels, stride, padding).flatten(0, 2)
    return found.view(outputs, height, width, inputs).permute(0, 3, 1, 2)


def image_gradient(images: Tensor, kernels: Tensor, gradient: Tensor, stride: Pair, padding: Pair, *, many: bool) -> Tensor:
    """By the images [N, I, H, W]: with steps of one pixel a convolution with the kernels turned round, else torch's own."""
    rest = kernels.shape[2] - 1 - padding[0], kernels.shape[3] - 1 - padding[1]
    if not many or stride != (1, 1) or min(rest) < 0:
        found: Tensor = conv2d_input(images.shape, kernels, gradient, stride, padding)
        return found
    turned = kernels.flip(2, 3).permute(2, 3, 0, 1).flatten(0, 2)
    return (patches(gradient, kernels, (1, 1), rest) @ turned).permute(0, 3, 1, 2)


def patches(images: Tensor, kernels: Tensor, stride: Pair, padding: Pair) -> Tensor:
    """[N, H', W', h × w × C]: what kernels [., ., h, w] see of images [N, C, H, W] for each of the H' × W' pixels of the output."""
    height, width = kernels.shape[2:]
    padded = functional.pad(images.permute(0, 2, 3, 1), (0, 0, padding[1], padding[1], padding[0], padding[0]))
    seen = padded.unfold(1, height, stride[0]).unfold(2, width, stride[1])  # [N, H', W', C, h, w]
    return seen.permute(0, 1, 2, 4, 5, 3).flatten(3)
