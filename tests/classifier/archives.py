"""Archives that are wrong in one way each, as zip and as tar; every one holds an honest dataset of eight pictures beside it."""

from __future__ import annotations

import bz2
import functools
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.classifier import images

GOOD = images.class_folders(4)
FORMS = ("zip", "tar")
Make = Callable[[Path], Path]  # from the path to write to; gives it back

ZEROS = 64 << 20  # bytes that one block of a bomb unpacks to


def packed(form: str, files: Mapping[str, bytes], *, good: bool = True) -> Make:
    """The files in a zip or tar whose names nobody cleans; honest ones before them."""

    def make(path: Path) -> Path:
        whole = {**(GOOD if good else {}), **files}
        return images.raw_zip(path, images.raw_members(whole)) if form == "zip" else images.write_tar(path, whole)

    return make


def members(*odd: dict[str, Any]) -> Make:
    """A zip with members whose headers say what the dictionaries say (`images.raw_zip`)."""
    return lambda path: images.raw_zip(path, [*images.raw_members(GOOD), *odd])


def tar_of(*odd: tuple[tarfile.TarInfo, bytes], packing: str = "") -> Make:
    """A tar with these members behind the honest ones."""

    def make(path: Path) -> Path:
        with tarfile.open(path, f"w:{packing}") as archive:  # type: ignore[call-overload]
            for name, data in GOOD.items():
                archive.addfile(plain(name, len(data)), io.BytesIO(data))
            for member, data in odd:
                archive.addfile(member, io.BytesIO(data))
        return path

    return make


def plain(name: str, size: int = 0, mode: int = 0o644) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, mode
    return member


def special(form: str, name: str, kind: bytes, mode: int, target: str = "", *more: str) -> Make:
    """A member that is no plain file, with plain pictures of the names `more` behind it."""
    data = [images.picture(900 + place) for place in range(len(more))]
    if form == "tar":
        return tar_of((images.tar_member(name, kind, target), b""), *((plain(n, len(d)), d) for n, d in zip(more, data, strict=True)))
    link = {"name": name.encode(), "data": target.encode(), "mode": mode}
    return members(link, *({"name": n.encode(), "data": d} for n, d in zip(more, data, strict=True)))


# Bombs


def zero_block() -> bytes:
    """64 MiB of zeros, deflated so that copies of it may follow each other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(b"\0" * ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)


def many_zeros(gigabytes: int) -> bytes:
    """A raw deflate stream of that many GiB of zeros, about a thousandth of it in bytes."""
    return zero_block() * (gigabytes * (1 << 30) // ZEROS) + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def small_bomb_zip(path: Path) -> Path:
    """One picture of 64 MiB, small enough to be taken, from 64 KB."""
    return members({"name": b"cat/x.png", "packed_data": zero_block(), "size": ZEROS, "method": 8})(path)


def ratio_bomb_zip(path: Path) -> Path:
    """One picture that truly unpacks to 4 GiB, and says so."""
    bomb = {"name": b"cat/x.png", "packed_data": many_zeros(4), "size": (4 << 30) - 2, "method": 8}
    return members(bomb)(path)


def liar_zip(path: Path) -> Path:
    """One picture that says 100 bytes and unpacks to 4 GiB."""
    return members({"name": b"cat/x.png", "packed_data": many_zeros(4), "size": 100, "method": 8})(path)


def tar_header(name: str, size: int) -> bytes:
    return plain(name, size).tobuf(tarfile.GNU_FORMAT)


def ratio_bomb_targz(path: Path) -> Path:
    """A tar.gz whose one picture says 64 GiB and gives them, from 64 MB."""
    head = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = head.compress(tar_header("cat/bomb.png", 64 << 30)) + head.flush(zlib.Z_FULL_FLUSH)
    path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + start + many_zeros(64) + struct.pack("<LL", 0, 0))
    return path


def packed_bomb_tar(packing: str, blocks: int = 64) -> Make:
    """A tar.bz2 or tar.xz of 4 GiB of zeros: one packed stream again and again."""

    def make(path: Path) -> Path:
        squeeze: Any = bz2.compress if packing == "bz2" else functools.partial(lzma.compress, preset=0)
        path.write_bytes(squeeze(tar_header("cat/bomb.png", blocks * ZEROS)) + blocks * (4 * squeeze(b"\0" * (ZEROS // 4))))
        return path

    return make


def overlapping_zip(path: Path) -> Path:
    """A thousand names for the same packed bytes, as Fifield's bomb has them."""
    first = {"name": b"cat/0000.png", "packed_data": zero_block(), "size": ZEROS, "method": 8}
    return images.raw_zip(path, [first, *({**first, "name": b"cat/%04d.png" % n, "at": 0} for n in range(1, 1000))])


