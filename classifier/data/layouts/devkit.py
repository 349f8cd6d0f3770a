"""ImageNet's validation images, which lie in one flat folder: their classes stand in the devkit (Russakovsky et al., 2015)."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import PurePosixPath

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.mat import read_structs
from classifier.data.layouts.readable import short
from classifier.data.layouts.roles import SYNSET
from classifier.data.layouts.tables import decoded
from classifier.data.problems import Problem, left_out
from classifier.data.survey import Survey

IMAGE = re.compile(r"(?:.*/)?ILSVRC\d{4}_val_(\d{8})\.JPE?G", re.IGNORECASE)
TRUTH = re.compile(r".*val(idation)?_(ground_truth|synset_labels)\.txt", re.IGNORECASE)
MAT_ERRORS = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, StopIteration, struct.error, zlib.error,
)  # fmt: skip
Names = dict[int, tuple[str, str]]  # ILSVRC's number → (synset id, its words)


class Devkit(Layout):
    """Line n of the ground truth is the class of validation image n."""

    kind = "imagenet"

    def __init__(self, path: str, labels: list[str], names: dict[str, str], more: frozenset[str]) -> None:
        self.truth, self.labels, self.names = path, labels, names
        self.used = frozenset([path]) | more

    def place(self, path: str) -> Place | None:
        found = IMAGE.fullmatch(path)
        number = int(found[1]) if found else 0
        return Place(self.labels[number - 1], "validation") if 1 <= number <= len(self.labels) else None

    def concerns(self, path: str) -> bool:
        return IMAGE.fullmatch(path) is not None

    def unplaced(self, path: str) -> Problem:
        if IMAGE.fullmatch(path):
            return left_out(path, "not_listed", f"has no line in {self.truth}, so nothing says what it shows")
        return super().unplaced(path)


def devkit_of(found: Survey) -> Devkit | None:
    """The devkit's ground truth, where there is one and images that it is about."""
    truth = next((path for path in sorted(found.tables) if TRUTH.fullmatch(PurePosixPath(path).name)), None)
    if truth is None or not any(IMAGE.fullmatch(path) for path in found.sample):
        return None
    files = dict(found.side_files())
    lines = decoded(files.get(truth, b"")).split()
    if lines and all(SYNSET.fullmatch(line) for line in lines):
        return Devkit(truth, lines, {}, frozenset())
    meta = next((path for path in files if PurePosixPath(path).name == "meta.mat"), "")
    names = classes_of(files[meta]) if meta else {}
    if not lines or not all(line.isdecimal() and int(line) in names for line in lines):
        return None
    labels = [names[int(line)][0] for line in lines]
    return Devkit(truth, labels, dict(names.values()), frozenset([meta]))


def classes_of(data: bytes) -> Names:
    """The devkit's classes by their numbers; empty for a file that lists none."""
    try:
        fields = read_structs(data)
        rows = zip(fields["ILSVRC2012_ID"], fields["WNID"], fields["words"], strict=True)
        return {int(number[0]): (wnid, short(words)) for number, wnid, words in rows if SYNSET.fullmatch(wnid)}
    except MAT_ERRORS:
        return {}
