"""The table of contents of a zip: read in blocks, whatever its records carry."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest

from classifier.data import zips
from classifier.data.directory import Damaged, records_of
from classifier.data.zips import ZipSource
from classifier.spec.errors import InputError
from tests.classifier import images

MANY = 2000


def written(path: Path, count: int, *, extra: bytes = b"", comment: bytes = b"") -> Path:
    """A zip of text files; every second one carries extra fields, every third one a comment."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            member = zipfile.ZipInfo(f"{number % 3}/{number}.png")
            member.extra, member.comment = extra * (number % 2), comment * (number % 3 == 0)
            archive.writestr(member, str(number))
    return path


def known(path: Path) -> list[tuple[bytes, int, int]]:
    """(name, bytes, checksum) as Python's own reader has them."""
    with zipfile.ZipFile(path) as archive:
        return [(member.filename.encode(), member.file_size, member.CRC) for member in archive.infolist()]


@pytest.mark.parametrize("block", [150, 151, 1000, 1 << 18])
def test_records_are_the_same_in_blocks_of_any_size(tmp_path, monkeypatch, block):
    monkeypatch.setattr(zips, "BLOCK", block)
    path = written(tmp_path / "a.zip", 50, extra=b"UT\5\0\3aaaa", comment=b"a word about it")
    source = ZipSource(path)
    found = [(name, key[4], key[2]) for part in source.records() for name, _, _, key in part]
    assert found == known(path)
    assert [source.read(key) for part in source.records() for *_, key in part] == [str(number).encode() for number in range(50)]


def test_the_end_of_the_table_is_read_once(tmp_path, monkeypatch):
    """Not once a record: the last ones of each table were, up to 190 kB each time."""
    taken, plain = [], os.pread
    monkeypatch.setattr(os, "pread", lambda file, length, at: taken.append(length) or plain(file, length, at))
    path = written(tmp_path / "a.zip", MANY)
    source = ZipSource(path)
    assert len(list(source.entries())) == MANY and sum(taken) < 3 * path.stat().st_size


def test_a_comment_that_is_cut_off_behind_the_last_name_is_nothing_to_us(tmp_path):
    path = written(tmp_path / "a.zip", 1, comment=b"a word about it")
    block = path.read_bytes()
    block = block[block.index(b"PK\1\2") :]
    name = 46 + len("0/0.png")
    assert records_of(block[: name + 3], 0, last=True).names == [b"0/0.png"]
    with pytest.raises(Damaged):
        records_of(block[: name - 1], 0, last=True)
    with pytest.raises(Damaged):
        records_of(b"PK\5\6" + block[4:], 0, last=True)


def test_sizes_beyond_all_measure_are_refused_in_words(tmp_path):
    """A 64-bit field can say what no sum of two has room for."""
    path = images.write_zip(tmp_path / "a.zip", images.class_folders(1))
    body = bytearray(path.read_bytes())
    at = body.index(b"PK\1\2")
    whole, field = b"\xff" * 4, b"\1\0\x18\0" + b"\xff" * 24
    record = body[at : at + 46 + int.from_bytes(body[at + 28 : at + 30], "little")]
    record[20:28], record[42:46] = whole * 2, whole
    record[30:32] = len(field).to_bytes(2, "little")
    found = records_of(bytes(record + field), 0, last=True)
    ((_, _, _, key),) = list(found)
    assert key[3] + key[5] < 1 << 63 and int(found.offset[0] + found.packed[0]) > 0


@pytest.mark.parametrize("place", [(1 << 64) - 1, 1 << 63, 7], ids=["behind any file", "behind the last place", "before the file"])
def test_a_table_of_contents_that_lies_nowhere_is_told(tmp_path, place):
    """The last one is looked for in front of the file, too: it is so short."""
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place, 1)
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\3\4" + locator + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    with pytest.raises(InputError, match="its 64-bit table of contents is missing"):
        ZipSource(path)
