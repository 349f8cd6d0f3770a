"""The few facts of image containers that Pillow passes over: where a file ends, and what stands in it besides pixels."""

from __future__ import annotations

import re
import struct
import zlib
from typing import NamedTuple

from classifier.data.problems import Unreadable

CUT = "is cut short: the file ends before its image does; save or download it again"

JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")  # no stuffed, fill or restart byte
JPEG_KEPT_APPS = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}  # what decoding needs; every other APPn and COM is metadata
JPEG_MOST_SCANS = 200  # progressive images have about ten; each costs a pass over all pixels, for a few bytes
JPEG_COMMON_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive, all Huffman coded

PNG_HEADER = struct.Struct(">II5s")  # width, height; bits a channel, colour, packing, filters, interlacing
PNG_MODES = {b"\x08\0\0\0\0": "L", b"\x08\2\0\0\0": "RGB"}
PNG_BARE = struct.Struct(">16sII5sII4s")  # up to the first pixels where nothing but the header stands before: …, its checksum, length, kind
PNG_BEGIN, PNG_END = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"\0\0\0\0IEND\xae\x42\x60\x82"
PNG_SILENT = {b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tIME", b"bKGD", b"sBIT", b"hIST"}  # chunks that say nothing of what is taken


class CleanJpeg(NamedTuple):
    data: bytes  # the same picture, without metadata and without what stood behind its end
    common: bool  # every usual decoder reads it (Huffman coding, 8 bits)


def clean_jpeg(data: bytes) -> CleanJpeg:
    """Strips the metadata segments of a JPEG; raises Unreadable, "truncated" where the end marker is missing, "bomb" for endless scans."""
    parts, at, common, scans = [b"\xff\xd8"], 2, True, 0
    while True:
        found = JPEG_MARKER.search(data, at)
        if found is None:
            raise Unreadable("truncated", CUT)
        marker = found[1][0]
        parts.append(data[at : found.start()])  # coded pixels of a scan; nothing between other segments
        if marker == 0xD9:
            parts.append(b"\xff\xd9")
            return CleanJpeg(b"".join(parts), common)
        at, segment = jpeg_segment(data, found.end())
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            common = common and marker in JPEG_COMMON_FRAMES and segment[2:3] == b"\x08"
        scans += marker == 0xDA
        if scans > JPEG_MOST_SCANS:
            raise Unreadable("bomb", f"has over {JPEG_MOST_SCANS} scans, as no honest JPEG has; decoding it would take very long")
        if jpeg_keeps(marker, segment):
            parts.append(b"\xff" + found[1] + segment)


def jpeg_segment(data: bytes, start: int) -> tuple[int, bytes]:
    """(where the next one begins, the segment with its two length bytes)."""
    length = int.from_bytes(data[start : start + 2], "big")
    if length < 2 or start + length > len(data):
        raise Unreadable("truncated", CUT)
    return start + length, data[start : start + length]


def jpeg_keeps(marker: int, segment: bytes) -> bool:
    if marker in JPEG_KEPT_APPS:
        return segment[2:].startswith(JPEG_KEPT_APPS[marker])
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE or marker == 0x01 or marker == 0xD8)


def mended_png(data: bytes) -> tuple[bytes, bool]:
    """(the PNG with right checksums, whether one was wrong); raises Unreadable("truncated") without a whole IEND."""
    at, wrong = 8, []
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        crc = zlib.crc32(memoryview(data)[at + 4 : end - 4])
        if crc != int.from_bytes(data[end - 4 : end], "big"):
            wrong.append((end - 4, crc))
        if data[at + 4 : at + 8] == b"IEND":
            return with_checksums(data[:end], wrong), bool(wrong)
        at = end
    raise Unreadable("truncated", CUT)


class PlainPng(NamedTuple):
    """A PNG that has nothing but pixels of the usual kind."""

    mode: str  # L or RGB
    width: int
    height: int
    coded: bytes  # its pixels, filtered by row and packed by zlib


def bare_png(data: bytes, most_pixels: int) -> PlainPng | None:
    """What `mended_png` and then `plain_png` make of a whole PNG of header, pixels in one piece and end, and nothing wrong with it, as
    most small ones are, at a third of the cost; None for any other."""
    if len(data) < PNG_BARE.size + 4 + len(PNG_END) or not data.endswith(PNG_END):
        return None
    begin, width, height, kind_of_pixels, header_crc, length, kind = PNG_BARE.unpack_from(data)
    mode, end = PNG_MODES.get(kind_of_pixels), PNG_BARE.size + length
    whole = begin == PNG_BEGIN and kind == b"IDAT" and end + 4 + len(PNG_END) == len(data)
    if not whole or mode is None or not 0 < width * height <= most_pixels:
        return None
    if zlib.crc32(data[12:29]) != header_crc or zlib.crc32(data[37:end]) != int.from_bytes(data[end : end + 4], "big"):
        return None
    return PlainPng(mode, width, height, data[PNG_BARE.size : end])


def plain_png(data: bytes, most_pixels: int) -> PlainPng | None:
    """A whole PNG (`mended_png`) of 8 bits, grey or RGB, not interlaced, at most so large, whose other chunks change nothing of what is
    seen; None for any other."""
    if data[8:16] != b"\0\0\0\x0dIHDR" or len(data) < 33:
        return None
    width, height, kind_of_pixels = PNG_HEADER.unpack_from(data, 16)
    mode = PNG_MODES.get(kind_of_pixels)
    if mode is None or not 0 < width * height <= most_pixels:
        return None
    at, coded = 33, []
    while (kind := data[at + 4 : at + 8]) != b"IEND":
        length = int.from_bytes(data[at : at + 4], "big")
        if kind == b"IDAT":
            coded.append(data[at + 8 : at + 8 + length])
        elif kind not in PNG_SILENT:
            return None
        at += 12 + length
    return PlainPng(mode, width, height, b"".join(coded))


def with_checksums(data: bytes, wrong: list[tuple[int, int]]) -> bytes:
    if not wrong:
        return data
    mended = bytearray(data)
    for at, crc in wrong:
        mended[at : at + 4] = crc.to_bytes(4, "big")
    return bytes(mended)


def check_gif_end(data: bytes) -> None:
    """Walks the blocks to the trailer; raises Unreadable("truncated") where there is none."""
    try:
        at = 13 + colour_table_bytes(data[10])
        while data[at] != 0x3B:
            if data[at] == 0x2C:  # an image: descriptor, its colours, the code size
                at += 10 + colour_table_bytes(data[at + 9]) + 1
            elif data[at] == 0x21:  # an extension and its label
                at += 2
            else:
                return  # not ours to judge: the decoder will say
            while data[at]:
                at += data[at] + 1
            at += 1
    except IndexError:
        raise Unreadable("truncated", CUT) from None


def colour_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def check_said_length(data: bytes, at: int, more: int = 0) -> None:
    """WebP and BMP say their own length in the header (`more` bytes of it not counted)."""
    if int.from_bytes(data[at : at + 4], "little") + more > len(data):
        raise Unreadable("truncated", CUT)
