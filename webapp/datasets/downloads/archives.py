"""What a zip of a version holds: its images in folders, and what says more about them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from classifier.spec.packfile import STORAGE_JPEG
from webapp.datasets import packs
from webapp.datasets.cards import markdown
from webapp.datasets.cards.card import card_of
from webapp.datasets.downloads import rows
from webapp.datasets.downloads.tables import headings, json_line, padded
from webapp.datasets.downloads.tree import Tree
from webapp.datasets.downloads.zips import Member, Members
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES, split_counts

CARD = "README.md"  # the data card, where such sets have it; our import takes it for no image and no class
NAMES = "names.txt"  # our import, and ImageNet's tools, read such a list: a label and what it means a line
LISTED = "metadata.jsonl"  # as HuggingFace's imagefolder calls it
FIELDS = ("label", "name", "sha256", "path")  # beside file_name
Parts = Callable[[], Iterable[bytes]]


def class_folders(version: DatasetVersion) -> Members:
    """SPLIT/CLASS/NAME, which our own import reads as the same classes, splits and pixels; with a metadata.jsonl where folders cannot
    say all: metadata of a table, and labels that are no names of folders."""
    tree = Tree(version, beside=(CARD, NAMES, LISTED))
    beside = [card(version), *side_files(version)]
    if rows.columns(version) or tree.classes != [entry["label"] for entry in version.classes]:
        beside.append(text(LISTED, partial(listing, version, tree)))

    def members() -> Iterator[Member]:
        yield from beside
        yield from images(version, tree)

    return members


def imagefolder(version: DatasetVersion) -> Members:
    """As HuggingFace's `load_dataset("imagefolder")` takes it: a folder a split, in each a metadata.jsonl that names label and all else."""
    tree = Tree(version, splits=True, beside=(LISTED,))
    counts = split_counts(version)
    listed = [card(version), *side_files(version)]
    listed += [text(f"{name}/{LISTED}", partial(listing, version, tree, split)) for split, name in enumerate(SPLIT_NAMES) if counts[name]]

    def members() -> Iterator[Member]:
        yield from listed
        yield from images(version, tree)

    return members


def card(version: DatasetVersion) -> Member:
    """The data card of the version."""
    content = markdown.written(card_of(version)).encode("utf-8", "replace")
    return text(CARD, lambda: [content])


def side_files(version: DatasetVersion) -> list[Member]:
    """The readable names of classes that are called by ids."""
    named = [entry for entry in version.classes if entry["name"] != entry["label"]]
    content = "".join(f"{entry['label']} {' '.join(entry['name'].split())}\n" for entry in named).encode("utf-8", "replace")
    return [text(NAMES, lambda: [content])] if content else []


def images(version: DatasetVersion, tree: Tree) -> Iterator[Member]:
    """Every image under its place in the tree."""
    pictures = Pictures(version.folder)
    for row in tree.rows():
        yield Member(tree.place(row), pictures.size(row.image), partial(pictures.read, row.image))


def listing(version: DatasetVersion, tree: Tree, split: int | None = None) -> Iterator[bytes]:
    """A line an image of one split, by its place below that split's folder; without one, of all, by their places in the zip."""
    fields = FIELDS if split is not None else (FIELDS[0], "split", *FIELDS[1:])
    names = headings(("file_name", *fields), rows.columns(version))
    for found in rows.known(version):
        if split is not None and found.row.split != split:
            continue
        told = rows.told(version, found) | ({} if tree.splits else {"split": ""})  # an import cuts them, as of class folders alone
        line = {"file_name": tree.place(found.row) if split is None else tree.name(found.row), **{name: told[name] for name in fields}}
        yield json_line(line | dict(zip(names, padded(found.cells, len(names)), strict=True)))


def text(name: str, parts: Parts) -> Member:
    """A file that is made as it is read: once to measure it, once more each time that it is given out."""
    size = crc = 0
    for part in parts():
        size += len(part)
        crc = zlib.crc32(part, crc)
    return Member(name, size, parts, crc)


class Pictures:
    """The images of a pack as files: a photograph's JPEG, a small image's PNG; none of them with metadata."""

    def __init__(self, folder: Path) -> None:
        self.pack = folder / "pack"
        index, thumbs = packs.index(folder), packs.mapped(self.pack / "thumbs_index.bin", packs.THUMB_DTYPE)
        self.is_jpeg = index["storage"] == STORAGE_JPEG
        self.offsets = np.where(self.is_jpeg, index["offset"], thumbs["offset"])
        self.sizes = np.where(self.is_jpeg, index["length"], thumbs["length"])

    def size(self, image: int) -> int:
        return int(self.sizes[image])

    def read(self, image: int) -> list[bytes]:
        file = self.pack / ("jpeg.bin" if self.is_jpeg[image] else "thumbs.bin")
        return [packs.read_at(file, self.size(image), int(self.offsets[image]))]
