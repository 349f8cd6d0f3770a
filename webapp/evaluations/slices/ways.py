"""By what the images of an evaluation can be sliced: every column of few values or of numbers, size, shape, brightness, file ending.

All of it is looked up by the positions that stand beside the predictions (`classifier.metrics.scored`), in arrays: a way through
1.28 million images takes some ten milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from classifier.metrics import scored_path
from classifier.metrics.scored import read_scored
from classifier.spec.quality import SCALE, UNKNOWN
from webapp.datasets import packs
from webapp.datasets.browsing import columns, looks
from webapp.datasets.cards import numbers
from webapp.datasets.quality import queries as quality
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import bands

NONE: Final = -1  # of an image without a value
SIZE, SHAPE, LIGHT, ENDING = "@size", "@shape", "@light", "@ending"
OF_IMAGES: Final = {SIZE: "Image size", SHAPE: "Image shape", LIGHT: "Brightness", ENDING: "File ending"}
SHORTCUT_OF: Final = {SIZE: "size", SHAPE: "aspect", LIGHT: "brightness", ENDING: "ending"}  # of the quality report
SHAPES: Final = ["upright, below 4 : 5", "about square", "wide, above 5 : 4"]
SHAPE_ENDS: Final = (0.8, 1.25)


class Seen(NamedTuple):
    """The predictions of images that are still there, in the order of their file."""

    rows: np.ndarray  # int64 [N]: places in the predictions
    positions: np.ndarray  # int64 [N], of the samples
    labels: np.ndarray  # int32 [N], places among the evaluation's classes
    right: np.ndarray  # bool [N]
    sure: np.ndarray  # float32 [N]: the probability of what was said


Counts = dict[str, list[int]]  # {value: [images, right]}


class Way(NamedTuple):
    """`codes` [N] has of each prediction that was seen the place of its value."""

    key: str  # in addresses: a column's name, or one of OF_IMAGES
    name: str
    values: list[str]
    codes: np.ndarray


def seen(evaluation: Evaluation) -> Seen | None:
    """None where its predictions are of an earlier release, or gone. Raises packs.Missing where the dataset's files are."""
    file = scored_path(evaluation.experiment.folder / evaluation.predictions)
    if not evaluation.predictions or not file.is_file():
        return None
    return read_seen(file, file.stat().st_mtime_ns, len(packs.table(evaluation.version.folder)))


@lru_cache(maxsize=4)
def read_seen(file: Path, _changed: int, samples: int) -> Seen | None:
    """As `seen`, kept while the file is that: 30 bytes a prediction."""
    scored = read_scored(file)
    if scored is None:
        return None
    positions = np.asarray(scored["position"], np.int64)
    rows = np.flatnonzero((positions >= 0) & (positions < samples))
    labels = scored["label"][rows]
    return Seen(rows, positions[rows], labels, labels == scored["predicted"][rows], scored["probability"][rows])


def ways(evaluation: Evaluation, told: Seen, *, ahead: bool = False) -> Iterator[Way]:
    """All that tell two images apart; `ahead`: nobody waits, so that files of lines may be read."""
    for name, way in makers(evaluation, ahead).items():
        found = way(told)
        if found is not None and len(found.values) > 1:
            yield found._replace(key=name)


def way(evaluation: Evaluation, told: Seen, key: str) -> Way | None:
    """One of them; None of a key that there is not."""
    make = makers(evaluation).get(key)
    found = make(told) if make else None
    return found._replace(key=key) if found is not None and found.values else None


Make = Callable[[Seen], Way | None]


def makers(evaluation: Evaluation, ahead: bool = False) -> dict[str, Make]:
    """{key: what makes the way}, the columns first."""
    version = evaluation.version
    known, banded_columns = columns.of(version.folder).columns, bands.of(version, ahead=ahead)
    found: dict[str, Make] = {}
    for column in known:
        if column.name in banded_columns.columns:
            found.setdefault(column.name, of_bands(column.name, banded_columns.columns[column.name]))
        elif column.codes is not None and column.values is not None:
            found.setdefault(column.name, of_codes(column.name, column.values, column.codes))
    found[SIZE] = lambda told: banded(OF_IMAGES[SIZE], longer_sides(evaluation, told), " px")
    found[SHAPE] = lambda told: shapes(evaluation, told)
    found[LIGHT] = lambda told: brightness(evaluation, told)
    if banded_columns.endings is not None:
        found[ENDING] = of_bands(OF_IMAGES[ENDING], banded_columns.endings)
    return found


def too_many(evaluation: Evaluation) -> list[str]:
    """Columns that make no groups, for they have too many values and are no numbers."""
    grouped = bands.of(evaluation.version).columns
    return [one.name for one in columns.of(evaluation.version.folder).columns if one.values is None and one.name not in grouped]


