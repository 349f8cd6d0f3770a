"""Layouts that a user asks for, and those that wrap another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.keys import stem
from classifier.data.layouts.words import GROUP_COLUMNS, MASKS, is_generic, same, split_in, split_of
from classifier.data.problems import Problem, left_out
from classifier.spec.events import Split
from classifier.spec.packfile import UNLABELLED

NUMBER = re.compile(r"[-_. (]*\d+\)?$")
MASK = (
    "lies in '{}', which is called as a folder of masks is and stands beside one of images; where it is a class, --choose or the preview "
    "takes the folders of its level"
)
REPEATS = "lies in '{}', which holds a part of the other folders once more"
FACE_MASKS = {"mask", "masks"}  # which are classes of their own, and may stand beside "test"
COUNTED = re.compile(r"(?P<label>[^\W\d_]{2,}(?:[ _-][^\W\d_]+)*)(?P<mark>[._-])(?P<number>\d{1,9})")
MOST_WORDS, MANY_OF_EACH = 50, 10  # classes, and images of each among those that are looked at
TAKEN_BY = {  # what cameras, phones and programs call any picture
    *("dsc", "dscn", "dscf", "mvi", "pict", "sam", "pxl", "dji", "gopr", "gp", "vid", "cimg", "whatsapp", "wp", "signal", "screenshot"),
    *("scan", "frame", "shot", "snapshot", "capture", "photo", "picture", "pic", "im", "bild", "foto", "page", "fig", "figure", "file"),
    *(
        "untitled",
        "unnamed",
        "download",
        "index",
        "sample",
        "part",
        "crop",
        "tile",
        "patch",
        "slice",
        "video",
        "camera",
        "cam",
        "left",
        "right",
    ),
    *("front", "back", "rear", "side", "top", "bottom", "before", "after"),
    *("new", "copy", "original", "edited", "final", "output", "result", "mask", "depth", "rgb", "no", "nr", "id", "row", "col", "item"),
}
LEAST_WORD = 3  # letters of a word that counts among others too: "no" of "no tumour" is none
NAMED, FEWEST = 0.9, 2  # the share of images whose names say a class, and images a class


class Unlabelled(Layout):
    """Images of which nothing says what they show: all of them in one class, to be labelled later."""

    kind = "unlabelled"

    def place(self, path: str) -> Place | None:
        return Place(UNLABELLED, None)


class FileNames(Layout):
    """The class is what a file is called before its number: cat.0.jpg, great_pyrenees_12.jpg. A folder may be a split."""

    kind = "names"

    def place(self, path: str) -> Place | None:
        *folders, name = path.split("/")
        label = same(NUMBER.sub("", stem(name)).strip())
        return Place(label, next((split for folder in folders if (split := split_of(folder))), None)) if label else None

    def unplaced(self, path: str) -> Problem:
        return left_out(path, "no_class", "has a name that is but a number, so nothing says what it shows")

    def tells(self, sample: Sequence[str]) -> bool:
        """Whether names say classes: several, of several images each, of nearly all images that are not called by numbers alone in a
        folder of their own, as those of Kaggle's tests are (train/cat.0.jpg, test1/1.jpg). Names of splits are no classes."""
        named = {path.rpartition("/")[0] for path in sample if self.place(path)}
        here = [path for path in sample if path.rpartition("/")[0] in named]
        labels = Counter(place.label for path in here if (place := self.place(path)))
        classes = len(labels) > 1 and labels.total() >= NAMED * len(here) and len(labels) * FEWEST <= labels.total()
        return classes and not all(split_in(label) for label in labels)

    def is_certain(self, sample: Sequence[str]) -> bool:
        """Whether nothing but a class can stand before the numbers: a few words, each with many images that are counted by themselves in
        the same way (cat.0.jpg, dog.0.jpg), none of them what cameras and programs call any picture."""
        if not self.tells(sample):
            return False
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        marks = set()
        for path in sample:
            if self.place(path) and (counted := COUNTED.fullmatch(stem(path.rpartition("/")[2]))):
                numbers[same(counted["label"])].append(int(counted["number"]))
                marks.add(counted["mark"])
            elif self.place(path):
                return False
        several = len(numbers) <= MOST_WORDS and all(len(found) >= MANY_OF_EACH for found in numbers.values())
        overlap = max(map(min, numbers.values())) < min(map(max, numbers.values()))  # each begins anew, and no batch of another's
        return several and overlap and len(marks) == 1 and not any(map(may_be_no_class, numbers))


