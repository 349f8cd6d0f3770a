"""idx files: MNIST and its relatives (LeCun, Cortes and Burges, "The MNIST database of handwritten digits")."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np

from classifier.data.boxes.box import Box
from classifier.data.problems import Unreadable

NUMBERS = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4"}  # the third byte says what an item is
MOST_LABEL = 100_000


def unpacked(data: bytes, most: int) -> bytes:
    """The file itself, where gzip packed it; at most so many bytes."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
            found = stream.read(most + 1)
    except (OSError, EOFError, zlib.error):
        raise Unreadable("damaged", "cannot be unpacked: its gzip stream is damaged or cut short") from None
    if len(found) > most:
        raise Unreadable("too_large", f"unpacks to over {most >> 20} MB, the most that is taken")
    return found


def is_idx(data: bytes) -> bool:
    return len(data) >= 8 and data[:2] == b"\0\0" and data[2] in NUMBERS and 1 <= data[3] <= 4


def read_idx(data: bytes) -> np.ndarray:
    """The file's items in their shape; raises Unreadable where its header promises another number of bytes."""
    kind, dimensions = np.dtype(NUMBERS[data[2]]), data[3]
    shape = struct.unpack_from(f">{dimensions}I", data, 4) if len(data) >= 4 + 4 * dimensions else (1 << 62,)
    promised = 4 + 4 * dimensions + int(np.prod(shape, dtype=object)) * kind.itemsize
    if promised != len(data):
        raise Unreadable("truncated", f"has {len(data):,} bytes where its idx header promises {promised:,}; copy it again")
    return np.frombuffer(data, kind, offset=4 + 4 * dimensions).reshape(shape)


def open_idx(path: str, data: bytes) -> tuple[Box, Iterator[Callable[[], bytes]]]:
    """(what the file says, a reader of each image)."""
    items = read_idx(data)
    if items.ndim == 1:
        if len(items) and not 0 <= items.min() <= items.max() <= MOST_LABEL:
            raise Unreadable("damaged", f"holds labels outside 0 to {MOST_LABEL:,}")
        return Box("idx", labels=items.astype(np.int64).tolist()), iter(())
    if not items.size:  # or four billion images of no pixels
        raise Unreadable("empty", "is an idx file without a single pixel")
    if items.dtype.itemsize != 1 or items.ndim == 2 or (items.ndim == 4 and items.shape[3] not in (1, 3)):
        raise Unreadable("not_an_image", f"is an idx file of {items.ndim} dimensions, not one of 8-bit images")
    if "emnist" in path.lower():  # written column by column
        items = items.swapaxes(1, 2)
    return Box("idx", images=len(items)), (lambda image=image: as_ppm(image) for image in items)


def as_ppm(pixels: np.ndarray) -> bytes:
    """uint8 [H, W], [H, W, 1] or [H, W, 3] as the bytes of a PGM or PPM, which cost nothing to write or to read."""
    height, width = pixels.shape[:2]
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    return b"P%d %d %d 255\n" % (6 if colour else 5, width, height) + np.ascontiguousarray(pixels).tobytes()
