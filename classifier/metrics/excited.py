"""Which images excite each filter of a network's layers the most: files of one stem, read and written here alone, so that the web shows
them without the engine.

    STEM.filters.npy   FILTER [F], the filters of all layers, one layer behind another
    STEM.layers.json   `About` as JSON: where each layer's filters stand, and which images were looked at
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.scored import FORGOTTEN
from classifier.metrics.whole import UNREADABLE, put

MOST = 9  # images of each filter
NOWHERE = -1  # the place in a layer that has none
FILTERS, LAYERS = PARTS = (".filters.npy", ".layers.json")
BEST = np.dtype(
    [
        ("position", "<i4"),  # of the sample; FORGOTTEN where there is none, or it was erased
        ("value", "<f4"),  # that the filter gives at the place where it is excited the most
        ("down", "<i2"),  # that place on the layer's grid, from above; NOWHERE where it has no places
        ("across", "<i2"),
    ]
)
FILTER = np.dtype([("mean", "<f4"), ("least", "<f4"), ("best", BEST, (MOST,))])  # mean and least of each image's strongest value


class Layer(TypedDict):
    """One layer's filters."""

    name: str  # as `classifier.explain.layers` has it
    start: int
    filters: int
    grid: list[int] | None  # [down, across], places that it gives of an image; None: none


class About(TypedDict):
    """What was looked at, and how."""

    layers: list[Layer]
    split: str
    images: int  # that were looked at
    of: int  # in the split
    side: int  # pixels of the square that the network sees
    resize: str | None  # how images become such a square (classifier.spec.viewing)


class Excited(NamedTuple):
    """All of it; the filters are mapped."""

    filters: NDArray[np.void]
    about: About

    def layer(self, name: str) -> Layer | None:
        """None of a layer that has no filters, or is none."""
        return next((layer for layer in self.about["layers"] if layer["name"] == name), None)

    def filter(self, layer: Layer, number: int) -> np.void:
        """FILTER of one of a layer's filters, from 0."""
        found: np.void = self.filters[layer["start"] + number]
        return found


def part(stem: Path, ending: str) -> Path:
    """A file of a stem, which may have dots of its own."""
    return stem.with_name(stem.name + ending)


def write(stem: Path, filters: NDArray[np.void], about: About) -> None:
    """Both files, each whole or not at all. Earlier ones go first: half of both would be read as one."""
    remove(stem)
    text = json.dumps(about, ensure_ascii=False).encode()
    put(part(stem, LAYERS), lambda file: file.write(text))
    write_filters(stem, filters)


def write_filters(stem: Path, filters: NDArray[np.void]) -> None:
    put(part(stem, FILTERS), lambda file: np.save(file, filters, allow_pickle=False))


def read(stem: Path) -> Excited | None:
    """None where it is not there or not whole."""
    try:
        filters: NDArray[np.void] = np.load(part(stem, FILTERS), mmap_mode="r", allow_pickle=False)
        about: About = json.loads(part(stem, LAYERS).read_text(encoding="utf-8"))
        whole = sum(layer["filters"] for layer in about["layers"])
    except (*UNREADABLE, TypeError):
        return None
    return Excited(filters, about) if filters.dtype == FILTER and len(filters) == whole else None


def forget(stem: Path, positions: Collection[int] | NDArray[Any]) -> None:
    """Erased samples excite nothing any more: their values and places go with their positions. Of a stem without files, nothing."""
    found = read(stem)
    if found is None:
        return
    gone = np.isin(found.filters["best"]["position"], np.asarray(positions, np.int64))
    if gone.any():
        filters = np.array(found.filters)
        filters["best"][gone] = nobody()
        write_filters(stem, filters)


def nobody() -> np.void:
    """BEST of no image."""
    found: np.void = np.array([(FORGOTTEN, np.nan, NOWHERE, NOWHERE)], BEST)[0]
    return found


def remove(stem: Path) -> None:
    """All files of it."""
    for ending in PARTS:
        part(stem, ending).unlink(missing_ok=True)
