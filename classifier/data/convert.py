"""Every colour mode to 8-bit grey or RGB, every orientation to upright, and between Pillow's images and arrays."""

from __future__ import annotations

import numpy as np
from PIL import Image

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # what undoes each EXIF orientation


def upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def to_grey_or_rgb(image: Image.Image) -> Image.Image:
    """Mode "L" for grey sources, else "RGB"; what is transparent becomes white."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I") or image.mode == "F":
        return from_numbers(np.asarray(image))
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return on_white(image)
    if image.mode == "P":
        return image.convert("L" if grey_palette(image) else "RGB")
    return image.convert("RGB")


def from_numbers(values: np.ndarray) -> Image.Image:
    """Grey of more than 8 bits: 16-bit by 1/257, floats in 0..1 by 255, anything else from its own darkest to lightest."""
    if values.dtype.itemsize == 2:
        return Image.fromarray(np.round(values.astype(np.float32) / 257).clip(0, 255).astype(np.uint8))
    numbers = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        numbers = numbers * 255
    elif low >= 0 and 255 < high <= 65535 and values.dtype.kind != "f":
        numbers = numbers / 257
    elif low < 0 or high > 255:
        numbers = (numbers - low) * (255 / (high - low))
    return Image.fromarray(np.round(numbers).astype(np.uint8))


def on_white(image: Image.Image) -> Image.Image:
    grey = image.mode in ("L", "LA", "La") or (image.mode == "P" and grey_palette(image))
    if image.mode == "La":
        image = image.convert("LA")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    ground.alpha_composite(layer)
    flat = ground.convert("RGB")
    return flat.getchannel(0) if grey else flat


def grey_palette(image: Image.Image) -> bool:
    colours = np.asarray(image.getpalette() or [0, 1, 2], dtype=np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def as_array(image: Image.Image) -> np.ndarray:
    """uint8 [H, W, 3 or 1]."""
    pixels = np.asarray(image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def as_picture(pixels: np.ndarray) -> Image.Image:
    """Pillow's image of uint8 [H, W, 3 or 1]."""
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
