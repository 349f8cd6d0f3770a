"""Tar archives, plain or packed by gzip, bzip2 or xz, read once from front to end."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Literal, cast

from classifier.data.archive import (
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_TOTAL_BYTES,
    MEGABYTE,
    Entry,
    check_member_size,
    file_entry,
    folder_entry,
    refused,
)
from classifier.data.boxes.idx import unpacked
from classifier.data.encodings import UTF8, Unsaid, decodes
from classifier.data.left import check_left
from classifier.data.names import folder_of
from classifier.data.problems import Unreadable
from classifier.spec.errors import InputError

HEADER_BYTES = 8 * MEGABYTE  # one member's headers may take, long names and extended attributes included
RATIO_FREE_STREAM = 256 * MEGABYTE
MOST_EMPTY_READS = 100  # behind its end; tarfile would go on, block by block, for whatever size a header claims
MEMBERS_AHEAD = 200_000  # that are looked at where names say no encoding, and bytes of a packed tar
BYTES_AHEAD = 256 * MEGABYTE
OUTER = ("", "train/")  # where a tar inside the tar is opened
STREAM_ERRORS = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, IndexError)


class Header(tarfile.TarInfo):
    """Remembers whether the archive came to its proper end; tarfile itself is silent about a missing one."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Header:
        try:
            return super().fromtarfile(tar)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            cast(Any, tar).ended = True
            raise


class Counted:
    """A tar's stream, counted: refuses headers that never end, and ends where the bytes do."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self.path = path
        self.stream = stream
        self.count = 0  # bytes unpacked
        self.limit = HEADER_BYTES  # where the count must stay below for now
        self.empty_reads = 0

    def read(self, size: int) -> bytes:
        data = self.stream.read(size)
        self.count += len(data)
        self.empty_reads = 0 if data else self.empty_reads + 1
        if self.empty_reads > MOST_EMPTY_READS:
            raise EOFError
        if self.count > self.limit:
            raise InputError(
                f"{self.path} is refused: a member's header is over {HEADER_BYTES // MEGABYTE} MB, as no honest archive's is. "
                "Pack the images anew."
            )
        return data

    def allow(self, size: int) -> None:
        """The next `size` bytes are a member's data; headers may follow."""
        self.limit = self.count + size + HEADER_BYTES


class Meter(Counted):
    """The unpacked stream of a whole archive: refuses bombs too."""

    def __init__(self, path: Path, raw: IO[bytes]) -> None:
        super().__init__(path, unpacking(raw))
        self.raw = raw

    def read(self, size: int) -> bytes:
        data = super().read(size)
        if self.count > min(MAX_TOTAL_BYTES, MAX_RATIO * self.raw.tell() + RATIO_FREE_STREAM):
            raise InputError(
                f"{self.path} is refused: it unpacks to {MAX_RATIO} times its size or more, as a decompression bomb does. "
                "Pack the images anew."
            )
        return data


def opened(stream: Counted, mode: Literal["r|", "r:"] = "r|") -> tarfile.TarFile:
    """A tar that is read once, front to end; names in bytes that are no UTF-8 come as surrogates."""
    return tarfile.open(fileobj=cast(Any, stream), mode=mode, tarinfo=Header, encoding=UTF8, errors="surrogateescape")


def unpacking(raw: IO[bytes]) -> IO[bytes]:
    head = raw.read(6)
    raw.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if head.startswith(b"BZh"):
        return cast(IO[bytes], bz2.BZ2File(raw))
    return cast(IO[bytes], lzma.LZMAFile(raw)) if head == b"\xfd7zXZ\0" else raw


