"""Test images and archives, good and bad, made from scratch: small, the same every time."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (40, 60, 220), "grey": (128, 128, 128)}


def pixels(seed: int = 0, width: int = 16, height: int = 16, colour: tuple[int, int, int] = (120, 90, 60)) -> np.ndarray:
    """uint8 [height, width, 3]: one colour with seeded noise, so that no two seeds give the same bytes."""
    noise = np.random.default_rng(seed).integers(-30, 30, (height, width, 3))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def picture(seed: int = 0, kind: str = "PNG", width: int = 16, height: int = 16, mode: str = "RGB", **options: Any) -> bytes:
    """The bytes of one seeded image file."""
    return encoded(Image.fromarray(pixels(seed, width, height)).convert(mode), kind, **options)


def photograph(seed: int = 0, kind: str = "JPEG", width: int = 120, height: int = 80, **options: Any) -> bytes:
    """An image over the size up to which raw pixels are kept."""
    return picture(seed, kind, width, height, **options)


def class_folders(per_class: int = 4, labels: tuple[str, ...] = ("cat", "dog"), prefix: str = "") -> dict[str, bytes]:
    """{path: bytes} of a small honest dataset of PNGs."""
    return {
        f"{prefix}{label}/{number}.png": picture(seed=1000 * position + number)
        for position, label in enumerate(labels)
        for number in range(per_class)
    }


def write_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return path


def write_tar(path: Path, files: Mapping[str, bytes], packing: str = "") -> Path:
    """`packing`: "", "gz", "bz2" or "xz"."""
    with tarfile.open(path, f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(member, io.BytesIO(data))
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return path


def odd_tar(path: Path, *members: tarfile.TarInfo, files: Mapping[str, bytes] | None = None) -> Path:
    """A tar of an honest dataset with extra members that have no data."""
    write_tar(path, files if files is not None else class_folders())
    with tarfile.open(path, "a") as archive:
        for member in members:
            archive.addfile(member)
    return path


def tar_member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    return member


def raw_zip(path: Path, members: list[dict[str, Any]]) -> Path:
    """A zip whose every header field can lie; each member has name and data, and may set
    flags, method, crc, size, packed, mode, packed_data and `at` (the local header's offset)."""
    body, directory = bytearray(), bytearray()
    for member in members:
        name, data = member["name"], member.get("data", b"")
        stored = member.get("packed_data", data)
        crc, flags, method = member.get("crc", zlib.crc32(data)), member.get("flags", 0), member.get("method", 0)
        sizes = (member.get("packed", len(stored)), member.get("size", len(data)))
        at = member.get("at", len(body))
        if "at" not in member:
            body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 0, crc, *sizes, len(name), 0) + name + stored
        attributes = member.get("mode", 0) << 16
        record = (b"PK\1\2", 3 << 8 | 20, 20, flags, method, 0, 0, crc, *sizes, len(name), 0, 0, 0, 0, attributes, at)
        directory += struct.pack("<4s6H3L5H2L", *record) + name
    count = min(len(members), 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path


def raw_members(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [{"name": name.encode(), "data": data} for name, data in files.items()]


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


# Single images that are wrong in one way


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, rows: bytes = b"") -> bytes:
    """A grey PNG with the header it is told, extra chunks, and rows of its own."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(rows or b"\0" * (width + 1) * height)) if width * height < 10**7 else b""
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + body + png_chunk(b"IEND", b"")


def text_bomb() -> bytes:
    return png(16, 16, png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * (4 << 20))))


def flat_png_bomb(side: int = 12_000) -> bytes:
    """Decodes to side² pixels from a few kilobytes."""
    packer, row = zlib.compressobj(1), b"\0" * (side + 1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def with_bad_checksum(data: bytes) -> bytes:
    """A PNG whose IDAT has a wrong CRC; its pixels are as they were."""
    at = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[at - 4 : at])
    end = at + 4 + length
    return data[:end] + bytes([data[end] ^ 0xFF]) + data[end + 1 :]


def animated(kind: str) -> bytes:
    first, *rest = (Image.fromarray(pixels(seed, 24, 24)) for seed in range(3))
    return encoded(first, kind, save_all=True, append_images=rest)


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
HTML = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n0 0 moveto 9 9 lineto stroke\nshowpage\n"
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"
GIF_SCRIPT = picture(3, "GIF") + b"*/=1;alert(document.domain)//"


def unreadable_images() -> dict[str, tuple[str, bytes]]:
    """{file name: (the rule it must meet, its bytes)}."""
    jpeg, small = photograph(7), picture(7)
    cut = {
        "cut-half.jpg": jpeg[: len(jpeg) // 2],
        "cut-byte.jpg": jpeg[:-1],
        "cut-half.png": small[: len(small) // 2],
        "cut-byte.png": small[:-1],
        **{
            f"cut-{name}.{kind.lower()}": end(picture(7, kind, 90, 90))
            for kind in ("GIF", "BMP", "WEBP", "PPM")
            for name, end in CUTS.items()
        },
        "cut-half.tif": photograph(7, "TIFF")[:9000],
    }
    return {
        **{name: ("truncated", data) for name, data in cut.items()},
        "empty.jpg": ("empty", b""),
        "twenty-zeros.png": ("not_an_image", b"\0" * 20),
        "twenty.jpg": ("truncated", jpeg[:20]),
        "text.jpg": ("not_an_image", b"this is no image at all, whatever its name says"),
        "drawing.png": ("not_an_image", SVG),
        "page.jpg": ("not_an_image", HTML),
        "eps.png": ("not_an_image", EPS),
        "pointer.jpg": ("lfs_pointer", LFS_POINTER),
        "50000.png": ("too_large", png(50_000, 50_000)),
        "30000-header.png": ("too_large", png(30_000, 30_000)),
        "12000.png": ("too_large", flat_png_bomb()),
        "0x0.png": ("not_an_image", png(0, 0)),
        "text-bomb.png": ("bomb", text_bomb()),
    }


CUTS = {"half": lambda data: data[: len(data) // 2], "byte": lambda data: data[:-1]}
