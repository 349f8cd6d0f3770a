"""ImageNet's validation images, which lie in one flat folder: their classes stand in the devkit (Russakovsky et al., 2015)."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.mat import MAT_ERRORS, read_structs
from classifier.data.layouts.others import Unlabelled
from classifier.data.layouts.readable import short
from classifier.data.layouts.roles import SYNSET
from classifier.data.layouts.tables import decoded
from classifier.data.problems import Problem, left_out, warned
from classifier.data.survey import Survey

IMAGE = re.compile(r"(?:.*/)?ILSVRC\d{4}_val_(\d{8})\.JPE?G", re.IGNORECASE)
TRUTH = re.compile(r".*val(idation)?_(ground_truth|synset_labels)\.txt", re.IGNORECASE)
Names = dict[int, tuple[str, str]]  # ILSVRC's number → (synset id, its words)


NO_NAMES = (
    "gives the classes by ILSVRC's own numbers, and no meta.mat says which synsets these are; the numbers were taken as classes. "
    "To have their names, put the devkit's data/meta.mat beside it"
)
NO_TRUTH = (
    "is not here, and nothing else says what ImageNet's validation images show; they were taken without labels. "
    "To have their classes, put it beside ILSVRC2012_img_val.tar in one folder and import that"
)


class Devkit(Layout):
    """Line n of the ground truth is the class of validation image n."""

    kind = "imagenet"

    def __init__(self, path: str, labels: list[str], names: dict[str, str], more: frozenset[str], doubt: str = "") -> None:
        self.truth, self.labels, self.names, self.doubt = path, labels, names, doubt
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

    def missing(self) -> list[Problem]:
        return [warned(self.truth, "no_names", self.doubt)] if self.doubt else []


class Unanswered(Unlabelled):
    """ImageNet's validation images without anything that says what they show."""

    def missing(self) -> list[Problem]:
        return [warned("ILSVRC2012_devkit_t12.tar.gz", "no_labels", NO_TRUTH)]


def alone(found: Survey) -> Layout | None:
    """Where a source holds ImageNet's validation images and no other: their classes by number, or images to be labelled."""
    if not found.sample or not all(IMAGE.fullmatch(path) for path in found.sample):
        return None
    truth = truth_of(found)
    lines = decoded(dict(found.side_files()).get(truth, b"")).split() if truth else []
    if lines and all(line.isdecimal() for line in lines):
        return Devkit(truth, lines, {}, frozenset(), NO_NAMES)
    return Unanswered()


def truth_of(found: Survey) -> str:
    """The ground truth's path; empty where there is none."""
    return next((path for path in sorted(found.tables) if TRUTH.fullmatch(PurePosixPath(path).name)), "")


def devkit_of(found: Survey) -> Devkit | None:
    """The devkit's ground truth, where there is one and images that it is about."""
    truth = truth_of(found)
    if not truth or not any(IMAGE.fullmatch(path) for path in found.sample):
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
