"""Which part of an image a network sees, in numbers alone: as `classifier.data.load` and `classifier.data.sizing` bring it to size."""

from __future__ import annotations

from typing import NamedTuple

EVAL_CROP = 224 / 256  # the share of the short side that evaluation looks at in a photograph


class Part(NamedTuple):
    """In pixels of the image; it reaches beyond the image where the network's square is filled up."""

    left: float
    top: float
    width: float
    height: float


def part_seen(width: int, height: int, side: int, *, resize: str | None, small: bool) -> Part:
    """What stands in the network's square of `side` pixels; `resize`: a mode of `sizing.RESIZES`, None: as its kind has it by itself."""
    if resize == "squash" or (resize is None and small):
        return Part(0.0, 0.0, width, height)
    across, down = scaled_to(width, height, side, resize)
    left, top = begins(across, side), begins(down, side)
    return Part(left * width / across, top * height / down, side * width / across, side * height / down)


def scaled_to(width: int, height: int, side: int, resize: str | None) -> tuple[int, int]:
    """(across, down) in pixels of the whole image, before its middle is cut out or filled up."""
    if resize is None:
        short = round(side / EVAL_CROP)
        scale = short / min(width, height)
        return max(short, int(width * scale)), max(short, int(height * scale))
    scale = {"crop": side / min(width, height), "fill": side / max(width, height), "half_crop": 2 * side / (width + height)}[resize]
    return max(1, round(width * scale)), max(1, round(height * scale))


def begins(extent: int, side: int) -> int:
    """How many of its pixels are cut off before the square begins; below 0 where it is filled up."""
    return (extent - side) // 2 if extent >= side else -((side - extent) // 2)