class TarSource:
    """A tar; `entries` can be walked once, and each image's bytes are read as it passes."""

    rewindable = False
    total: int | None = None

    def __init__(self, path: Path, encoding: str = "") -> None:
        self.path = path
        self.unsaid = Unsaid(encoding)
        self.chosen = bool(encoding)
        self.file_bytes = path.stat().st_size
        self.raw = path.open("rb")
        try:
            self.meter = Meter(path, self.raw)
            self.tar = opened(self.meter)  # it holds nothing open but `raw`
        except STREAM_ERRORS as error:
            self.raw.close()
            raise self.broken_start(error) from None
        except BaseException:
            self.raw.close()
            raise

    def broken_start(self, error: Exception) -> InputError:
        if isinstance(error, EOFError):
            return self.cut()
        if self.meter.stream is not self.raw:
            return InputError(
                f"{self.path} is packed by gzip, bzip2 or xz, but no tar can be read from it: it is damaged, or no tar. Make it again."
            )
        return InputError(f"{self.path} is no zip and no tar (gz, bz2 or xz); give one of these or a folder.")

    def cut(self) -> InputError:
        return InputError(f"{self.path} is cut short or damaged: the archive has no proper end. Copy or make it again.")

    def close(self) -> None:
        self.raw.close()

    def read(self, key: Any) -> bytes:
        """Not asked for: a stream's bytes come with its entries."""
        raise NotImplementedError

    def fraction(self) -> float | None:
        return min(1.0, self.raw.tell() / self.file_bytes)

    def entries(self) -> Iterator[Entry]:
        self.count = 0
        yield from self.walk(self.tar, self.meter, "")
        if not self.count:
            raise InputError(f"{self.path} is an empty tar: it holds no file. Pack one folder of images a class.")

    def walk(self, tar: tarfile.TarFile, stream: Counted, prefix: str) -> Iterator[Entry]:
        """The members of the archive, or with the prefix of their class those of a class's tar inside it."""
        while (member := self.step(tar, stream)) is not None:
            cast(Any, tar).members = []  # tarfile would keep them all
            self.count += 1
            if self.count > MAX_MEMBERS:
                raise InputError(f"{self.path} holds over {MAX_MEMBERS:,} files, the most that are taken.")
            name = self.name_of(member)
            try:
                check_left(member)
                if member.isreg() and prefix in OUTER and (folder := folder_of(name)):
                    yield from self.inner_tar(tar, member, f"{prefix}{folder}/")
                else:
                    yield self.entry(tar, member, prefix + name)
            except Unreadable as error:
                yield refused(prefix + name, error.rule, error.message)
        if not getattr(tar, "ended", False):
            raise self.cut()

    def inner_tar(self, tar: tarfile.TarFile, member: tarfile.TarInfo, prefix: str) -> Iterator[Entry]:
        """A class's own tar, or one of ImageNet's parts, read as it passes and under the same caps, as a folder of its members."""
        if member.name.endswith(".gz"):  # the devkit, of 2.5 MB
            raw: IO[bytes] = BytesIO(unpacked(self.data(tar, member), MAX_MEMBER_BYTES))
        else:
            raw = cast(IO[bytes], tar.extractfile(member))
        stream = Counted(self.path, raw)
        try:
            inner = opened(stream)
        except STREAM_ERRORS:
            raise Unreadable("damaged", "is no tar, whatever its name says; pack the class's images into it anew") from None
        yield from self.walk(inner, stream, prefix)

    def step(self, tar: tarfile.TarFile, stream: Counted) -> tarfile.TarInfo | None:
        """The next member, past whatever of the last one was not read."""
        try:
            member = tar.next()
        except STREAM_ERRORS:
            raise self.cut() from None
        if member is not None:
            stream.allow(member.size)
        return member

    def name_of(self, member: tarfile.TarInfo) -> str:
        if member.name.isascii():
            return member.name
        raw = member.name.encode(UTF8, "surrogateescape")
        if decodes(raw, UTF8) and not (self.chosen and "path" not in member.pax_headers):
            return raw.decode(UTF8)
        if not self.unsaid.parts:  # one name is too little to tell an encoding by, and what it is read in is read so to the end
            for name in names_ahead(self.path):
                self.unsaid.note(name)
            self.unsaid.note(raw)
        return self.unsaid.text(raw)

    def entry(self, tar: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> Entry:
        if member.isdir():
            return folder_entry(name)
        if not member.isreg() or member.issparse():
            rule = "link" if member.issym() or member.islnk() else "special_file"
            raise Unreadable(rule, "is a link, a device or a sparse file; only plain files are read")
        entry = file_entry(name, bytes)
        if entry.read is None:
            return entry
        data = self.data(tar, member)
        return entry._replace(read=lambda: data, held_bytes=len(data))

    def data(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
        check_member_size(member.size, MAX_MEMBER_BYTES)  # the stream's own ratio is held by the meter
        try:
            stream = tar.extractfile(member)
            data = stream.read() if stream else b""
        except STREAM_ERRORS:
            raise self.cut() from None
        if len(data) != member.size:
            raise self.cut()
        return data


class Skipping(Counted):
    """A plain tar of which the headers alone are read."""

    def seek(self, place: int) -> int:
        return self.stream.seek(place)

    def tell(self) -> int:
        return self.stream.tell()


def names_ahead(path: Path) -> Iterator[bytes]:
    """The names of a tar that are no UTF-8, as far as it is looked at: of a packed one the first part, of another what its first
    members say, however large they are."""
    with path.open("rb") as raw:
        meter = Meter(path, raw)
        try:
            if meter.stream is raw:
                stream: Counted = Skipping(path, raw)
                tar = opened(stream, "r:")
            else:
                stream, tar = meter, opened(meter)
            for _ in range(MEMBERS_AHEAD):
                member = tar.next()
                if member is None or stream.count > BYTES_AHEAD:
                    return
                cast(Any, tar).members = []
                stream.allow(0 if stream is not meter else member.size)
                name = member.name.encode(UTF8, "surrogateescape")
                if not decodes(name, UTF8):
                    yield name
        except (*STREAM_ERRORS, InputError):
            return  # what is wrong with it, the reading itself tells
