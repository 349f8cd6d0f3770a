"""Reads of a DATASET folder (classifier.spec.packfile) without the engine: thumbnails, sizes, rows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from classifier.spec.packfile import (
    ERASED,
    IN_NO_SPLIT,
    INDEX,
    INDEX_FIELDS,
    SAMPLE_FIELDS,
    STORAGE_BYTE,
    STORAGE_JPEG,
    STORAGE_PIXELS,
    THUMB,
    THUMB_FIELDS,
)

if TYPE_CHECKING:
    from webapp.datasets.models import DatasetVersion

SAMPLE_DTYPE = np.dtype(SAMPLE_FIELDS)
INDEX_DTYPE = np.dtype(INDEX_FIELDS)
THUMB_DTYPE = np.dtype(THUMB_FIELDS)
assert INDEX_DTYPE.itemsize == INDEX.size and THUMB_DTYPE.itemsize == THUMB.size
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
    if storage_of(pack, image) & ERASED:
        raise Missing("this image was erased")
    return stored_thumbnail(pack, image)


def stored_thumbnail(pack: Path, image: int) -> tuple[bytes, str]:
    """As `thumbnail`, of any folder with thumbnails."""
    offset, length, _, _ = THUMB.unpack(read_at(pack / "thumbs_index.bin", THUMB.size, image * THUMB.size))
    data = read_at(pack / "thumbs.bin", length, offset)
    return data, "image/png" if data.startswith(PNG_START) else "image/jpeg"


def picture(version: DatasetVersion, image: int) -> tuple[bytes, str]:
    """The image as it was kept: a photograph's JPEG without metadata, a small image's PNG."""
    pack = version.folder / "pack"
    offset, length, _, _, _, storage, _ = INDEX.unpack(read_at(pack / "index.bin", INDEX.size, image * INDEX.size))
    if storage != STORAGE_JPEG:  # a small image, or one that was erased
        return thumbnail(version, image)
    return read_at(pack / "jpeg.bin", length, offset), "image/jpeg"


def stored_picture(pack: Path, image: int) -> tuple[bytes, str]:
    """The photograph of any folder that may keep it whole, else the thumbnail."""
    offset, length, _, _, _, storage, _ = INDEX.unpack(read_at(pack / "index.bin", INDEX.size, image * INDEX.size))
    if storage == STORAGE_JPEG:
        with suppress(Missing):
            return read_at(pack / "jpeg.bin", length, offset), "image/jpeg"
    return stored_thumbnail(pack, image)


def kept(pack: Path, image: int) -> tuple[bytes, str]:
    """What is kept of a picture whole, a photograph's JPEG or a small one's PNG, and the hash of the file that it was made of.

    Missing where less is kept, or it was erased.
    """
    offset, length, _, _, _, storage, digest = INDEX.unpack(read_at(pack / "index.bin", INDEX.size, image * INDEX.size))
    if storage & ERASED:
        raise Missing("this image was erased")
    data = read_at(pack / "jpeg.bin", length, offset) if storage == STORAGE_JPEG else stored_thumbnail(pack, image)[0]
    return data, digest.hex()


def storage_of(pack: Path, image: int) -> int:
    """As what an image is kept."""
    return read_at(pack / "index.bin", 1, image * INDEX.size + STORAGE_BYTE)[0]


def erased(version: DatasetVersion, images: Iterable[int]) -> set[int]:
    """Those of the images that were erased."""
    pack = version.folder / "pack"
    return {image for image in set(images) if storage_of(pack, image) & ERASED} if version.erased else set()


def tombstones(folder: Path) -> int:
    """How many samples of a DATASET folder are of erased images, and would be in a split."""
    samples = table(folder)
    return int(((index(folder)["storage"][samples["image"]] & ERASED != 0) & (samples["split"] != IN_NO_SPLIT)).sum())


def sizes(version: DatasetVersion, images: Sequence[int]) -> dict[int, tuple[int, int]]:
    """{image: (width, height)} in pixels."""
    if not images:
        return {}
    known, wanted = index(version.folder), np.unique(np.asarray(images, np.int64))
    if wanted[-1] >= len(known):
        raise Missing(f"index.bin ends before image {wanted[-1]}")
    rows = known[wanted]
    return dict(zip(wanted.tolist(), zip(rows["width"].tolist(), rows["height"].tolist(), strict=True), strict=True))


def table(folder: Path) -> np.ndarray:
    """samples.bin of a DATASET folder, mapped; Missing where it is gone."""
    return mapped(folder / "samples.bin", SAMPLE_DTYPE)


def index(folder: Path) -> np.ndarray:
    """index.bin of a DATASET folder's pack, mapped; Missing where it is gone."""
    return mapped(folder / "pack" / "index.bin", INDEX_DTYPE)


def mapped(path: Path, dtype: np.dtype[Any]) -> np.ndarray:
    """A file of whole records (the last may be cut while images are added); Missing where it is gone."""
    try:
        return np.asarray(np.memmap(path, dtype, "r", shape=(path.stat().st_size // dtype.itemsize,)))
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        raise Missing(f"{path.name} is not there") from error


def spread(version: DatasetVersion, count: int) -> list[int]:
    """Up to `count` images at even distances over the samples, read from samples.bin alone."""
    try:
        samples = table(version.folder)
    except Missing:
        return []
    starts = sorted({len(samples) * step // count for step in range(count)})
    near = (samples[start : start + NEAR] for start in starts)
    storage = index(version.folder)["storage"] if version.erased else np.zeros(1, np.uint8)
    shown = (part["image"][part["split"] != IN_NO_SPLIT] for part in near)
    living = (part[storage[part] & ERASED == 0] if version.erased else part for part in shown)
    return [int(part[0]) for part in living if len(part)]


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
    return bool((index(folder)["storage"] & ~np.uint8(ERASED) == STORAGE_PIXELS).all())


def pixel_bytes(folder: Path) -> int:
    """Bytes of all pixels kept."""
    paths = (folder / "pack" / name for name in PIXEL_FILES)
    return sum(path.stat().st_size for path in paths if path.exists())