def may_be_no_class(label: str) -> bool:
    """Whether cameras and programs call any picture so, or it may say which split, group or camera one is of ("cam a", "patient b")."""
    words = re.split("[ _-]", label.casefold())
    among = len(words) > 1 and any(word in GROUP_COLUMNS or (len(word) >= LEAST_WORD and word in TAKEN_BY) for word in words)
    return among or label.casefold() in TAKEN_BY or any(is_generic(word) or split_of(word) for word in words)


@dataclass
class Levels(Layout):
    """The folder at one depth is the class, whatever it is called; a split's folder may stand above or below it."""

    level: int  # 1 at the top

    kind = "folders"

    def place(self, path: str) -> Place | None:
        folders = path.split("/")[:-1]
        if len(folders) < self.level:
            return None
        others = [*folders[: self.level - 1], *folders[self.level :]]
        return Place(same(folders[self.level - 1]), next((split for folder in others if (split := split_of(folder))), None))


class Wrapped(Layout):
    """Another layout, with something changed."""

    def __init__(self, inner: Layout) -> None:
        self.inner = inner
        self.kind, self.columns, self.used, self.names = inner.kind, inner.columns, inner.used, inner.names
        self.aside = inner.aside
        self.group_column = inner.group_column

    def place(self, path: str) -> Place | None:
        return self.inner.place(path)

    def group(self, path: str) -> str | None:
        return self.inner.group(path)

    def metadata(self, path: str) -> Sequence[str]:
        return self.inner.metadata(path)

    def concerns(self, path: str) -> bool:
        return self.inner.concerns(path)

    def unplaced(self, path: str) -> Problem:
        return self.inner.unplaced(path)

    def missing(self) -> list[Problem]:
        return self.inner.missing()

    def parts(self) -> Collection[Layout]:
        return self.inner.parts()


class Without(Wrapped):
    """Folders are left out by choice."""

    def __init__(self, inner: Layout, left: Callable[[str], str]) -> None:
        super().__init__(inner)
        self.left = left

    def place(self, path: str) -> Place | None:
        place = super().place(path)  # asked in any case: the row of an image that is left out has its image all the same
        return None if self.left(path) else place

    def unplaced(self, path: str) -> Problem:
        folder = self.left(path)
        return left_out(path, "left_aside", f"lies in '{folder}', which was chosen to be left out") if folder else super().unplaced(path)


class Masked(Wrapped):
    """Folders of masks beside those of the images are left out; what their tables say of the images counts."""

    def __init__(self, inner: Layout, masks: Collection[str]) -> None:
        super().__init__(inner)
        self.masks = frozenset(masks)

    def place(self, path: str) -> Place | None:
        return None if mask_of(path, self.masks) else super().place(path)

    def split_for(self, path: str) -> Split | None:
        return None if mask_of(path, self.masks) else self.inner.split_for(path)

    def unplaced(self, path: str) -> Problem:
        folder = mask_of(path, self.masks)
        return left_out(path, "mask_folder", MASK.format(folder)) if folder else super().unplaced(path)


class Repeated(Wrapped):
    """Folders that hold once more what others hold are left out."""

    def __init__(self, inner: Layout, copies: Collection[str]) -> None:
        super().__init__(inner)
        self.copies = frozenset(copies)

    def place(self, path: str) -> Place | None:
        return None if mask_of(path, self.copies) else super().place(path)

    def split_for(self, path: str) -> Split | None:
        return None if mask_of(path, self.copies) else self.inner.split_for(path)

    def unplaced(self, path: str) -> Problem:
        folder = mask_of(path, self.copies)
        return left_out(path, "sample_folder", REPEATS.format(folder)) if folder else super().unplaced(path)


def mask_of(path: str, masks: Collection[str]) -> str:
    """The folder of masks that a file lies in; empty for one that lies in none."""
    return next((folder for folder in parents(path) if folder in masks), "")


def parents(path: str) -> Iterator[str]:
    """ "a", "a/b" of "a/b/1.png" """
    return (path[:place] for place, letter in enumerate(path) if letter == "/")


def mask_folders(folders: Iterable[str]) -> set[str]:
    """Folders that are called as those of masks and drawn boundaries are (COVID/masks, annotations), and stand beside one of images
    (COVID/images) or of a split."""
    below: defaultdict[str, set[str]] = defaultdict(set)
    for folder in folders:
        for path in parents(f"{folder}/"):
            parent, _, name = path.rpartition("/")
            below[parent].add(name)
    found = set()
    for parent, names in below.items():
        images, splits = any(map(is_generic, names)), any(map(split_of, names))
        called_so = {name for name in names if name.casefold() in MASKS}
        called_so = called_so if images else {name for name in called_so if splits and name.casefold() not in FACE_MASKS}
        found |= {f"{parent}/{name}".lstrip("/") for name in called_so}
    return found
