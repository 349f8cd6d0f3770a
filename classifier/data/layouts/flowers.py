"""Images whose number stands in their names, with MATLAB's lists of labels and splits by number: Oxford's 102 flowers
(Nilsback and Zisserman, "Automated flower classification over a large number of classes", 2008).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import numpy as np

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.mat import MAT_ERRORS, read_arrays
from classifier.data.problems import Problem, left_out
from classifier.data.survey import Survey
from classifier.spec.events import Split

IMAGE = re.compile(r"(?:.*/)?image_(\d{5})\.jpe?g", re.IGNORECASE)
LABELS, SPLITS = "imagelabels.mat", "setid.mat"
PARTS: dict[str, Split] = {"trnid": "train", "valid": "validation", "tstid": "test"}


class Flowers(Layout):
    """Label n of the list is the class of image n; the splits are lists of such numbers."""

    kind = "matlab"

    def __init__(self, path: str, labels: list[int], splits: dict[int, Split], used: frozenset[str]) -> None:
        self.path, self.labels, self.splits, self.used = path, labels, splits, used

    def place(self, path: str) -> Place | None:
        found = IMAGE.fullmatch(path)
        number = int(found[1]) if found else 0
        return Place(str(self.labels[number - 1]), self.splits.get(number)) if 1 <= number <= len(self.labels) else None

    def concerns(self, path: str) -> bool:
        return IMAGE.fullmatch(path) is not None

    def unplaced(self, path: str) -> Problem:
        if IMAGE.fullmatch(path):
            return left_out(path, "not_listed", f"has a number beyond the {len(self.labels):,} labels of {self.path}")
        return super().unplaced(path)


def flowers_of(found: Survey) -> Flowers | None:
    """The lists, where there are any and images that they are about."""
    if not any(IMAGE.fullmatch(path) for path in found.sample):
        return None
    files = {PurePosixPath(path).name.lower(): path for path in sorted(found.tables) if path.lower().endswith(".mat")}
    data = dict(found.side_files())
    labels = numbers(data, files.get(LABELS), ("labels",)).get("labels", [])
    if not labels:
        return None
    parts = numbers(data, files.get(SPLITS), tuple(PARTS))
    splits = {number: PARTS[name] for name, listed in parts.items() for number in listed}
    return Flowers(files[LABELS], labels, splits, frozenset(files[name] for name in (LABELS, SPLITS) if name in files))


def numbers(data: dict[str, bytes], path: str | None, wanted: tuple[str, ...]) -> dict[str, list[int]]:
    """{name: whole numbers from 1} of the arrays of a file; empty for one that cannot be read or holds others."""
    try:
        arrays = read_arrays(data.get(path or "", b""))
    except MAT_ERRORS:
        return {}
    return {name: arrays[name].astype(np.int64).tolist() for name in wanted if name in arrays and counts(arrays[name])}


def counts(values: np.ndarray) -> bool:
    return bool(len(values) and (values >= 1).all() and (values == np.floor(values)).all())
