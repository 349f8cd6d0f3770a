"""Where each image of a version stands in a zip of folders: SPLIT/CLASS/NAME, no two at the same place on any file system.

A name that comes once in its folder is kept. One that comes more often has the sample's position behind it. To know which
these are, 8 bytes an image are held: 8 MB for a million.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from classifier.spec.packfile import STORAGE_JPEG
from webapp.datasets import packs
from webapp.datasets.downloads import names
from webapp.datasets.downloads.rows import chunks
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES, split_counts

JPEG, PNG = ".jpg", ".png"  # as images are kept, whatever their files were called


class Tree:
    """The folders of a version, and the place of each image in them."""

    def __init__(self, version: DatasetVersion, *, splits: bool | None = None, beside: Sequence[str] = ()) -> None:
        """`splits`: whether a folder a split stands above the classes; by itself where there is more than train. `beside`: files there."""
        counts = split_counts(version)
        self.version = version
        self.splits = bool(counts["validation"] or counts["test"]) if splits is None else splits
        self.classes = names.folders([entry["label"] for entry in version.classes], beside)
        self.is_jpeg = packs.index(version.folder)["storage"] == STORAGE_JPEG
        hashes = (hash(self.key(row, self.stem(row))) for row in self.rows())
        self.known, times = np.unique(np.fromiter(hashes, np.int64), return_counts=True)
        self.twice = self.known[times > 1]

    def rows(self) -> Iterator[packs.Row]:
        """Every image, by position."""
        for chunk in chunks(self.version):
            yield from chunk

    def stem(self, row: packs.Row) -> str:
        return names.stem(row.path)

    def key(self, row: packs.Row, stem: str) -> tuple[int, int, str]:
        """What must not come twice."""
        return row.split if self.splits else 0, row.label, names.folded(stem)

    def name(self, row: packs.Row) -> str:
        """CLASS/NAME, below the folder of its split."""
        stem = self.stem(row)
        if self.has(self.twice, self.key(row, stem)):
            stem += f"-{row.position}"
            while self.has(self.known, self.key(row, stem)):  # another image is called so
                stem += f"-{row.position}"
        return f"{self.classes[row.label]}/{stem}{JPEG if self.is_jpeg[row.image] else PNG}"

    def place(self, row: packs.Row) -> str:
        """The whole path in the zip."""
        return f"{self.folder(row.split)}{self.name(row)}"

    def folder(self, split: int) -> str:
        """ "train/", or nothing where no folder is made of splits."""
        return f"{SPLIT_NAMES[split]}/" if self.splits else ""

    @staticmethod
    def has(sorted_hashes: np.ndarray, key: tuple[int, int, str]) -> bool:
        if not len(sorted_hashes):
            return False
        wanted = hash(key)
        at = int(np.searchsorted(sorted_hashes, wanted))
        return at < len(sorted_hashes) and int(sorted_hashes[at]) == wanted
