"""Which parts of an image speak for a class: Grad-CAM (Selvaraju et al., 2017), for every network of the catalogue.

The map is of the last layer before the head whose output still has places: the mean gradient of the class's logit weighs each
channel, and what is positive of their sum is shown. Of a vision transformer these are the patches as the last block's attention
is given them (Chefer et al., 2021, discuss why not later: behind it only the class token is looked at).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import VisionTransformer

from classifier.data.augment import normalise
from classifier.data.pack import MemoryPack
from classifier.models.build import head_of
from classifier.predict import Source, file_bytes
from classifier.spec.errors import InputError
from classifier.training.files import check_target, write_atomically

METHODS = ("gradcam",)
SHOWN = 320  # pixels a side, at least, that the picture has
STRENGTH = 0.55  # of the colours over the image, where the map is highest
RAMP = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], np.float32)  # viridis


@dataclass(frozen=True)
class Place:
    """A layer, and how its output becomes [1, channels, height, width]."""

    name: str
    layer: nn.Module
    as_map: Callable[[Tensor], Tensor]


def patches(tokens: Tensor) -> Tensor:
    """[1, 1 + h·w, channels], the class token first, → [1, channels, h, w]."""
    side = round((tokens.shape[1] - 1) ** 0.5)
    return tokens[:, 1:].transpose(1, 2).reshape(tokens.shape[0], -1, side, side)


def place_of(model: nn.Module, images: Tensor) -> Place:
    """The last layer before the head whose output has places."""
    if isinstance(model, VisionTransformer):
        name = f"encoder.layers.encoder_layer_{len(model.encoder.layers) - 1}.ln_1"
        return Place(name, model.get_submodule(name), patches)
    seen: list[tuple[str, nn.Module]] = []
    head = head_of(model)[1]

    def note(name: str, layer: nn.Module) -> Callable[..., None]:
        def noted(_: nn.Module, __: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1 and not reached:
                seen.append((name, layer))

        return noted

    reached: list[bool] = []
    handles = [layer.register_forward_hook(note(name, layer)) for name, layer in model.named_modules() if name and layer is not head]
    handles.append(head.register_forward_pre_hook(lambda *_: reached.append(True)))
    try:
        with torch.no_grad():
            model(images)
    finally:
        for handle in handles:
            handle.remove()
    if not seen:
        raise InputError("No layer of this network has places left at this image size, so there is nothing to show.")
    return Place(*seen[-1], lambda output: output)


def gradcam(model: nn.Module, images: Tensor, label: int | None = None) -> tuple[Tensor, Tensor, str]:
    """(map [h, w] from 0 to 1, logits [classes], the layer's name) of one image [1, 3, S, S], for a class; None: the likeliest."""
    place = place_of(model, images)
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


def picture(image: Tensor, heat: Tensor) -> bytes:
    """A PNG: uint8 image [3, S, S] as the network sees it, and the same under the map."""
    side = max(SHOWN, image.shape[1])
    whole = functional.interpolate(image[None].float(), (side, side), mode="bilinear", antialias=True)[0]
    strength = functional.interpolate(heat[None, None], (side, side), mode="bilinear", align_corners=False)[0, 0].clamp(0, 1).numpy()
    colours = np.stack([np.interp(strength, np.linspace(0, 1, len(RAMP)), RAMP[:, channel]) for channel in range(3)], 2)
    plain = whole.clamp(0, 255).permute(1, 2, 0).numpy()
    cover = STRENGTH * strength[:, :, None]
    both = np.concatenate([plain, np.full((side, 8, 3), 255.0), (1 - cover) * plain + cover * colours], 1)
    stream = io.BytesIO()
    Image.fromarray(both.round().astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def class_of(source: Source, label: str | None) -> int | None:
    """The place of a label among the network's classes; raises InputError for one that it does not know."""
    if label is not None and label not in source.classes:
        known = ", ".join(source.classes[:8]) + ("…" if len(source.classes) > 8 else "")
        raise InputError(f"The network does not know the class {label[:60]!r}; it knows {known}.")
    return None if label is None else source.classes.index(label)


def explain(source: Source, image: Path, out: Path, *, method: str = "gradcam", label: str | None = None) -> dict[str, Any]:
    """Writes the picture; gives the `explained` event. Raises InputError for what cannot be read, written or explained."""
    if method not in METHODS:
        raise InputError(f"The method must be one of {', '.join(METHODS)}; {method[:40]} came.")
    check_target(out, "why.png")
    try:
        pack, errors = MemoryPack.from_files([(str(image), file_bytes(image))], None)
    except OSError as error:
        raise InputError(f"{image} cannot be read: {error.strerror or error}.") from None
    if errors:
        raise InputError(f"{image}: {errors[0].message}")
    wanted = class_of(source, label)
    model, epoch = source.load_model("best")
    seen = source.prepare(pack, 0, source.eval_size)
    heat, logits, layer = gradcam(model, normalise(seen[None], source.normalisation), wanted)
    place = int(logits.argmax()) if wanted is None else wanted
    write_atomically(out, picture(seen, heat))
    told = {"event": "explained", "file": str(image), "out": str(out), "method": method, "layer": layer, "epoch": epoch}
    return told | {"label": source.classes[place], "probability": float(logits.softmax(0)[place])}
