"""Weights and activations as small pictures: zero dark, what is above it warm, what is below it blue; colours where there are three."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

GROUND = (24, 28, 36)  # of zero
GAP = (96, 104, 118)  # between tiles
ABOVE = np.array([GROUND, (122, 20, 10), (220, 78, 12), (250, 158, 38), (253, 236, 140)], np.float32)
BELOW = np.array([GROUND, (16, 40, 120), (33, 92, 214), (88, 160, 245), (190, 226, 255)], np.float32)
MOST_FILTERS = 64
GRID = 16  # filters and inputs, of a convolution of many
LINE = 32  # values, at least, in a line of a list
MATRIX = 128  # rows and columns


def coloured(values: np.ndarray) -> np.ndarray:
    """uint8 [..., 3] of values from -1 to 1."""
    strength, places = np.abs(values), np.linspace(0, 1, len(ABOVE))
    sides = [np.stack([np.interp(strength, places, side[:, channel]) for channel in range(3)], -1) for side in (ABOVE, BELOW)]
    found: np.ndarray = np.where((values < 0)[..., None], sides[1], sides[0]).round().astype(np.uint8)
    return found


def scaled(values: Tensor) -> np.ndarray:
    """float32 from -1 to 1, by the strongest; what is not finite is 0."""
    whole = np.nan_to_num(values.detach().float().cpu().numpy(), nan=0.0, posinf=0.0, neginf=0.0)
    found: np.ndarray = whole / max(float(np.abs(whole).max(initial=0.0)), 1e-30)
    return found


def grid(tiles: np.ndarray, columns: int | None = None) -> np.ndarray:
    """uint8 [H, W, 3] of tiles [K, h, w, 3], a line between them; as square as it gets unless the columns are said."""
    count, height, width, _ = tiles.shape
    columns = columns or math.ceil(math.sqrt(count * height / max(1, width)))
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    whole = np.empty((rows * (height + 1) - 1, columns * (width + 1) - 1, 3), np.uint8)
    whole[:] = GROUND
    places = [((place // columns) * (height + 1), (place % columns) * (width + 1)) for place in range(count)]
    for top, left in places:
        whole[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + width + 1] = GAP
    for (top, left), tile in zip(places, tiles, strict=True):
        whole[top : top + height, left : left + width] = tile
    return whole


def of_maps(maps: Tensor) -> np.ndarray:
    """uint8 [H, W, 3] of int8 maps [K, h, w]."""
    return grid(coloured(maps.numpy().astype(np.float32) / 127))


def of_weights(weights: Tensor) -> tuple[np.ndarray, str]:
    """(uint8 [H, W, 3], which of them are shown) of a layer's tensor of any shape."""
    if weights.ndim == 4 and weights.shape[1] == 3 and max(weights.shape[2:]) > 1:
        return of_colours(weights)
    if weights.ndim == 4 and max(weights.shape[2:]) > 1:
        return of_kernels(weights)
    return of_matrix(weights)


def of_colours(weights: Tensor) -> tuple[np.ndarray, str]:
    """Filters [O, 3, h, w] over an image's colours, grey where they are 0."""
    shown = min(MOST_FILTERS, len(weights))
    colours = (127.5 + 127.5 * scaled(weights[:shown])).round().astype(np.uint8).transpose(0, 2, 3, 1)
    return grid(colours), f"{shown} of {len(weights):,} filters, in the image's colours"


def of_kernels(weights: Tensor) -> tuple[np.ndarray, str]:
    """Filters [O, I, h, w]: a line a filter, a tile an input; of one input each, as many as fit."""
    outputs, inputs = weights.shape[:2]
    if inputs == 1:
        shown = min(MOST_FILTERS, outputs)
        return grid(coloured(scaled(weights[:shown, 0]))), f"{shown} of {outputs:,} filters, each of one channel"
    rows, columns = min(GRID, outputs), min(GRID, inputs)
    part = weights[:rows, :columns].reshape(rows * columns, *weights.shape[2:])
    words = f"{rows} of {outputs:,} filters down, {columns} of their {inputs:,} inputs across"
    return grid(coloured(scaled(part)), columns), words


def of_matrix(weights: Tensor) -> tuple[np.ndarray, str]:
    """Anything else as a matrix: its first axis down, the others across; a list in lines."""
    if weights.ndim < 2 or weights.numel() == weights.shape[-1]:
        flat = scaled(weights.flatten()[: MATRIX * MATRIX // 2])
        across = min(len(flat), max(LINE, math.ceil(1.5 * math.sqrt(len(flat)))))
        lines = -(-len(flat) // across)
        padded = np.zeros(lines * across, np.float32)
        padded[: len(flat)] = flat
        return coloured(padded.reshape(lines, -1)), f"{len(flat):,} of {weights.numel():,} values, line by line"
    table = weights.flatten(1)
    part = table[:MATRIX, :MATRIX]
    words = f"{part.shape[0]} of {table.shape[0]:,} outputs down, {part.shape[1]} of {table.shape[1]:,} inputs across"
    return coloured(scaled(part)), words
