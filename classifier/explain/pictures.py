"""Maps as pictures: what speaks for a class from red to yellow, what speaks against it in blue, nothing transparent."""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

SHOWN = 320  # pixels a side, at least, that a picture has
STRENGTH = 0.75  # of the colours over the image, where the map is strongest
PIXELS = 64  # a side, up to which an image's own pixels are seen
SHARP = 0.99  # the share of a map's places below which its colours end: a few pixels must not darken all others
FOR = np.array([[122, 4, 3], [220, 68, 12], [249, 148, 28], [253, 231, 90]], np.float32)
AGAINST = np.array([[12, 30, 122], [33, 92, 214], [88, 160, 245], [176, 220, 255]], np.float32)


def scaled(heat: Tensor) -> Tensor:
    """The map from -1 to 1, cut where only SHARP's few are beyond."""
    strength = heat.abs().flatten()
    most = strength.kthvalue(max(1, int(SHARP * strength.numel()))).values if strength.numel() > 1000 else strength.max()
    most = most if most > 0 else strength.max()
    return (heat / most.clamp_min(1e-12)).clamp(-1, 1)


def ramp(strength: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """float32 [H, W, 3] of strengths [H, W] from 0 to 1."""
    places = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(strength, places, colours[:, channel]) for channel in range(3)], 2)


def coloured(heat: np.ndarray) -> np.ndarray:
    """float32 [H, W, 3] of a map from -1 to 1."""
    strength = np.abs(heat)
    return np.where((heat < 0)[:, :, None], ramp(strength, AGAINST), ramp(strength, FOR))


def enlarged(heat: Tensor, side: int) -> np.ndarray:
    """The map [h, w] as [side, side]."""
    whole = functional.interpolate(heat[None, None].float(), (side, side), mode="bilinear", align_corners=False)[0, 0]
    found: np.ndarray = whole.clamp(-1, 1).cpu().numpy()
    return found


def as_png(pixels: np.ndarray) -> bytes:
    """uint8 [H, W, 3 or 4]."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def side_of(image: Tensor) -> int:
    """How large it is shown."""
    return max(SHOWN, image.shape[1])


def plain(image: Tensor, side: int) -> np.ndarray:
    """uint8 [side, side, 3] of an image [3, S, S] as the network sees it; a small one to the pixel."""
    if image.shape[1] <= PIXELS:
        whole = functional.interpolate(image[None].float(), (side, side), mode="nearest")[0]
    else:
        whole = functional.interpolate(image[None].float(), (side, side), mode="bilinear", antialias=True)[0]
    found: np.ndarray = whole.round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()
    return found


def overlay(heat: Tensor, side: int) -> bytes:
    """A PNG that is laid over the image: its colours, and as opaque as the map is strong."""
    whole = enlarged(heat, side)
    opaque = (255 * np.abs(whole))[:, :, None]
    return as_png(np.concatenate([coloured(whole), opaque], 2).round().astype(np.uint8))


def picture(image: Tensor, heat: Tensor) -> bytes:
    """A PNG: uint8 image [3, S, S] as the network sees it, and the same under the map."""
    side = side_of(image)
    below, whole = plain(image, side).astype(np.float32), enlarged(heat, side)
    cover = STRENGTH * np.abs(whole)[:, :, None]
    both = np.concatenate([below, np.full((side, 8, 3), 255.0), (1 - cover) * below + cover * coloured(whole)], 1)
    return as_png(both.round().astype(np.uint8))
