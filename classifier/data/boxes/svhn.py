"""Street View House Numbers' files of MATLAB's version 5 (Netzer et al., "Reading digits in natural images", 2011): X holds the images
one behind the other, each of them column by column, y the digits, of which 10 is a nought.

The images are unpacked as they are asked for: together they have 225 MB.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from classifier.data.boxes.box import Box
from classifier.data.boxes.idx import as_ppm
from classifier.data.layouts.mat import COMPRESSED, HEADER_BYTES, MAT_ERRORS, MATRIX, read_arrays
from classifier.data.problems import Unreadable

NAME = re.compile(r"(train|test|extra)_32x32\.mat")
SIDE = 32
PIXELS = 3 * SIDE * SIDE
BLOCK = 1 << 16
UINT8 = 2
FORM = "is no file of SVHN's: expected are its variables X (32×32×3×N) and y in MATLAB's version 5"
CUT = "is cut short: images are missing that its header promises; copy it again"


class Packed:
    """A compressed element, unpacked a part at a time."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at, self.stream, self.ready = data, 0, zlib.decompressobj(), b""

    def read(self, count: int) -> bytes:
        parts = [self.ready]
        held = len(self.ready)
        while held < count:
            packed = self.stream.unconsumed_tail
            if not packed:
                packed, self.at = bytes(self.data[self.at : self.at + BLOCK]), self.at + BLOCK
            if not packed or self.stream.eof:  # what lies behind its end would be gathered, and copied with each part
                raise Unreadable("truncated", CUT)
            parts.append(self.stream.decompress(packed, BLOCK))
            held += len(parts[-1])
        found = b"".join(parts)
        self.ready = found[count:]
        return found[:count]


class Plain:
    """An element that is not compressed."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def read(self, count: int) -> bytes:
        found = bytes(self.data[self.at : self.at + count])
        self.at += count
        if len(found) < count:
            raise Unreadable("truncated", CUT)
        return found


def open_svhn(data: bytes) -> tuple[Box, Iterator[Callable[[], bytes]]]:
    """(what the file says, a reader of each image)."""
    try:
        parts = list(variables(memoryview(data)))
        streams = [stream for packed, part in parts if (stream := images_of(packed, part)) is not None]
        labels = next(found["y"] for _, part in parts if len(part) < len(data) // 2 and "y" in (found := read_arrays(whole(part))))
    except (*MAT_ERRORS, Unreadable):
        raise Unreadable("damaged", FORM) from None
    if len(streams) != 1 or streams[0][1] != len(labels) or not ((labels >= 0) & (labels <= 10)).all():
        raise Unreadable("damaged", FORM)
    pixels, count = streams[0]
    return Box("svhn", images=count, labels=(labels.astype(np.int64) % 10).tolist()), readers(pixels, count)


def variables(data: memoryview) -> Iterator[tuple[bool, memoryview]]:
    """(whether it is compressed, its element with the tag) of each variable."""
    at = HEADER_BYTES
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<2I", data, at)
        if kind not in (COMPRESSED, MATRIX):
            raise ValueError("no variable of version 5")
        yield kind == COMPRESSED, data[at : at + 8 + length]
        at += 8 + length


def whole(part: memoryview) -> bytes:
    """A variable alone as a file of its own."""
    return bytes(HEADER_BYTES) + bytes(part)


def images_of(packed: bool, part: memoryview) -> tuple[Packed | Plain, int] | None:
    """(the pixels' stream at its first image, how many there are); None for a variable of another shape."""
    stream: Packed | Plain = Packed(part[8:]) if packed else Plain(part)
    stream.read(8 + 16)  # its tag, and the flags
    _, length = struct.unpack("<2I", stream.read(8))
    shape = np.frombuffer(stream.read(length + -length % 8)[:length], "<i4").tolist() if length <= BLOCK else []
    if len(shape) != 4 or shape[:3] != [SIDE, SIDE, 3] or shape[3] < 1:
        return None
    skip_name(stream)
    kind, length = struct.unpack("<2I", stream.read(8))
    return (stream, shape[3]) if kind == UINT8 and length == shape[3] * PIXELS else None


def skip_name(stream: Packed | Plain) -> None:
    kind, length = struct.unpack("<2I", stream.read(8))
    if not kind >> 16:  # else the name stood in the length's place
        stream.read(min(length + -length % 8, BLOCK))


def readers(stream: Packed | Plain, count: int) -> Iterator[Callable[[], bytes]]:
    for _ in range(count):
        image = np.frombuffer(stream.read(PIXELS), np.uint8).reshape(3, SIDE, SIDE)  # colour, column, row
        yield lambda image=image: as_ppm(image.transpose(2, 1, 0))  # type: ignore[misc]
