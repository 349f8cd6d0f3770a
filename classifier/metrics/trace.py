"""What every step of a training told, as columns of a file: a million of them are 28 MB, mapped into memory and asked in milliseconds.

The step's number is its place: row 0 is step 1. So a training that goes on from a checkpoint writes over what came after it, and a
row means the same however often it is written. A row without images is of a step that was not done (yet).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = "steps.bin"  # in the RUN
ROW = np.dtype(
    [
        ("images", "<i4"),  # that the step learnt from
        ("loss", "<f4"),  # mean of those images, before the weights moved
        ("rate", "<f4"),  # learning rate
        ("norm", "<f4"),  # of the gradient, before it was shortened
        ("seconds", "<f4"),  # by the clock; the mean of the steps between two read-outs of the device
        ("waited", "<f4"),  # of those seconds, with nothing to compute on but waiting for images
        ("used", "<f4"),  # share of the device that worked, 0 to 1; NaN where nothing tells
    ]
)
Steps = NDArray[np.void]  # [N] of ROW
Line = tuple[NDArray[np.int64], NDArray[np.float64]]  # step numbers [n] and values [n], all finite
SERIES = ("loss", "rate", "norm", "speed", "waiting", "use")


def read(path: Path) -> Steps:
    """The steps so far, mapped and not to be written to; none where the file is not there. A row that is half written is left out."""
    try:
        whole = path.stat().st_size // ROW.itemsize
        return np.memmap(path, ROW, "r", shape=(whole,)) if whole else np.zeros(0, ROW)
    except (OSError, ValueError):  # ValueError: it was cut meanwhile
        return np.zeros(0, ROW)


def series(steps: Steps, name: str) -> Line:
    """One of SERIES over the steps, without those of which it is not known: speed in images a second, waiting and use as shares of 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = column(steps, name)
    known = (steps["images"] > 0) & np.isfinite(values)
    return np.flatnonzero(known) + 1, values[known]


def column(steps: Steps, name: str) -> NDArray[np.float64]:
    """The values of a series, those that are no number too."""
    field = {"speed": "images", "waiting": "waited", "use": "used"}.get(name, name)
    values: NDArray[np.float64] = steps[field].astype(np.float64)
    if name in ("speed", "waiting"):
        values = values / steps["seconds"]
    return np.minimum(values, 1) if name == "waiting" else values


def within(line: Line, first: float, last: float) -> Line:
    """What lies from one step to another, with the neighbour on each side, so that a line reaches both edges."""
    at, values = line
    start = max(0, int(np.searchsorted(at, first)) - 1)
    end = int(np.searchsorted(at, last, "right")) + 1
    return at[start:end], values[start:end]


def drawn(line: Line, most: int) -> Line:
    """At most so many points that draw the same picture: of each stretch the lowest and the highest, in order; first and last always."""
    at, values = line
    if len(values) <= most:
        return line
    size = -(-len(values) // max(1, (most - 2) // 2))
    even = len(values) // size * size
    starts = np.arange(0, even, size)
    blocks = values[:even].reshape(-1, size)
    chosen = [starts + blocks.argmin(1), starts + blocks.argmax(1), [0, len(values) - 1]]
    if even < len(values):
        chosen.append([even + int(values[even:].argmin()), even + int(values[even:].argmax())])
    kept = np.unique(np.concatenate(chosen).astype(np.int64))
    return at[kept], values[kept]


def smooth(line: Line, window: float, where: NDArray[np.int64] | None = None) -> Line:
    """At each step the mean of what lies within half a window of steps before and after it; nearer to an end, of what there is.

    where: the rising steps that are asked for, in place of all: to find the window of each takes longest.
    """
    at, values = line
    where = at if where is None else where
    sums = np.concatenate([[0.0], np.cumsum(values)])
    low, high = np.searchsorted(at, where - window / 2), np.searchsorted(at, where + window / 2, "right")
    return where, (sums[high] - sums[low]) / np.maximum(high - low, 1)
