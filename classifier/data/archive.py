"""A source of files (zip, tar or folder), read one member at a time, straight into memory.

Nothing is ever extracted to disk, so no name can lead anywhere. Only regular files are read; every cap is held
while bytes stream, whatever a header promises.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from classifier.data.boxes.box import Box
from classifier.data.encodings import UTF8, Unsaid, decodes
from classifier.data.endings import said_of
from classifier.data.names import clean_path, folder_of, is_litter_folder, is_table_name, kind_of, shown
from classifier.data.problems import Unreadable
from classifier.spec.errors import InputError

MEGABYTE = 1 << 20
MAX_MEMBERS = 5_000_000
MAX_MEMBER_BYTES = 256 * MEGABYTE  # one file
MAX_TOTAL_BYTES = 2048 * 1024 * MEGABYTE  # all files
MAX_RATIO = 200  # unpacked to packed bytes; images hardly shrink, bombs do
RATIO_FREE_BYTES = 16 * MEGABYTE  # up to here any ratio is harmless
ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")  # of "PK" alone also a tar may begin, with a member's name
NAMES_AHEAD = 200_000  # that are looked at where one says no encoding
TARS_DEPTH = 2  # folders down to which ILSVRC's tars are opened
SOME_NAMES = 100  # of a folder that tell whether it is one of such tars
LINK = "is a link that leads to no file inside the folder; links are not followed out of it"


class Entry(NamedTuple):
    """One member: an image to read, a file of many images, an (empty) folder, litter, or something refused by a rule."""

    path: str
    kind: Literal["image", "box", "folder", "litter", "refused"]
    read: Callable[[], bytes] | None = None  # the bytes, where they are of use; may raise Unreadable
    held_bytes: int = 0  # what `read` already holds in memory
    size_bytes: int = 0  # what `read` will take, as far as it is known
    rule: str = ""
    message: str = ""
    box: Box | None = None  # what a file of many images says of them; they follow as entries of their own
    key: Any = None  # by what `Source.read` gives the bytes in a forked process; None where `read` holds them already
    changed: int = 0  # when its file was last, in ns; 0 in an archive, which is one file


class Source(Protocol):
    """What the importer reads from."""

    path: Path
    unsaid: Unsaid  # its names that say no encoding
    rewindable: bool  # whether `entries` can be walked first without reading data
    total: int | None  # entries in it, where an archive's table of contents says so

    def entries(self) -> Iterator[Entry]:
        """Every member in order; raises InputError where the archive itself is broken."""
        ...

    def read(self, key: Any) -> bytes:
        """The bytes of an entry by its key; may raise Unreadable. Safe in processes that are forked from the one that opened it."""
        ...

    def fraction(self) -> float | None:
        """The share of a stream that was read, 0..1; None for a rewindable source."""
        ...

    def close(self) -> None: ...


def refused(path: str, rule: str, message: str) -> Entry:
    return Entry(shown(path), "refused", rule=rule, message=message)


def folder_entry(name: str) -> Entry:
    path = clean_path(name)
    return Entry(path, "litter" if not path or is_litter_folder(path) else "folder")


def file_entry(name: str, read: Callable[[], bytes], size_bytes: int = 0, key: Any = None) -> Entry:
    """A regular file's entry, judged by its name; raises Unreadable for a name that is refused."""
    path = clean_path(name)
    if not path:
        raise Unreadable("unsafe_name", "has no name of its own")
    kind = kind_of(path)
    if kind == "archive":
        return refused(path, "nested_archive", "is an archive inside the archive; unpack it and pack its folders instead")
    if kind == "other":
        return refused(path, "unknown_ending", said_of(path))
    useful = kind in ("image", "box") or is_table_name(path)
    return Entry(path, kind, read, 0, size_bytes, key=key) if useful else Entry(path, kind, size_bytes=size_bytes)


def check_member_size(size: int, packed: int) -> None:
    """Raises Unreadable for a size over the caps; `packed` is what it takes in the archive."""
    if size > MAX_MEMBER_BYTES:
        raise Unreadable("too_large", f"has {size / MEGABYTE:,.0f} MB; at most {MAX_MEMBER_BYTES // MEGABYTE} MB a file are taken")
    if size > RATIO_FREE_BYTES and size > MAX_RATIO * packed:
        raise Unreadable("bomb", f"unpacks to {MAX_RATIO} times its size or more, as a decompression bomb does")


def open_source(path: Path, encoding: str = "") -> Source:
    """The source at a path, its names that say no encoding read in that one; raises InputError for what is neither folder, zip nor
    tar."""
    from classifier.data.boxes.unfold import Unfolded

    return Unfolded(opened(path, encoding))


def opened(path: Path, encoding: str = "") -> Source:
    """The files at a path as they are."""
    from classifier.data.tars import TarSource
    from classifier.data.zips import ZipSource

    if not path.exists():
        raise InputError(f"{path} does not exist; give a zip, a tar or a folder.")
    if path.is_dir():
        return FolderSource(path, encoding)
    if not path.is_file():
        raise InputError(f"{path} is no regular file; give a zip, a tar or a folder.")
    if not path.stat().st_size:
        raise InputError(f"{path} is empty (0 bytes); was it copied whole?")
    with path.open("rb") as file:
        head = file.read(4)
    return ZipSource(path, encoding) if head in ZIP_BEGINS or has_zip_end(path) else TarSource(path, encoding)


def has_zip_end(path: Path) -> bool:
    """A self-extracting zip begins with a program."""
    with path.open("rb") as file:
        if file.read(2) != b"MZ":
            return False
        file.seek(max(0, path.stat().st_size - 65_557))
        return b"PK\x05\x06" in file.read()


