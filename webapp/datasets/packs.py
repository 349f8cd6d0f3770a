"""Reads of a DATASET folder (classifier.spec.packfile) without the engine: thumbnails, sizes, rows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from classifier.spec.packfile import IN_NO_SPLIT, INDEX, STORAGE_JPEG, STORAGE_PIXELS, THUMB

if TYPE_CHECKING:
    from webapp.datasets.models import DatasetVersion

SAMPLE_DTYPE = np.dtype([("image", "<u4"), ("label", "<u4"), ("split", "u1"), ("pad", "V3")])
PNG_START = b"\x89PNG"
PIXEL_FILES = ("pixels.bin", "jpeg.bin")
NEAR = 64  # samples among which one is looked for that was not taken out


class Row(NamedTuple):
    """One sample as samples.bin and paths.txt hold it."""

    position: int
    image: int
    label: int
    split: int
    path: str


class Missing(LookupError):
    """The pack has no such image."""


def read_at(path: Path, length: int, offset: int) -> bytes:
    """Exactly `length` bytes; Missing where the file or its end is short."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise Missing(f"{path.name} is not there") from error
    try:
        data = os.pread(handle, length, offset)
    finally:
        os.close(handle)
    if len(data) != length:
        raise Missing(f"{path.name} ends before {offset + length}")
    return data


def thumbnail(version: DatasetVersion, image: int) -> tuple[bytes, str]:
    """A stored thumbnail and its media type: PNG of a small image's own pixels, JPEG of a photograph."""
    pack = version.folder / "pack"
    offset, length, _, _ = THUMB.unpack(read_at(pack / "thumbs_index.bin", THUMB.size, image * THUMB.size))
    data = read_at(pack / "thumbs.bin", length, offset)
    return data, "image/png" if data.startswith(PNG_START) else "image/jpeg"


def picture(version: DatasetVersion, image: int) -> tuple[bytes, str]:
    """The image as it was kept: a photograph's JPEG without metadata, a small image's PNG."""
    pack = version.folder / "pack"
    offset, length, _, _, _, storage, _ = INDEX.unpack(read_at(pack / "index.bin", INDEX.size, image * INDEX.size))
    if storage != STORAGE_JPEG:
        return thumbnail(version, image)
    return read_at(pack / "jpeg.bin", length, offset), "image/jpeg"


def sizes(version: DatasetVersion, images: Sequence[int]) -> dict[int, tuple[int, int]]:
    """{image: (width, height)} in pixels."""
    path = version.folder / "pack" / "index.bin"
    found = {}
    for image in set(images):
        _, _, width, height, *_ = INDEX.unpack(read_at(path, INDEX.size, image * INDEX.size))
        found[image] = (width, height)
    return found


def table(folder: Path) -> np.ndarray:
    """samples.bin of a DATASET folder, mapped; Missing where it is gone."""
    try:
        return np.asarray(np.memmap(folder / "samples.bin", SAMPLE_DTYPE, "r"))
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        raise Missing("samples.bin is not there") from error


def spread(version: DatasetVersion, count: int) -> list[int]:
    """Up to `count` images at even distances over the samples, read from samples.bin alone."""
    try:
        samples = table(version.folder)
    except Missing:
        return []
    starts = sorted({len(samples) * step // count for step in range(count)})
    near = (samples[start : start + NEAR] for start in starts)
    return [int(part["image"][kept[0]]) for part in near if len(kept := np.flatnonzero(part["split"] != IN_NO_SPLIT))]


def chunks(folder: Path, size: int) -> Iterator[list[Row]]:
    """Every sample of a DATASET folder that is in a split, in order, in lists of at most `size`; memory stays flat."""
    samples = np.memmap(folder / "samples.bin", SAMPLE_DTYPE, "r")
    with (folder / "paths.txt").open(encoding="utf-8") as lines:
        for start in range(0, len(samples), size):
            part = samples[start : start + size]
            columns = (part["image"].tolist(), part["label"].tolist(), part["split"].tolist(), islice(lines, len(part)))
            yield [
                Row(start + offset, image, label, split, json.loads(line))
                for offset, (image, label, split, line) in enumerate(zip(*columns, strict=True))
                if split != IN_NO_SPLIT
            ]


def labels(folder: Path, positions: Sequence[int]) -> list[int]:
    """The class of each of these samples."""
    samples = np.memmap(folder / "samples.bin", SAMPLE_DTYPE, "r")
    found: list[int] = samples["label"][np.asarray(positions, np.int64)].tolist()
    return found


def all_small(folder: Path) -> bool:
    """Whether every image is kept as raw pixels, so that pages show it pixelated."""
    path = folder / "pack" / "index.bin"
    whole = path.stat().st_size // INDEX.size  # the last record may be cut while images are added
    data = np.memmap(path, np.uint8, "r", shape=(whole, INDEX.size))
    return bool((data[:, 17] == STORAGE_PIXELS).all())  # the byte after offset (8), length (4), width, height (2 each), channels (1)


def pixel_bytes(folder: Path) -> int:
    """Bytes of all pixels kept."""
    paths = (folder / "pack" / name for name in PIXEL_FILES)
    return sum(path.stat().st_size for path in paths if path.exists())