def of_codes(name: str, values: list[str], codes: np.ndarray) -> Make:
    """A column of few values, as a gallery filters by it."""

    return lambda told: Way(name, name, values, at(codes, told.positions))


def of_bands(name: str, kept: bands.Bands) -> Make:
    """A column of numbers, or the endings."""

    def make(told: Seen) -> Way:
        codes = at(kept.codes, told.positions)
        codes[codes == bands.NONE] = NONE
        return Way(name, name, kept.values, codes)

    return make


def at(codes: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """int16: the codes there; NONE beyond their end."""
    known = positions < len(codes)
    found = np.full(len(positions), NONE, np.int16)
    found[known] = codes[positions[known]]
    return found


def count(way: Way, told: Seen, label: int | None = None) -> Counts:
    """{value: [images, right]}, of one true class where it is named."""
    kept = way.codes >= 0 if label is None else (way.codes >= 0) & (told.labels == label)
    found = np.bincount(way.codes[kept].astype(np.int64) * 2 + told.right[kept], minlength=2 * len(way.values)).reshape(-1, 2)
    return {value: [int(wrong + right), int(right)] for value, (wrong, right) in zip(way.values, found, strict=True) if wrong + right}


def sizes(evaluation: Evaluation, told: Seen) -> tuple[np.ndarray, np.ndarray]:
    """(height, width) in pixels, int64 [N], as they are kept."""
    index, images = packs.index(evaluation.version.folder), packs.table(evaluation.version.folder)["image"][told.positions]
    return index["height"][images].astype(np.int64), index["width"][images].astype(np.int64)


def longer_sides(evaluation: Evaluation, told: Seen) -> np.ndarray:
    height, width = sizes(evaluation, told)
    return np.asarray(np.maximum(height, width))


def shapes(evaluation: Evaluation, told: Seen) -> Way:
    height, width = sizes(evaluation, told)
    codes = (5 * width >= 4 * height).astype(np.int16) + (4 * width >= 5 * height)
    return present(Way(SHAPE, OF_IMAGES[SHAPE], SHAPES, codes))


def brightness(evaluation: Evaluation, told: Seen) -> Way | None:
    """Of the mean grey that the newest check found, in percent of white; None before one."""
    check = quality.newest_looked(evaluation.version)
    if check is None:
        return None
    light = looks.read(evaluation.version, check.pk, len(packs.table(evaluation.version.folder))).light[told.positions]
    percents = np.rint(np.arange(UNKNOWN + 1) / SCALE * 100).astype(np.int64)
    percents[UNKNOWN] = NONE
    return banded(OF_IMAGES[LIGHT], percents[light], " %")


def banded(name: str, values: np.ndarray, unit: str) -> Way:
    """By fifths of the images, as cards cut a column of numbers, of whole numbers [N]; one below 0 is none."""
    counts = np.bincount(values[values >= 0])
    known = np.flatnonzero(counts)
    if not len(known):
        return Way("", name, [], np.full(len(values), NONE, np.int16))
    below = np.cumsum(counts)
    wanted = np.ceil(np.array(numbers.SHARES) * (below[-1] - 1))
    lows = np.unique(np.concatenate((known[:1], np.searchsorted(below, wanted, side="right"))))
    place = np.searchsorted(lows, known, side="right") - 1  # of each number that there is
    ends = [(int(known[place == one][0]), int(known[place == one][-1])) for one in range(len(lows))]
    band = np.full(len(counts) + 1, NONE, np.int16)  # the last for what is none
    band[known] = place
    return Way("", name, [numbers.span(*end) + unit for end in ends], band[np.maximum(values, NONE)])


def present(way: Way) -> Way:
    """Without values that no image has."""
    there = np.flatnonzero(np.bincount(way.codes[way.codes >= 0], minlength=len(way.values)))
    fresh = np.full(len(way.values) + 1, NONE, np.int32)  # the last for NONE
    fresh[there] = np.arange(len(there))
    return way._replace(values=[way.values[place] for place in there], codes=fresh[way.codes])


def crossed(one: Way, other: Way) -> Way:
    """By both at once: an image belongs to the pair of its values."""
    first, second = present(one), present(other)
    codes = first.codes * len(second.values) + second.codes
    codes[(first.codes < 0) | (second.codes < 0)] = NONE
    values = [pair(a, b) for a in first.values for b in second.values]
    return present(Way(f"{one.key} × {other.key}", f"{one.name} × {other.name}", values, codes))


def pair(one: str, other: str) -> str:
    """Two values at once."""
    return f"{one or '(empty)'} · {other or '(empty)'}"
