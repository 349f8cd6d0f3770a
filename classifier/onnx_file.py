"""A network as ONNX: images in any number, normalised as its metadata say, to logits; checked against the network itself.

By torch's tracing exporter: every network here is a plain chain of tensors, and the newer one (torch.export) took ten times as
long for the same graph. No file leaves here that onnxruntime does not compute as the network does.
"""

from __future__ import annotations

import copy
import importlib.util
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from classifier.spec.errors import ClassifierError, InputError

OPSET = 17
PACKAGES = ("onnx", "onnxruntime")
CLOSE = 1e-4  # between the logits of both, absolutely; beside large ones relatively
CHECKED = 3  # images; another number than the exporter saw


def require_packages() -> None:
    """Raises InputError that names what to install."""
    lacking = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if lacking:
        raise InputError(f"Export to onnx needs {' and '.join(lacking)}: pip install {' '.join(lacking)}. The format torch works without.")


class Averaged(nn.Module):
    """Adaptive average pooling of maps of one size as two products with matrices, for ONNX pools by whole factors alone."""

    def __init__(self, pool: nn.AdaptiveAvgPool2d, height: int, width: int) -> None:
        super().__init__()
        wanted = pool(torch.eye(height * width).view(-1, 1, height, width)).flatten(1)  # [places before, places after]
        self.register_buffer("shares", wanted)
        self.shape = pool(torch.zeros(1, height, width)).shape[1:]

    def forward(self, maps: Tensor) -> Tensor:
        """[N, C, height, width] → [N, C, …] as the pool gives it."""
        return (maps.flatten(2) @ self.get_buffer("shares")).reshape(*maps.shape[:2], *self.shape)


def with_plain_pools(model: nn.Module, images: Tensor) -> nn.Module:
    """A copy of the network whose poolings ONNX can say, at this image size; the network itself where it can say them all."""
    seen: dict[str, tuple[int, int]] = {}
    pools = {name: layer for name, layer in model.named_modules() if isinstance(layer, nn.AdaptiveAvgPool2d)}
    notes = [
        pool.register_forward_pre_hook(lambda _, given, name=name: seen.update({name: tuple(given[0].shape[2:])}))
        for name, pool in pools.items()
    ]
    model(images)
    for note in notes:
        note.remove()
    odd = {name: size for name, size in seen.items() if any(a % b for a, b in zip(size, sides(pools[name], size), strict=True))}
    copied = copy.deepcopy(model) if odd else model
    for name, size in odd.items():
        copied.set_submodule(name, Averaged(pools[name], *size))
    return copied


def sides(pool: nn.AdaptiveAvgPool2d, size: tuple[int, int]) -> tuple[int, ...]:
    """Height and width of what a pool gives of maps of that size."""
    return tuple(pool(torch.zeros(1, *size)).shape[1:])


@contextmanager
def plain_attention() -> Iterator[None]:
    """Attention as sums and products, not as the one operation that torch has for it and ONNX has not."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def traced(model: nn.Module, side: int) -> bytes:
    """The graph with its weights; input `images` float32 [batch, 3, side, side], output `logits` [batch, classes]."""
    stream, images = io.BytesIO(), torch.zeros(2, 3, side, side)
    with warnings.catch_warnings(), plain_attention(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the tracer, on shapes that are the same for every image
        torch.onnx.export(
            with_plain_pools(model.eval(), images), (images,), stream, dynamo=False, opset_version=OPSET,  # type: ignore[arg-type]
            input_names=["images"], output_names=["logits"], dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}},
        )  # fmt: skip
    return stream.getvalue()


def with_metadata(data: bytes, key: str, text: str) -> bytes:
    """The same file with one line of metadata, which onnxruntime gives as `get_modelmeta().custom_metadata_map`."""
    import onnx

    found = onnx.load_model_from_string(data)
    onnx.checker.check_model(found)
    onnx.helper.set_model_props(found, {key: text})
    return bytes(found.SerializeToString(deterministic=True))


def computed(data: bytes, images: Tensor) -> Tensor:
    """What onnxruntime makes of the images."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # warnings are about what it optimises
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run(None, {"images": images.numpy()})[0])


def onnx_file(model: nn.Module, side: int, key: str, about: str) -> bytes:
    """The whole file; raises InputError without the packages, ClassifierError where it would say something else than the network."""
    require_packages()
    data = with_metadata(traced(model, side), key, about)
    images = torch.randn(CHECKED, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        wanted = model(images)
    if not torch.allclose(computed(data, images), wanted, rtol=CLOSE, atol=CLOSE):
        raise ClassifierError("The exported network does not compute what the network does, so no file was written; choose safetensors.")
    return data
