"""A dataset's folder: the uploaded archive comes in whole or not at all, and goes out again."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import DatabaseError, InterfaceError, OperationalError

from classifier.spec.errors import ClassifierError, ConfigError
from webapp.core.ids import new_id
from webapp.core.words import bytes_size

SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz", ".tar", ".zip")
NAME_LENGTH = 255
BLOCK_BYTES = 1 << 20
NEW_FOLDERS = 3  # above an archive, each with a name in the next that must be on disk too
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Arrived:
    """An archive that lies whole on this disk under another name, which its owner removes once the dataset has it."""

    path: Path


Archive: TypeAlias = "UploadedFile[Any] | Path | Arrived"


class StorageFull(ClassifierError):
    """The disk has no room for what was uploaded; nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__(
            "The server's disk is full, so the archive was not kept. Free some space on it, then upload again.",
            retry=True,
            code="storage_full",
        )


def shown_name(name: str) -> str:
    """The user's file name without folders and control characters; for showing, never for opening."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(letter for letter in last if letter.isprintable()).strip()
    return clean[-NAME_LENGTH:] or "archive"


def stored_name(name: str) -> str:
    """The server's own name for an archive; only a known ending is taken from the user's."""
    return f"archive-{new_id()}" + next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")


def size_of(archive: Archive) -> int:
    """Bytes of an archive."""
    if isinstance(archive, Arrived):
        return archive.path.stat().st_size
    return archive.stat().st_size if isinstance(archive, Path) else int(archive.size or 0)


def check_size(archive: Archive) -> int:
    """Its bytes; ConfigError when it is empty or over the limit."""
    size = size_of(archive)
    if size == 0:
        raise ConfigError({"archive": "is empty (0 bytes); expected a zip or tar of images"})
    if size > settings.UPLOAD_MAX_BYTES:
        most = bytes_size(settings.UPLOAD_MAX_BYTES)
        raise ConfigError({"archive": f"has {bytes_size(size)}; this server takes up to {most} (SYNSET_UPLOAD_MAX_BYTES)"})
    return size


@contextmanager
def arriving(folder: Path, archive: Archive, name: str, kept: Callable[[], bool], where: str = "upload") -> Iterator[Path]:
    """The archive in folder/upload/, or in `where`, on disk for good, under a name of its own. It goes again when the block fails.

    `kept` says whether the block's rows were committed after all, see `may_stand`.
    """
    target = folder / where / stored_name(name)
    new = not folder.exists()
    try:
        with no_room_in_words():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place(archive, target)
        yield target
    except BaseException as error:
        if not may_stand(error, kept):
            target.unlink(missing_ok=True)
            if new:
                remove(folder)
        raise


def may_stand(error: BaseException, kept: Callable[[], bool]) -> bool:
    """Whether rows may be there though their commit failed: a database that goes away has committed them, or not, before it could say so.

    What was sent is then not taken away from under them; without rows it is swept in a day.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    try:
        return kept()
    except DatabaseError:
        return True


@contextmanager
def no_room_in_words() -> Iterator[None]:
    """Turns a full disk's OSError into StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull from error
        raise


def place(archive: Archive, target: Path) -> None:
    """Moves what already lies on this disk, copies the rest, and waits until it is durable."""
    here = path_here(archive)
    try:
        if here is None:
            copy(archive, target)
        else:
            os.link(here, target)  # its other name goes when Django, or the upload's end, removes it
    except OSError as error:
        if here is None or error.errno in FULL:
            raise
        copy(archive, target)  # another disk, or one without hard links
    sync(target)
    for folder in list(target.parents)[:NEW_FOLDERS]:
        sync(folder)


def path_here(archive: Archive) -> Path | None:
    """Where an archive lies that may be had by a second name; None where its bytes must be copied."""
    if isinstance(archive, Arrived):
        return archive.path
    return Path(archive.temporary_file_path()) if isinstance(archive, TemporaryUploadedFile) else None


def copy(archive: Archive, target: Path) -> None:
    """Byte by byte, a block at a time."""
    with target.open("wb") as out:
        if isinstance(archive, Path | Arrived):
            path = archive if isinstance(archive, Path) else archive.path
            with path.open("rb") as source:
                shutil.copyfileobj(source, out, BLOCK_BYTES)
        else:
            for block in archive.chunks(BLOCK_BYTES):
                out.write(block)


def sync(path: Path) -> None:
    """Waits until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_free(path: Path) -> bool:
    """Whether no living process holds the file or folder."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def archive_path(folder: Path, name: str) -> Path | None:
    """The archive of that name that waits for its import, the newest where there is no name; None once it was imported."""
    upload = folder / "upload"
    if name:
        return upload / name if (upload / name).is_file() else None
    return max(upload.iterdir(), default=None) if upload.is_dir() else None


def remove(folder: Path) -> None:
    """Deletes a folder; under another name first, so that nothing half deleted is ever found."""
    gone = folder.with_name(f".gone-{folder.parent.name}-{folder.name}")
    try:
        folder.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)
