"""Files beside the images, one each, that say what is drawn on them: YOLO's lists of boxes, Pascal VOC's and LabelMe's documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from classifier.data.layouts.exports import loaded, xml_root
from classifier.data.layouts.words import MASKS, is_generic, same
from classifier.data.problems import Unreadable

Read = Callable[[], bytes]
ENDINGS = ("txt", "xml", "json")
MOST_FAILED = 20  # files of one kind in a folder, of which none is such a file, before the rest is not opened
LONGEST = 1 << 20  # bytes
YOLO = re.compile(r"\d+( +[-+]?[\d.]+(e[-+]?\d+)?){4,}", re.IGNORECASE)  # class, then a box or an outline
BESIDE = {*MASKS, "xml", "xmls", "txt", "bbox", "bboxes", "boxes"}  # folders of such files, beside those of the images


@dataclass
class Marks:
    """What such files say, by what they have in common with their image."""

    shown: dict[str, frozenset[str]] = field(default_factory=dict)  # key → the classes of what is drawn
    first: str = ""  # one of the files
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: set[tuple[str, str]] = field(default_factory=set)
    known: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def note(self, path: str, read: Read) -> None:
        """Reads a file that may be one of them."""
        folder, _, name = path.rpartition("/")
        kind = folder, name.rpartition(".")[2].lower()
        if kind[1] not in ENDINGS or (self.failed[kind] >= MOST_FAILED and kind not in self.found):
            return
        try:
            labels = marked(kind[1], read())
        except Unreadable:
            return
        if labels is None:
            self.failed[kind] += 1
            return
        if labels:
            self.found.add(kind)
        self.first = self.first or path
        self.shown[key_of(path)] = self.known.setdefault(labels, labels)

    def of(self, path: str) -> frozenset[str] | None:
        """The classes of what is drawn on an image; None where no file says anything of it."""
        return self.shown.get(key_of(path))


def key_of(path: str) -> str:
    """What an image and its file have in common: images/train/7.jpg and labels/train/7.txt, JPEGImages/7.jpg and Annotations/7.xml."""
    *folders, name = same(path).split("/")
    kept = [folder for folder in folders if folder.casefold() not in BESIDE and not is_generic(folder)]
    return "/".join([*kept, PurePosixPath(name).stem])


def marked(ending: str, data: bytes) -> frozenset[str] | None:
    """The classes of what is drawn; None for a file of another kind. An empty list of YOLO's draws nothing."""
    if len(data) > LONGEST:
        return None
    text = data.decode("utf-8", "replace")
    if ending == "txt":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return frozenset(line.split()[0] for line in lines) if all(map(YOLO.fullmatch, lines)) else None
    return from_voc(text) if ending == "xml" else from_labelme(text)


def is_mark(path: str, data: bytes) -> bool:
    """Whether a file is one that draws on an image."""
    ending = path.rpartition(".")[2].lower()
    return ending in ENDINGS and marked(ending, data) is not None


def from_voc(text: str) -> frozenset[str] | None:
    root = xml_root(text)
    if root is None or root.tag != "annotation":
        return None
    return frozenset(name.strip() for thing in root.iter("object") if (name := thing.findtext("name")))


def from_labelme(text: str) -> frozenset[str] | None:
    try:
        found = loaded(text)
    except (ValueError, RecursionError):
        return None
    shapes = found.get("shapes") if isinstance(found, dict) else None
    if not isinstance(shapes, list) or "imagePath" not in found:
        return None
    return frozenset(shape["label"] for shape in shapes if isinstance(shape, dict) and isinstance(shape.get("label"), str))
