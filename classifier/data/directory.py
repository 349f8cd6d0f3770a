"""Records of a zip's central directory (PKWARE's APPNOTE 6.3.10, section 4.3.12), read many at a time.

They are gathered as columns of an array: to unpack each record by itself would take most of the time that an import of very many
small files gives to their names.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

CENTRAL = np.dtype(
    [
        *(("signature", "<u4"), ("made", "<u2"), ("needed", "<u2"), ("flags", "<u2"), ("method", "<u2"), ("time", "<u2"), ("date", "<u2")),
        *(("crc", "<u4"), ("packed", "<u4"), ("size", "<u4"), ("name", "<u2"), ("extra", "<u2"), ("comment", "<u2"), ("disk", "<u2")),
        *(("internal", "<u2"), ("attributes", "<u4"), ("offset", "<u4")),
    ]
)
SIGNATURE = int.from_bytes(b"PK\x01\x02", "little")
LENGTHS = struct.Struct("<3H")  # of name, extra fields and comment
LENGTHS_AT = 28  # in a record
UTF8 = 0x800  # of the flags: the name is UTF-8
UNIX = 3
WHOLE = 0xFFFFFFFF  # a 32-bit field that sends the reader to the 64-bit one
MOST = 1 << 60  # of what a 64-bit field may say; no file is so large, and sums of it stay whole numbers

Key = tuple[int, int, int, int, int, int, int]  # a Member as a plain tuple, which is quicker to hand over


class Damaged(Exception):
    """The block holds what is no record."""


class Member(NamedTuple):
    """Where a member's bytes lie, and how."""

    flags: int
    method: int
    crc: int
    packed: int  # bytes
    size: int  # bytes, as promised
    offset: int  # of its local header, in the file
    name_bytes: int  # of its name there


PACKED, SIZE = Member._fields.index("packed"), Member._fields.index("size")


class Records:
    """Some records, by column; int64 [N] but for the names."""

    def __init__(self, block: bytes, starts: np.ndarray, base: int, length: int) -> None:
        fields = np.frombuffer(block, np.uint8)[starts[:, None] + np.arange(CENTRAL.itemsize)].view(CENTRAL)[:, 0]
        if (fields["signature"] != SIGNATURE).any():
            raise Damaged("its table of contents is damaged")
        self.length = length  # of all of them in the directory, in bytes
        self.flags, self.method, self.crc, self.packed, self.size, self.offset, self.name_bytes = (
            fields[name].astype(np.int64) for name in ("flags", "method", "crc", "packed", "size", "offset", "name")
        )
        self.utf8 = (self.flags & UTF8) != 0  # bool [N]: the record says that its name is UTF-8
        self.mode = np.where(fields["made"] >> 8 == UNIX, fields["attributes"] >> 16, 0)  # Unix file type and rights; 0: it says none
        begins = starts + CENTRAL.itemsize
        ends = begins + self.name_bytes
        self.names = [block[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        for place in np.flatnonzero(fields["extra"]).tolist():
            self.better(place, block[ends[place] : ends[place] + int(fields["extra"][place])])
        self.offset += base

    def better(self, place: int, extra: bytes) -> None:
        """What a record's extra fields know better than itself."""
        size, packed, offset = int(self.size[place]), int(self.packed[place]), int(self.offset[place])
        if WHOLE in (size, packed, offset):
            found = (min(MOST, field) for field in sizes64(extra, size, packed, offset))
            self.size[place], self.packed[place], self.offset[place] = found
        if b"up" in extra and (name := unicode_name(extra, self.names[place])):  # "up" is 0x7075, and little else holds it
            self.names[place], self.utf8[place], self.name_bytes[place] = name, True, len(name)

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[tuple[bytes, bool, int, Key]]:
        """(name, whether it says that it is UTF-8, mode, by what its bytes are read) of each."""
        columns = (self.flags, self.method, self.crc, self.packed, self.size, self.offset, self.name_bytes)
        keys: Iterator[Key] = zip(*(column.tolist() for column in columns), strict=True)
        return zip(self.names, self.utf8.tolist(), self.mode.tolist(), keys, strict=True)


def records_of(block: bytes, base: int, *, last: bool) -> Records:
    """The whole records at the beginning of a block of the directory, of which it is the `last` or others follow; `base` is added to each
    offset. Raises Damaged where it begins with none."""
    starts, at, whole = [], 0, len(block) - CENTRAL.itemsize
    while at <= whole:
        name, extra, comment = LENGTHS.unpack_from(block, at + LENGTHS_AT)
        behind = at + CENTRAL.itemsize + name + extra
        if behind + (0 if last else comment) > len(block):
            if last:
                raise Damaged("its table of contents is damaged")
            break
        starts.append(at)
        at = behind + comment
    if not starts:
        raise Damaged("its table of contents is damaged")
    return Records(block, np.array(starts, np.int64), base, at)


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def sizes64(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """The three fields, each from the 64-bit extra field where the 32-bit one is full."""
    values = next((data for kind, data in extra_fields(extra) if kind == 1), b"")
    numbers = iter(struct.unpack(f"<{len(values) // 8}Q", values[: len(values) // 8 * 8]))
    size, packed, offset = (next(numbers, field) if field == WHOLE else field for field in (size, packed, offset))
    return size, packed, offset


def unicode_name(extra: bytes, name: bytes) -> bytes:
    """Info-ZIP's UTF-8 name, where it belongs to this very name."""
    for kind, data in extra_fields(extra):
        if kind == 0x7075 and data[:1] == b"\x01" and data[1:5] == zlib.crc32(name).to_bytes(4, "little"):
            return data[5:]
    return b""
