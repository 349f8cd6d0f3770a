"""Which images excite a filter: what engine, pages and API agree on."""

from __future__ import annotations

from typing import Final

from classifier.spec.viewing import Part

SPLIT: Final = "validation"
MOST_IMAGES: Final = 10_000  # of it that are looked at, drawn evenly over the classes
LEAST_FRAME: Final = 1 / 8  # of the square that the network sees: a smaller place is framed with room, so that it is seen


def frame(down: int, across: int, grid: list[int], part: Part, width: int, height: int) -> tuple[float, float, float, float] | None:
    """(left, top, width, height) in pixels of an image, around a place of a layer's grid [down, across]; `part`: what the network sees of
    the image. None where it lies wholly beyond the image, in what its square is filled up with."""
    extents = [max(1 / count, LEAST_FRAME) for count in grid]
    middles = [(place + 0.5) / count for place, count in zip((down, across), grid, strict=True)]
    top, bottom = (part.top + part.height * (middles[0] + side * extents[0] / 2) for side in (-1, 1))
    left, right = (part.left + part.width * (middles[1] + side * extents[1] / 2) for side in (-1, 1))
    left, right, top, bottom = max(0.0, left), min(width, right), max(0.0, top), min(height, bottom)
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None
