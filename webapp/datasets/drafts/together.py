"""The archive in which corrected images of a draft gather. It is never changed: what comes makes a new one, under a name of its own.

Each member's comment is the hash of its file, so that nothing is read to know which images wait.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.conf import settings

from webapp.datasets import files

NAME_LENGTH = 120
SIGNS = {  # how a file begins: its ending
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n": "png",
    b"GIF8": "gif",
    b"BM": "bmp",
    b"II*\0": "tif",
    b"MM\0*": "tif",
    **{b"P%d" % number: "ppm" for number in range(1, 7)},
}
ENDINGS = {"jpg", "jpeg", "jpe", "jfif", "mpo", "png", "apng", "gif", "bmp", "dib", "webp", "tif", "tiff", "avif"}
ENDINGS |= {"ppm", "pgm", "pbm", "pnm"}


class Overtaken(Exception):
    """Somebody else's correction took the archive's place meanwhile."""


def kind_of(data: bytes) -> str | None:
    """The ending of an image file by how it begins; None of what is none. Sealing opens it; this saves a draft from what never was one."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"):
        return "avif"
    return next((ending for sign, ending in SIGNS.items() if data.startswith(sign)), None)


def member_name(name: str, data: bytes, taken: set[str]) -> str:
    """As the file is called, with an ending of an image, and as no other one."""
    clean = files.shown_name(name).replace(":", "-").lstrip(".~ ") or "image"  # as archives may name a file on every system
    path = PurePosixPath(clean)
    known = path.suffix.lower().removeprefix(".") in ENDINGS
    stem, ending = (path.stem[:NAME_LENGTH], path.suffix) if known else (clean[:NAME_LENGTH], f".{kind_of(data) or 'png'}")
    names = (f"{stem}{f' ({number})' if number else ''}{ending}" for number in range(len(taken) + 1))
    return next(free for free in names if free.casefold() not in taken)


def digests(path: Path) -> list[str]:
    """The hashes of the files in it. Overtaken where it is not there any more."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [member.comment.decode("ascii") for member in archive.infolist()]
    except FileNotFoundError:
        raise Overtaken from None


@contextmanager
def grown(old: Path | None, images: Mapping[str, tuple[str, bytes]]) -> Iterator[files.Arrived]:
    """What the old one holds and these, {hash: (name, bytes)}, for as long as the block lasts. StorageFull where the disk is,
    Overtaken where the old one is not there any more."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / "corrections.zip"
        with files.no_room_in_words():
            if old is not None:
                try:
                    shutil.copyfile(old, path)
                except FileNotFoundError:
                    raise Overtaken from None
            with zipfile.ZipFile(path, "a") as archive:  # of what is compressed already
                taken = {name.casefold() for name in archive.namelist()}
                for digest, (name, data) in images.items():
                    member = zipfile.ZipInfo(member_name(name, data, taken))
                    member.comment = digest.encode("ascii")
                    archive.writestr(member, data)
                    taken.add(member.filename.casefold())
        yield files.Arrived(path)


@contextmanager
def without(old: Path, hashes: Collection[str]) -> Iterator[files.Arrived]:
    """What the old one holds but the images of those hashes, for as long as the block lasts. Raises as `grown` does."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / "corrections.zip"
        with files.no_room_in_words():
            try:
                source = zipfile.ZipFile(old)
            except FileNotFoundError:
                raise Overtaken from None
            with source, zipfile.ZipFile(path, "w") as archive:
                for member in source.infolist():
                    if member.comment.decode("ascii") not in hashes:
                        archive.writestr(member, source.read(member))
        yield files.Arrived(path)
