"""What a thumbnail tells: light, contrast, sharpness, colours, and a hash of how it looks. Streamed; a million take a few hundred MB.

The hash is pHash (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010): which of the 64 lowest
frequencies of a 32 × 32 grey picture lie above their median.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from PIL import Image

from classifier.data.load import decode_threads, in_threads
from classifier.data.pack import THUMB_DTYPE, mapped
from classifier.data.quality.steps import Steps

SIDE = 32  # of what is hashed and of mean images
TINY = 16  # of what two alike are compared by
LOW = 8  # lowest frequencies a side
BATCH = 64
GREY = np.array([0.299, 0.587, 0.114], np.float32)
RING = 24  # the border is a side's 24th part wide
LOOK = np.dtype(
    [
        ("hash", "<u8"),
        ("brightness", "<f4"),  # mean grey, 0..255
        ("contrast", "<f4"),  # its standard deviation
        ("sharpness", "<f4"),  # of edges, over the contrast
        ("information", "<f4"),  # bits a pixel, of 32 grey levels
        ("colour", "<f4", 3),
        ("border", "<f4", 3),
        ("read", "?"),
    ]
)


def cosines() -> np.ndarray:
    """The rows of the discrete cosine transform that give the lowest frequencies, [LOW, SIDE]."""
    places = (2 * np.arange(SIDE) + 1) * np.pi / (2 * SIDE)
    return np.cos(np.arange(LOW)[:, None] * places).astype(np.float32)


COSINES = cosines()
BITS = np.uint64(1) << np.arange(LOW * LOW, dtype=np.uint64)


class Thumbs:
    """The thumbnails of a pack, by its rows."""

    def __init__(self, pack: Path) -> None:
        self.index = mapped(pack / "thumbs_index.bin", THUMB_DTYPE)
        self.bytes = mapped(pack / "thumbs.bin", np.dtype(np.uint8))

    def pixels(self, row: int) -> np.ndarray | None:
        """uint8 [H, W, 3]; None where its bytes are spoilt."""
        try:
            start = int(self.index["offset"][row])
            image = Image.open(BytesIO(self.bytes[start : start + int(self.index["length"][row])].tobytes()))
            return np.asarray(image.convert("RGB"))
        except (OSError, ValueError, IndexError, SyntaxError):
            return None


def shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
    """uint8 [side, side, 3] of a whole picture."""
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0))


def hashes(grey: np.ndarray) -> np.ndarray:
    """uint64 [N] of float [N, SIDE, SIDE]."""
    low = (COSINES @ grey @ COSINES.T).reshape(len(grey), -1)
    above = low > np.median(low, 1, keepdims=True)
    return np.asarray((above * BITS).sum(1, dtype=np.uint64))


def measured(pixels: np.ndarray) -> tuple[float, ...]:
    """(brightness, contrast, sharpness, information) of uint8 [H, W, 3]."""
    grey = pixels.astype(np.float32) @ GREY
    contrast = float(grey.std())
    height, width = grey.shape
    edges = 0.0
    if height > 2 and width > 2:
        middle = grey[1:-1, 1:-1]
        around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
        edges = float((around - 4 * middle).std())
    levels = np.bincount((grey.ravel() / 8).astype(np.int64).clip(0, 31), minlength=32) / grey.size
    bits = -float((levels[levels > 0] * np.log2(levels[levels > 0])).sum())
    return float(grey.mean()), contrast, edges / max(contrast, 1.0), bits


def ring(pixels: np.ndarray) -> np.ndarray:
    """The mean colour along the border, float [3]."""
    wide = max(1, min(pixels.shape[:2]) // RING)
    sides = (pixels[:wide], pixels[-wide:], pixels[wide:-wide, :wide], pixels[wide:-wide, -wide:])
    found: np.ndarray = np.concatenate([side.reshape(-1, 3) for side in sides]).mean(0)
    return found


class Looked(NamedTuple):
    """Some images together."""

    looks: np.ndarray  # LOOK [N]
    small: np.ndarray  # uint8 [N, SIDE, SIDE, 3]


def looked_at(thumbs: Thumbs, rows: np.ndarray) -> Looked:
    """Each of these rows of the pack."""
    looks, small = np.zeros(len(rows), LOOK), np.zeros((len(rows), SIDE, SIDE, 3), np.uint8)
    for place, row in enumerate(rows.tolist()):
        pixels = thumbs.pixels(row)
        if pixels is None:
            continue
        small[place] = shrunk(pixels, SIDE)
        values = (*measured(pixels), pixels.reshape(-1, 3).mean(0), ring(pixels), True)
        looks[place] = (0, *values)
    looks["hash"] = hashes(small.astype(np.float32) @ GREY)
    return Looked(looks, small)


class Looks:
    """What was seen of a dataset's images, each once however often it stands in the dataset."""

    def __init__(self, rows: np.ndarray, looks: np.ndarray, tiny: np.ndarray, file: IO[bytes]) -> None:
        self.rows, self.looks, self.tiny = rows, looks, tiny  # tiny: uint8 [N, TINY × TINY × 3], mapped from the disk
        self.file = file  # nameless; gone with this object

    def __len__(self) -> int:
        return len(self.rows)


class Means:
    """The mean image of each of the first classes."""

    def __init__(self, classes: int) -> None:
        self.sums = np.zeros((classes, SIDE, SIDE, 3), np.float64)
        self.numbers = np.zeros(classes, np.int64)

    def add(self, labels: np.ndarray, small: np.ndarray) -> None:
        """Some images with their classes; those of later classes are left out."""
        for label in np.unique(labels[labels < len(self.sums)]).tolist():
            of_it = labels == label
            self.sums[label] += small[of_it].sum(0, dtype=np.float64)
            self.numbers[label] += int(of_it.sum())

    def pictures(self) -> Iterator[tuple[int, np.ndarray]]:
        """(class, uint8 [SIDE, SIDE, 3]) of each that has images."""
        for label in np.flatnonzero(self.numbers).tolist():
            yield label, (self.sums[label] / self.numbers[label]).round().astype(np.uint8)


def look(pack: Path, rows: np.ndarray, labels: np.ndarray, means: Means, steps: Steps) -> Looks:
    """All of these distinct rows of the pack, each with the class it stands in first; their mean images on the way."""
    thumbs = Thumbs(pack)
    file = tempfile.TemporaryFile(prefix="synset-looks-")  # noqa: SIM115 - open for as long as the map is
    file.truncate(max(1, len(rows)) * TINY * TINY * 3)
    tiny = np.memmap(file, np.uint8, "r+", shape=(max(1, len(rows)), TINY * TINY * 3))
    looks = np.zeros(len(rows), LOOK)
    starts = range(0, len(rows), BATCH)
    parts = in_threads(lambda start: looked_at(thumbs, rows[start : start + BATCH]), starts, decode_threads(), 2 * decode_threads())
    for start, part in zip(starts, parts, strict=True):
        end = start + len(part.looks)
        looks[start:end] = part.looks
        halved = part.small.reshape(-1, TINY, SIDE // TINY, TINY, SIDE // TINY, 3).mean((2, 4))
        tiny[start:end] = halved.round().astype(np.uint8).reshape(len(part.looks), -1)
        read = part.looks["read"]
        means.add(labels[start:end][read], part.small[read])
        steps.told(end, len(rows))
    return Looks(rows, looks, tiny[: len(rows)], file)
