"""The zip that is written as it is read, as other programs read it."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pytest

from webapp.datasets.downloads import zips
from webapp.datasets.downloads.zips import Changed, Member, Members

MOMENT = datetime(2026, 11, 29, 6, 30, 10, tzinfo=UTC)


def members_of(files: dict[str, bytes]) -> Members:
    return lambda: [Member(name, len(data), lambda data=data: [data]) for name, data in files.items()]


def made(members: Members) -> bytes:
    return b"".join(zips.written(members, MOMENT))


FILES = {"train/ant/1.jpg": b"one", "train/貓/2.jpg": b"", "names.txt": b"x" * 100_000}


def test_the_standard_library_reads_it_whole() -> None:
    with zipfile.ZipFile(io.BytesIO(made(members_of(FILES)))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert archive.getinfo("names.txt").date_time == (2026, 11, 29, 6, 30, 10)


def test_its_length_is_known_before_it_is_made() -> None:
    members = members_of(FILES)
    assert zips.length(members) == len(made(members))


@pytest.mark.skipif(shutil.which("unzip") is None, reason="there is no unzip here")
def test_unzip_reads_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    path.write_bytes(made(members_of(FILES)))
    done = subprocess.run(["unzip", "-t", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "No errors detected" in done.stdout


def test_more_files_than_a_short_directory_holds_are_all_there() -> None:
    members = members_of({f"{number}.txt": b"" for number in range(66_000)})
    whole = made(members)
    assert len(whole) == zips.length(members)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert len(archive.namelist()) == 66_000 and archive.read("65999.txt") == b""


def test_a_zip_over_four_gigabytes_names_long_places_and_sizes() -> None:
    """Its records, and not its bytes, which are made up: a part that says that it is five gigabytes long."""

    class Long(bytes):
        def __len__(self) -> int:
            return 5 << 30

    def members() -> Iterator[Member]:
        yield Member("long.bin", 5 << 30, lambda: [Long(b"ab")], crc32(b"ab"))
        yield Member("behind.txt", 2, lambda: [b"cd"])

    whole = made(members)
    assert zips.length(members) == len(whole) - 2 + (5 << 30)
    central = whole[whole.index(b"PK\x01\x02") :]
    assert int.from_bytes(central[46 + 8 + 4 : 46 + 8 + 12], "little") == 5 << 30  # behind the name and the extra's head
    second = central[central.index(b"PK\x01\x02", 4) :]
    assert second[42:46] == b"\xff" * 4 and int.from_bytes(second[46 + 10 + 4 : 46 + 10 + 12], "little") > 5 << 30
    assert b"PK\x06\x06" in whole and b"PK\x06\x07" in whole


def test_a_file_that_is_not_as_long_as_was_said_ends_it() -> None:
    with pytest.raises(Changed, match=r"a\.txt"):
        made(lambda: [Member("a.txt", 3, lambda: [b"ab"])])
    with pytest.raises(Changed, match=r"a\.txt"):
        made(lambda: [Member("a.txt", 3, lambda: [b"abcd"])])


def test_no_member_is_read_before_its_turn() -> None:
    asked: list[str] = []

    def members() -> Iterator[Member]:
        for name in ("a", "b"):
            yield Member(name, 1, lambda name=name: asked.append(name) or [b"x"])

    parts = zips.written(members, MOMENT)
    next(parts)
    assert asked == ["a"]