def quoted_overlap_zip(path: Path) -> Path:
    """Each member's bytes hold the next member's header too."""
    inner = images.raw_zip(path, images.raw_members({f"dog/{n}.png": images.picture(n) for n in range(3)})).read_bytes()
    outer = {"name": b"cat/0.png", "data": inner[: inner.index(b"PK\1\2")]}
    hidden = {"name": b"dog/0.png", "data": images.picture(0), "at": 30 + len(outer["name"])}
    return images.raw_zip(path, [outer, hidden])


# Sizes that lie, ends that are missing


def claims_more_tar(path: Path) -> Path:
    """A tar whose last picture claims 1 TiB and has 100 bytes."""
    good = packed("tar", {})(path).read_bytes().rstrip(b"\0")
    path.write_bytes(good + b"\0" * (-len(good) % 512) + tar_header("cat/x.png", 1 << 40) + b"\x89PNG" * 25)
    return path


def huge_header(size: int) -> bytes:
    """The beginning of an extended header of so many bytes."""
    member = plain("././@PaxHeader", size)
    member.type = tarfile.XHDTYPE
    return member.tobuf(tarfile.GNU_FORMAT)


def header_without_end(path: Path) -> Path:
    """A tar.gz with an extended header of 2 GiB."""
    head = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = head.compress(huge_header(2 << 30)) + head.flush(zlib.Z_FULL_FLUSH)
    path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + start + many_zeros(2) + struct.pack("<LL", 0, 0))
    return path


def cut(make: Make, share: float) -> Make:
    """Another's file without its end."""

    def shorter(path: Path) -> Path:
        data = make(path).read_bytes().rstrip(b"\0")  # a plain tar ends in padding
        path.write_bytes(data[: int(len(data) * share)])
        return path

    return shorter


def flipped(make: Make) -> Make:
    """Another's file with a run of bytes in the middle changed."""

    def damaged(path: Path) -> Path:
        data = bytearray(make(path).read_bytes())
        middle = len(data) // 2
        data[middle : middle + 64] = bytes(64)
        path.write_bytes(data)
        return path

    return damaged


def raw(data: bytes) -> Make:
    """Exactly these bytes."""

    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


# Very many, very deep


def many_empty(form: str, count: int) -> Make:
    """So many files of no bytes behind the honest ones."""
    names = [f"cat/e{number:06d}.png" for number in range(count)]
    if form == "tar":
        return tar_of(*((plain(name), b"") for name in names), packing="gz")
    return members(*({"name": name.encode()} for name in names))


# Names


def pax_name(name: str) -> Make:
    """A tar whose last picture has a name that only an extended header can say."""

    def make(path: Path) -> Path:
        member = plain("cat/x.png", len(images.picture(5)))
        member.pax_headers = {"path": name}
        with tarfile.open(packed("tar", {})(path), "a", format=tarfile.PAX_FORMAT) as archive:
            archive.addfile(member, io.BytesIO(images.picture(5)))
        return path

    return make


def encoded_names(form: str, encoding: str, first: str, second: str, word: str) -> Make:
    """Two classes of three pictures, whose names are bytes of a legacy encoding and do not say so."""
    names = [f"{label}/{word}{number}.png".encode(encoding) for label in (first, second) for number in range(3)]
    files = {name: images.picture(60 + place) for place, name in enumerate(names)}
    if form == "zip":
        return members(*({"name": name, "data": data} for name, data in files.items()))
    return tar_of(*((plain(name.decode("utf-8", "surrogateescape"), len(data)), data) for name, data in files.items()))


# ILSVRC's training archive in small: a tar of one tar a class


def synset_tars(more: Mapping[str, bytes]) -> Make:
    """Two classes of four pictures, with more files in the first one's tar."""

    def make(path: Path) -> Path:
        outer = {}
        for synset, files in (("n01440764", more), ("n02102040", {})):
            pictures = {f"{synset}_{n}.JPEG": images.picture(int(synset[1:]) + n, "JPEG") for n in range(4)}
            outer[f"{synset}.tar"] = images.write_tar(path, {**pictures, **files}).read_bytes()
        return images.write_tar(path, outer)

    return make


def cut_synset_tar(path: Path) -> Path:
    """The tar of a class ends in the middle of a picture."""
    inner = images.write_tar(path, {"n01440764_0.JPEG": images.photograph(1)}).read_bytes()
    return packed("tar", {"n01440764.tar": inner[:1500]})(path)


def synset_header_without_end(path: Path) -> Path:
    """A class's tar with an extended header of 20 MB."""
    return packed("tar", {"n01440764.tar": huge_header(20 << 20) + bytes(21 << 20)})(path)
