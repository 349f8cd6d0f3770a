"""Zip archives, member by member from their central directory (PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5).

Read here and not by zipfile because it keeps an object a member in memory, refuses a whole archive for one name in
broken UTF-8, cuts names at NUL and trusts the sizes it is told.
"""

from __future__ import annotations

import bz2
import functools
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from classifier.data.archive import MAX_MEMBERS, Entry, check_member_size, file_entry, folder_entry, refused
from classifier.data.directory import CENTRAL, PACKED, SIZE, WHOLE, Damaged, Key, Member, Records, records_of
from classifier.data.encodings import Unsaid
from classifier.data.problems import Unreadable
from classifier.spec.errors import InputError

END = struct.Struct("<4s4H2LH")  # signature, disks, disk, entries here, entries, directory bytes, its offset, comment bytes
END64_LOCATOR = struct.Struct("<4sLQL")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCAL = struct.Struct("<4s5H3L2H")
STORED, DEFLATED, BZIPPED = 0, 8, 12
FILES = (0, stat.S_IFREG, stat.S_IFDIR)
USUAL_EXTRA = 64  # bytes of extra fields before a member's data, at most
BLOCK = 1 << 18  # of the table of contents: above the largest record, and small, since a block's records lie in memory


class ZipSource:
    """A zip; `entries` may be walked any number of times, and members read from any thread."""

    rewindable = True

    def __init__(self, path: Path, encoding: str = "") -> None:
        self.path = path
        self.unsaid = Unsaid(encoding)
        self.total: int | None = None
        self.file = path.open("rb")
        self.file_bytes = path.stat().st_size
        try:
            self.start, self.directory_bytes, self.base = self.find_directory()
            self.survey()
        except BaseException:
            self.file.close()
            raise

    def close(self) -> None:
        self.file.close()

    def fraction(self) -> float | None:
        return None

    def at(self, offset: int, length: int) -> bytes:
        """Bytes of the file, without moving a shared position; none of a place that lies outside of it."""
        return os.pread(self.file.fileno(), length, offset) if 0 <= offset < self.file_bytes else b""

    def broken(self, what: str) -> InputError:
        return InputError(f"{self.path} is no whole zip: {what}. It may be cut short; copy or make it again.")

    def find_directory(self) -> tuple[int, int, int]:
        """(where the central directory begins, its bytes, what to add to every offset it names)."""
        tail_start = max(0, self.file_bytes - END.size - 65_535)
        tail = self.at(tail_start, END.size + 65_535)
        found = tail.rfind(b"PK\x05\x06")
        if found < 0 or found + END.size > len(tail):
            raise self.broken("its table of contents is missing")
        *_, entries, length, offset, _ = END.unpack_from(tail, found)
        end = tail_start + found
        if entries == 0xFFFF or WHOLE in (length, offset):
            end, entries, length, offset = self.find_directory64(end, (entries, length, offset))
        if entries > MAX_MEMBERS:
            raise InputError(f"{self.path} holds {entries:,} files; at most {MAX_MEMBERS:,} are taken.")
        base = end - length - offset
        if base < 0:
            raise self.broken("its table of contents lies outside the file")
        return end - length, length, base

    def find_directory64(self, end: int, short: tuple[int, int, int]) -> tuple[int, int, int, int]:
        """(where the directory ends, entries, its bytes, its offset) of a zip over 4 GB or 65,535 files."""
        locator = self.at(max(0, end - END64_LOCATOR.size), END64_LOCATOR.size)
        if not locator.startswith(b"PK\x06\x07"):
            return end, *short
        record_at = END64_LOCATOR.unpack(locator)[2]
        for at in (record_at, end - END64_LOCATOR.size - END64.size):  # the second where something stands before the zip
            record = self.at(at, END64.size)
            if record.startswith(b"PK\x06\x06") and len(record) == END64.size:
                return at, *END64.unpack(record)[7:]
        raise self.broken("its 64-bit table of contents is missing")

    def records(self) -> Iterator[Records]:
        """The central directory's records, in blocks so that memory does not grow with their number."""
        at, end, count = self.start, self.start + self.directory_bytes, 0
        while at + CENTRAL.itemsize <= end:
            block = self.at(at, min(BLOCK, end - at))
            try:
                found = records_of(block, self.base, last=at + len(block) >= end)
            except Damaged as error:
                raise self.broken(str(error)) from None
            yield found
            count += len(found)
            if count > MAX_MEMBERS:
                raise InputError(f"{self.path} holds over {MAX_MEMBERS:,} files, the most that are taken.")
            at += found.length

    def survey(self) -> None:
        """Refuses overlapping members; notes names that say no encoding."""
        starts, ends = [], []
        for found in self.records():
            starts.append(found.offset)
            ends.append(found.offset + LOCAL.size + found.name_bytes * ~found.utf8 + found.packed)
            for name, utf8 in zip(found.names, found.utf8.tolist(), strict=True):
                if not utf8 and not name.isascii():
                    self.unsaid.note(name)
        if not starts:
            raise InputError(f"{self.path} is an empty zip: it holds no file. Pack one folder of images a class.")
        self.total = sum(map(len, starts))
        self.refuse_overlaps(np.concatenate(starts), np.concatenate(ends))

    def refuse_overlaps(self, starts: np.ndarray, ends: np.ndarray) -> None:
        """Where each member begins and where the next may, int64 [N]."""
        order = np.argsort(starts, kind="stable")
        if (ends[order[:-1]] > starts[order[1:]]).any():
            raise InputError(f"{self.path} is refused: its members overlap, as in a decompression bomb. Pack the images anew.")
        if ends[order[-1]] > self.start:
            raise self.broken("a member lies outside it")

    def entries(self) -> Iterator[Entry]:
        for found in self.records():
            for name, utf8, mode, key in found:
                text = name.decode("utf-8", "replace") if utf8 else name.decode() if name.isascii() else self.unsaid.text(name)
                try:
                    yield self.entry(text, mode, key)
                except Unreadable as error:
                    yield refused(text, error.rule, error.message)

    def entry(self, name: str, mode: int, key: Key) -> Entry:
        if mode and mode & 0o170000 not in FILES:
            rule = "link" if stat.S_ISLNK(mode) else "special_file"
            raise Unreadable(rule, "is a link or a device, no regular file; only files are read")
        if name.endswith(("/", "\\")):
            return folder_entry(name)
        return file_entry(name, functools.partial(self.read, key), key[SIZE] + key[PACKED], key)

    def read(self, key: Key) -> bytes:
        """The bytes of a member; raises Unreadable where it is encrypted, packed in an unknown way, too large or damaged."""
        member = Member(*key)
        if member.flags & 0x2041:
            raise Unreadable("encrypted", "is encrypted; pack it without a password")
        check_member_size(max(member.size, member.packed), member.packed)
        begin = LOCAL.size + member.name_bytes + USUAL_EXTRA
        head = self.at(member.offset, begin + member.packed)  # in nearly every zip all of it
        if len(head) < LOCAL.size or not head.startswith(b"PK\x03\x04"):
            raise Unreadable("damaged", "is not where the zip's table of contents says")
        at = LOCAL.size + sum(LOCAL.unpack_from(head)[-2:])  # behind its name and extra fields
        packed = head[at : at + member.packed]
        if len(packed) < member.packed:
            packed = self.at(member.offset + at, member.packed)
        data = unpacked(packed, member)
        if len(data) != member.size:
            raise Unreadable("lying_size", f"does not have the {member.size:,} bytes that the zip promises")
        if zlib.crc32(data) != member.crc:
            raise Unreadable("damaged", "does not match the zip's checksum; its bytes were changed on the way")
        return data


def unpacked(packed: bytes, member: Member) -> bytes:
    """At most one byte more than was promised, so that a lie costs nothing."""
    try:
        if member.method == STORED:
            return packed
        if member.method == DEFLATED:
            return zlib.decompressobj(-15).decompress(packed, member.size + 1)
        if member.method == BZIPPED:
            return bz2.BZ2Decompressor().decompress(packed, member.size + 1)
    except (zlib.error, OSError, EOFError, ValueError):
        raise Unreadable("damaged", "cannot be unpacked: its bytes are damaged") from None
    raise Unreadable("unknown_method", f"is packed by method {member.method}, which is not read; use the usual one (deflate)")
