"""A zip whose members are stored as they are, written as it is read: its length is known before its first byte.

PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5. The standard library's writer wants a file that it can go back in, or leaves
sizes to a record behind each member; and it keeps an object a member, of which there may be millions.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

LOCAL = struct.Struct("<4s5H3L2H")  # signature, version, flags, method, time, date, crc, packed, size, name, extra
CENTRAL = struct.Struct("<4s6H3L5H2L")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR64 = struct.Struct("<4sLQL")
END = struct.Struct("<4s4H2LH")
WHOLE, MANY = 0xFFFFFFFF, 0xFFFF  # in a short field: the long one counts
PLAIN, LONG = 20, 45  # the version of the format that a reader must know
UNIX = 3 << 8
UTF8 = 0x800
REGULAR = 0o100644 << 16  # a file that its owner may write
FIRST_YEAR = 1980


class Member(NamedTuple):
    """A file of the zip: its name, its bytes, and what gives them in parts."""

    name: str
    size: int
    read: Callable[[], Iterable[bytes]]
    crc: int | None = None  # None: its parts are put together to tell it, so they must be small


Members = Callable[[], Iterable[Member]]  # the same ones in the same order each time


class Changed(Exception):
    """A file is not as long as was said: what was sent so far cannot become a zip any more."""


def length(members: Members) -> int:
    """Bytes of the zip."""
    total = directory = count = 0
    for member in members():
        name = len(member.name.encode())
        directory += CENTRAL.size + name + len(central_extra(member.size, total))
        total += LOCAL.size + name + len(local_extra(member.size)) + member.size
        count += 1
    return total + directory + len(end(count, directory, total))


def written(members: Members, moment: datetime) -> Iterator[bytes]:
    """The zip. `moment` is the time of every file, so that equal members give equal bytes."""
    stamp = dos_time(moment)
    sums = array("I")
    at = 0
    for member in members():
        data = None if member.crc is not None else [b"".join(member.read())]
        crc = member.crc if member.crc is not None else zlib.crc32((data or [b""])[0])
        head = local(member, crc, stamp)
        yield head
        yield from counted(member, data or member.read())
        sums.append(crc)
        at += len(head) + member.size
    yield from directory(members, sums, stamp, at)


def counted(member: Member, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts of a member; Changed where there are more or fewer bytes than were said."""
    left = member.size
    for part in parts:
        left -= len(part)
        if left < 0:
            break
        yield part
    if left:
        raise Changed(f"{member.name} is no longer as long as it was")


def directory(members: Members, sums: array[int], stamp: tuple[int, int], start: int) -> Iterator[bytes]:
    """The table of contents at the end."""
    at = size = count = 0
    for member, crc in zip(members(), sums, strict=True):
        record = central(member, crc, stamp, at)
        yield record
        at += LOCAL.size + len(member.name.encode()) + len(local_extra(member.size)) + member.size
        size += len(record)
        count += 1
    yield end(count, size, start)


def local(member: Member, crc: int, stamp: tuple[int, int]) -> bytes:
    """The record before a member."""
    name, extra, short = member.name.encode(), local_extra(member.size), min(member.size, WHOLE)
    needed = LONG if extra else PLAIN
    return LOCAL.pack(b"PK\x03\x04", needed, UTF8, 0, *stamp, crc, short, short, len(name), len(extra)) + name + extra


def local_extra(size: int) -> bytes:
    """The long sizes of a member that needs them."""
    return struct.pack("<2H2Q", 1, 16, size, size) if size >= WHOLE else b""


def central(member: Member, crc: int, stamp: tuple[int, int], at: int) -> bytes:
    """A member's record in the table of contents."""
    name, extra, short = member.name.encode(), central_extra(member.size, at), min(member.size, WHOLE)
    needed = LONG if extra else PLAIN
    fields = (UNIX | needed, needed, UTF8, 0, *stamp, crc, short, short, len(name), len(extra), 0, 0, 0, REGULAR, min(at, WHOLE))
    return CENTRAL.pack(b"PK\x01\x02", *fields) + name + extra


def central_extra(size: int, at: int) -> bytes:
    """The long sizes and the long place of a member that needs them."""
    long = [size, size] if size >= WHOLE else []
    long += [at] if at >= WHOLE else []
    return struct.pack(f"<2H{len(long)}Q", 1, 8 * len(long), *long) if long else b""


def end(count: int, size: int, start: int) -> bytes:
    """The last record, behind its long form where the short one does not hold it."""
    short = END.pack(b"PK\x05\x06", 0, 0, min(count, MANY), min(count, MANY), min(size, WHOLE), min(start, WHOLE), 0)
    if count < MANY and size < WHOLE and start < WHOLE:
        return short
    long = END64.pack(b"PK\x06\x06", END64.size - 12, UNIX | LONG, LONG, 0, 0, count, count, size, start)
    return long + LOCATOR64.pack(b"PK\x06\x07", 0, start + size, 1) + short


def dos_time(moment: datetime) -> tuple[int, int]:
    """(time, date) as MS-DOS wrote them, which zips do to this day."""
    year = min(max(moment.year, FIRST_YEAR), FIRST_YEAR + 127)
    return moment.hour << 11 | moment.minute << 5 | moment.second // 2, (year - FIRST_YEAR) << 9 | moment.month << 5 | moment.day
