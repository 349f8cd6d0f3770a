"""The rows of a sealed version with all that is known of them, read from its files in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from classifier.spec.packfile import ERASED
from webapp.datasets import packs
from webapp.datasets.browsing.columns import names_of
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES

CHUNK = 1000  # rows at a time
HASH_BYTES = 32


class Known(NamedTuple):
    """What is known of an image."""

    row: packs.Row
    sha256: str
    width: int
    height: int
    cells: list[str]  # of the columns that a table gave besides, in the order of `columns`


def columns(version: DatasetVersion) -> list[str]:
    """Names of what a table gave besides path, label, split and group."""
    return names_of(version.folder)


def chunks(version: DatasetVersion) -> Iterator[list[packs.Row]]:
    """The rows of the version by position, some at a time, without those whose image was erased."""
    erased = packs.index(version.folder)["storage"] & ERASED != 0
    for chunk in packs.chunks(version.folder, CHUNK):
        yield [row for row in chunk if not erased[row.image]] if version.erased else chunk


def known(version: DatasetVersion) -> Iterator[Known]:
    """Every image of the version, by position; packs.Missing where its files are gone."""
    index = packs.index(version.folder)
    with Cells(version.folder / "metadata.jsonl") as cells:
        for chunk in chunks(version):
            entries = index[[row.image for row in chunk]]
            hashes, widths, heights = entries["sha256"].tobytes().hex(), entries["width"].tolist(), entries["height"].tolist()
            for place, row in enumerate(chunk):
                digest = hashes[2 * HASH_BYTES * place : 2 * HASH_BYTES * (place + 1)]
                yield Known(row, digest, widths[place], heights[place], cells.of(row.position))


class Cells:
    """metadata.jsonl, read forwards: a line a sample, also of those that were taken out. A version without tables has no such file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None
        self.next = 0

    def __enter__(self) -> Cells:
        self.file = self.path.open(encoding="utf-8") if self.path.exists() else None
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()

    def of(self, position: int) -> list[str]:
        """The cells of a sample that comes after the one before."""
        if self.file is None:
            return []
        line = ""
        while self.next <= position:
            line = self.file.readline()
            self.next += 1
        return list(json.loads(line)) if line else []


def told(version: DatasetVersion, found: Known) -> dict[str, Any]:
    """A row by the names of its columns, without what a table gave besides."""
    row, entry = found.row, version.classes[found.row.label]
    return {
        "path": row.path,
        "label": entry["label"],
        "name": entry["name"],
        "split": SPLIT_NAMES[row.split],
        "sha256": found.sha256,
        "width": found.width,
        "height": found.height,
    }
