"""Which class and split the images of such files have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from classifier.data.boxes.box import Box
from classifier.data.boxes.emnist import characters
from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.words import SPLIT_FOLDERS, same
from classifier.data.problems import Problem, left_out
from classifier.spec.events import Split


class Boxed(Layout):
    """Labels by number from the box itself or the one beside it, names where a list of them is there."""

    def __init__(self, boxes: Mapping[str, Box], *, coarse: bool = False) -> None:
        self.boxes, self.coarse = boxes, coarse
        self.kind = next(box.kind for box in boxes.values() if box.images)
        self.used = frozenset(path for path, box in boxes.items() if not box.images)
        self.splits = {path: split_of_box(path) for path in boxes}
        self.labels = {path: self.labels_of(path, box) for path, box in boxes.items() if box.images}

    def labels_of(self, path: str, box: Box) -> list[str]:
        """A label for each image of a box; none where nothing gives them, or gives another number of them."""
        numbers = (box.coarse if self.coarse else box.labels) or self.labels_beside(path)
        if len(numbers) != box.images:
            return []
        names = self.names_for(path)
        return [(names[number] if number < len(names) else "") or str(number) for number in numbers]

    def labels_beside(self, path: str) -> list[int]:
        """Those of the file that differs from this one's name in "labels" for "images", or y for X, alone."""
        twins = [box for other, box in self.boxes.items() if box.labels and not box.images and pair_of(other) == pair_of(path)]
        return list(twins[0].labels) if twins else []

    def names_for(self, path: str) -> tuple[str, ...]:
        """The names of labels: those that the set is known for, else of a list, of the one in the same folder first."""
        if known := characters(path):
            return known
        folder = path.rpartition("/")[0]
        near = sorted(self.boxes.items(), key=lambda item: item[0].rpartition("/")[0] != folder)
        return next((names for _, box in near if (names := box.coarse_names if self.coarse else box.names)), ())

    def place(self, path: str) -> Place | None:
        box, _, number = path.rpartition("/")
        labels = self.labels.get(box)
        if not labels or not number.isdecimal() or int(number) >= len(labels):
            return None
        return Place(same(labels[int(number)]), self.splits[box])

    def unplaced(self, path: str) -> Problem:
        box = path.rpartition("/")[0]
        if box not in self.labels:
            return super().unplaced(path)
        return left_out(path, "no_label", f"has no label: beside {box} there is no file that gives one to each of its images")


def pair_of(path: str) -> str:
    """What a file of images and the one of its labels have in common."""
    folder, _, name = path.rpartition("/")
    name = re.sub(r"_[xy]\.bin$", ".bin", name.lower())  # STL-10's
    return f"{folder}/{re.sub(r'images|labels|idx[0-9]|ubyte|int|short|gz|[^a-z0-9]', '', name.lower())}"


def split_of_box(path: str) -> Split | None:
    """train-images-idx3-ubyte, t10k-labels.idx1-ubyte, data_batch_1, test_batch, test.bin."""
    words = re.split(r"[^a-z0-9]+", PurePosixPath(path).name.lower())
    if "t10k" in words:
        return "test"
    if words[:2] == ["data", "batch"]:
        return "train"
    return next((split for word in words if (split := SPLIT_FOLDERS.get(word))), None)