class FolderSource:
    """A folder of files, walked in sorted order; links are followed only to files inside it."""

    def __init__(self, path: Path, encoding: str = "") -> None:
        self.path = path
        self.unsaid = Unsaid(encoding)
        self.root = path.resolve()
        self.rewindable = not holds_tars(self.root)
        self.total: int | None = None

    def entries(self) -> Iterator[Entry]:
        yield from self.walk(self.root, "")

    def fraction(self) -> float | None:
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def walk(self, folder: Path, prefix: str) -> Iterator[Entry]:
        try:
            self.check_own(Path(os.path.realpath(folder)))
            with os.scandir(folder) as items:
                found = sorted(items, key=lambda item: item.name)
        except OSError as error:
            yield refused(prefix or ".", "unreadable", f"cannot be opened: {error.strerror}")
            return
        except Unreadable as error:
            yield refused(prefix or ".", error.rule, error.message)
            return
        for item in found:
            name = prefix + self.name_of(item.name)
            inside = folder_of(item.name) if prefix.count("/") < TARS_DEPTH else ""
            if inside and item.is_file(follow_symlinks=False):
                yield from self.part(Path(item.path), name, f"{prefix}{inside}/")
                continue
            try:
                entry = self.entry(item, name)
            except Unreadable as error:
                entry = refused(name, error.rule, error.message)
            yield entry
            if entry.kind == "folder":
                yield from self.walk(Path(item.path), name + "/")

    def name_of(self, name: str) -> str:
        """A file system's name as text; bytes that are no UTF-8 are read as an archive's would be."""
        if name.isascii() or decodes(raw := os.fsencode(name), UTF8):
            return name
        if not self.unsaid.parts:
            self.look_ahead()
            self.unsaid.note(raw)
        return self.unsaid.text(raw)

    def look_ahead(self) -> None:
        """Notes the names that are no UTF-8."""
        looked = 0
        for _, folders, files in os.walk(os.fsencode(self.root)):
            for name in (*folders, *files):
                if not decodes(name, UTF8):
                    self.unsaid.note(name)
            looked += len(files) + 1
            if looked > NAMES_AHEAD:
                return

    def entry(self, item: os.DirEntry[str], name: str) -> Entry:
        if item.is_dir(follow_symlinks=False):
            return folder_entry(name)
        if item.is_symlink() and not self.leads_to_own_file(Path(item.path)):
            return refused(name, "link", LINK)
        about = item.stat()
        if not stat.S_ISREG(about.st_mode):
            return refused(name, "special_file", "is no regular file")
        return file_entry(name, lambda: self.read(item.path), about.st_size, item.path)._replace(changed=about.st_mtime_ns)

    def part(self, path: Path, name: str, folder: str) -> Iterator[Entry]:
        """The members of ILSVRC's tar of a class or a part, as those of a folder."""
        try:
            self.check_own(Path(os.path.realpath(path)))
        except Unreadable as error:
            yield refused(name, error.rule, error.message)
            return
        yield from tar_entries(path, folder)

    def leads_to_own_file(self, link: Path) -> bool:
        target = Path(os.path.realpath(link))
        return target.is_relative_to(self.root) and target.is_file()

    def check_own(self, real: Path) -> None:
        """Raises Unreadable for a path, its links resolved, that is not in the folder: others may change it while it is read."""
        if not real.is_relative_to(self.root):
            raise Unreadable("link", LINK)

    def read(self, key: str) -> bytes:
        """A file's bytes. What was opened is judged, not its name, which may be a link or a pipe since it was listed."""
        path = Path(key)
        try:
            number = open_now(path)
            with os.fdopen(number, "rb") as file:
                if not stat.S_ISREG(os.fstat(number).st_mode):
                    raise Unreadable("special_file", "is no regular file")
                self.check_own(real_path(number, path))
                data = file.read(MAX_MEMBER_BYTES + 1)
        except OSError as error:
            raise Unreadable("unreadable", f"cannot be opened: {error.strerror}") from None
        check_member_size(len(data), len(data))
        return data


def open_now(path: Path) -> int:
    """The number of the opened file. A pipe, which would let us wait for ever, is opened without waiting."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except BlockingIOError:  # no pipe does so: a file server (Samba) has lent the file to somebody, and takes it back now
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def real_path(number: int, path: Path) -> Path:
    """Where an open file lies, as the system has it; by its name where there is no such list."""
    try:
        return Path(f"/proc/self/fd/{number}").readlink()
    except OSError:
        return Path(os.path.realpath(path))


def holds_tars(root: Path) -> bool:
    """Whether ILSVRC's own tars lie in a folder, or those of its classes one level down: they are read where they lie, and to look
    at their names first would read 150 GB twice."""
    return any(folder_of(item.name) or any(folder_of(below.name) for below in some_of(item)) for item in listed(root))


def some_of(item: os.DirEntry[str]) -> list[os.DirEntry[str]]:
    return listed(item.path, SOME_NAMES) if item.is_dir(follow_symlinks=False) else []


def listed(folder: str | Path, most: int | None = None) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing of one that cannot be opened, which the walk itself tells."""
    try:
        with os.scandir(folder) as items:
            return list(islice(items, most))
    except OSError:
        return []


def tar_entries(path: Path, prefix: str) -> Iterator[Entry]:
    """The members of a tar, as if it were a folder of that name."""
    from classifier.data.tars import TarSource

    source, changed = TarSource(path), path.stat().st_mtime_ns
    try:
        for entry in source.entries():
            yield entry._replace(path=prefix + entry.path, changed=changed)
    finally:
        source.close()
