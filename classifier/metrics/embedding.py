"""Where images lie in a network's own space: what its head was given of each, in the few directions in which images differ most.

Files of one stem, read and written here alone, so that the web draws maps and finds neighbours without the engine:

    STEM.points.npy   POINT [M], which image each row is; those that the network learnt from come first
    STEM.values.npy   float32 [M, K], K directions of falling spread; a map by principal components is the first two. As they are searched:
                      half as long they would be turned into float32 for every picture, which takes ten times as long as the search
    STEM.basis.npz    mean [D], directions [D, K], scale and shares [K] of the spread, by which another image finds its place;
                      `images` of which the points are a part
    STEM.layout.npy   LAYOUT [L], a flat map by t-SNE, of some points; not there until it was made
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.scored import FORGOTTEN
from classifier.metrics.whole import UNREADABLE, put

NO_ROW = -1
POINTS, VALUES, BASIS, LAYOUT_FILE = PARTS = (".points.npy", ".values.npy", ".basis.npz", ".layout.npy")
POINT = np.dtype(
    [
        ("position", "<i4"),  # of the sample; FORGOTTEN where it was erased
        ("row", "<i4"),  # among the predictions of the evaluation that is shown; NO_ROW of other splits
        ("split", "u1"),  # the order of classifier.spec.events.SPLITS
        ("other", "u1"),  # 1: of the dataset that was evaluated, where that is another one than was learnt from
        ("label", "<i4"),  # as `predicted` a place among the network's classes
        ("predicted", "<i4"),
        ("probability", "<f4"),  # of the predicted class
        ("length", "<f4"),  # of the row of values
    ]
)
LAYOUT = np.dtype([("point", "<u4"), ("x", "<f4"), ("y", "<f4")])
TRAIN = 0
FITS = 60_000.0  # no place lies further out; squares of it are still exact enough
CHUNK = 1 << 16
NOWHERE = -2.0  # less alike than anything
MOST_POINTS = 50_000  # that a map shows


class Basis(NamedTuple):
    """What brings another image to its place."""

    mean: NDArray[np.float32]  # [D]
    directions: NDArray[np.float32]  # [D, K]
    scale: float
    shares: NDArray[np.float32]  # [K]
    images: int

    def place(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """[n, K] of what the head was given of n images, [n, D]."""
        return np.asarray(((features - self.mean) / self.scale) @ self.directions, np.float32)


class Embedding(NamedTuple):
    """All of it; points, values and layout are mapped."""

    points: NDArray[np.void]
    values: NDArray[np.float32]
    basis: Basis
    layout: NDArray[np.void] | None

    @property
    def learnt(self) -> int:
        """How many points the network learnt from: the first ones."""
        points = self.points
        return bisect_left(range(len(points)), True, key=lambda at: bool(points[at]["split"] != TRAIN or points[at]["other"] != 0))


class Near(NamedTuple):
    """A point that lies near another image."""

    point: int
    likeness: float  # the cosine of the angle between both, as seen from the middle of all: 1 for the same, about 0 for strangers


def some_of(images: int, most: int) -> NDArray[np.int64]:
    """So many of the first numbers, at random, rising; the same every time."""
    if images <= most:
        return np.arange(images)
    return np.sort(np.random.default_rng(0).choice(images, most, replace=False))


def shown(points: NDArray[np.void], most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Which points a map shows, rising, but for erased ones: where there are too many, half of them of what was evaluated or all of it."""
    here = points["position"] != FORGOTTEN
    evaluated, others = np.flatnonzero(here & (points["row"] != NO_ROW)), np.flatnonzero(here & (points["row"] == NO_ROW))
    evaluated = evaluated[some_of(len(evaluated), max(most // 2, most - len(others)))]
    return np.sort(np.concatenate([evaluated, others[some_of(len(others), most - len(evaluated))]]))


def part(stem: Path, ending: str) -> Path:
    """A file of a stem, which may have dots of its own."""
    return stem.with_name(stem.name + ending)


def write(stem: Path, points: NDArray[np.void], values: NDArray[Any], basis: Basis) -> None:
    """The three files, each whole or not at all. Earlier ones go first: half of both would be read as one."""
    remove(stem)
    held = np.nan_to_num(values)
    np.clip(held, -FITS, FITS, out=held)
    held = held.astype(np.float32, copy=False)
    points = points.copy()
    points["length"] = lengths(held)
    arrays: dict[str, Any] = {name: np.asarray(value) for name, value in basis._asdict().items()}
    put(part(stem, VALUES), lambda file: np.save(file, held, allow_pickle=False))
    put(part(stem, BASIS), lambda file: np.savez(file, allow_pickle=False, **arrays))
    put(part(stem, POINTS), lambda file: np.save(file, points, allow_pickle=False))


def lengths(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each row, a part at a time."""
    found = np.empty(len(values), np.float32)
    for at in range(0, len(values), CHUNK):
        found[at : at + CHUNK] = np.linalg.norm(values[at : at + CHUNK], axis=1)
    return found


def write_layout(stem: Path, layout: NDArray[np.void]) -> None:
    """Whole or not at all."""
    put(part(stem, LAYOUT_FILE), lambda file: np.save(file, layout, allow_pickle=False))


def read(stem: Path) -> Embedding | None:
    """None where it is not there or not whole."""
    try:
        points = np.load(part(stem, POINTS), mmap_mode="r", allow_pickle=False)
        values = np.load(part(stem, VALUES), mmap_mode="r", allow_pickle=False)
        with np.load(part(stem, BASIS), allow_pickle=False) as told:
            basis = Basis(told["mean"], told["directions"], float(told["scale"]), told["shares"], int(told["images"]))
    except UNREADABLE:
        return None
    return Embedding(points, values, basis, read_layout(stem)) if points.dtype == POINT and len(points) == len(values) else None


def read_layout(stem: Path) -> NDArray[np.void] | None:
    try:
        layout: NDArray[np.void] = np.load(part(stem, LAYOUT_FILE), mmap_mode="r", allow_pickle=False)
    except UNREADABLE:
        return None
    return layout if layout.dtype == LAYOUT else None


def forget(stem: Path, gone: Callable[[NDArray[np.void]], NDArray[np.bool_]]) -> None:
    """Points that are `gone` have no place any more, and their images no position; of a stem without files, nothing.

    The points themselves come last: by them the rest is found again after a crash.
    """
    found = read(stem)
    if found is None or not (lost := gone(found.points)).any():
        return
    values, points = np.array(found.values), np.array(found.points)
    values[lost] = 0
    put(part(stem, VALUES), lambda file: np.save(file, values, allow_pickle=False))
    if found.layout is not None:
        layout = np.array(found.layout)
        write_layout(stem, layout[~lost[layout["point"]]])
    points["position"][lost], points["row"][lost], points["length"][lost] = FORGOTTEN, NO_ROW, 0
    put(part(stem, POINTS), lambda file: np.save(file, points, allow_pickle=False))


def remove(stem: Path) -> None:
    """All files of it."""
    for ending in PARTS:
        part(stem, ending).unlink(missing_ok=True)


def nearest(found: Embedding, place: NDArray[Any], most: int, *, but: int | None = None) -> list[Near]:
    """The points that the network learnt from which lie nearest to a place [K], the nearest first.

    but: the number of a point that is the image itself.
    """
    return nearest_of_each(found, np.asarray(place)[None], most, but=but)[0]


def nearest_of_each(found: Embedding, places: NDArray[Any], most: int, *, but: int | None = None) -> list[list[Near]]:
    """The same of each place [n, K]; the points are gone through once for all of them."""
    wanted, learnt = units(places), found.learnt
    best, alike = np.empty((len(wanted), 0), np.int64), np.empty((len(wanted), 0), np.float32)
    for start in range(0, learnt, CHUNK):
        some = slice(start, min(start + CHUNK, learnt))
        here = likeness(found, wanted, some)
        if but is not None and some.start <= but < some.stop:
            here[:, but - start] = NOWHERE
        best, alike = np.c_[best, np.tile(np.arange(some.start, some.stop), (len(wanted), 1))], np.c_[alike, here]
        if alike.shape[1] > most:
            kept = np.argpartition(-alike, most, axis=1)[:, :most]
            best, alike = np.take_along_axis(best, kept, axis=1), np.take_along_axis(alike, kept, axis=1)
    return [ranked(*row) for row in zip(best, alike, strict=True)]


def units(places: NDArray[Any]) -> NDArray[np.float32]:
    """Places [n, K] at the length of one."""
    wanted = np.asarray(places, np.float32)
    found: NDArray[np.float32] = wanted / np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-12)
    return found


def likeness(found: Embedding, wanted: NDArray[np.float32], some: slice) -> NDArray[np.float32]:
    """[n, points] of places of length one and some points; NOWHERE for those that were erased."""
    points, values = found.points[some], found.values[some].astype(np.float32, copy=False)  # an earlier release wrote them half as long
    alike: NDArray[np.float32] = wanted @ values.T
    alike /= np.maximum(points["length"], 1e-12)
    alike[:, points["position"] == FORGOTTEN] = NOWHERE
    return alike


def ranked(best: NDArray[np.int64], alike: NDArray[np.float32]) -> list[Near]:
    """The most alike first, equal ones in their order."""
    order = np.lexsort((best, -alike))
    return [Near(int(best[at]), float(np.clip(alike[at], -1, 1))) for at in order if alike[at] > NOWHERE]
