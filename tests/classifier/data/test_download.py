"""An archive at an address: had whole, gone on with after a broken line, refused in words where it must not or cannot be had."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classifier.data.remote import download as downloads
from classifier.data.remote.download import Wanted, download
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from tests.classifier.disks import small_disk
from tests.classifier.server import LOOPBACK, Served, serving

CONTENT = random.Random(3).randbytes(3_000_000)
MOST = 10_000_000


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(downloads, "WAITS_SECONDS", (0.0,) * 3)
    with serving(Served(CONTENT)) as told:
        yield told


def wanted(served: Served, **more: Any) -> Wanted:
    return Wanted(more.pop("address", served.address), more.pop("most_bytes", MOST), more.pop("networks", LOOPBACK))


def have(served: Served, folder: Path, **more: Any) -> tuple[Path, list[dict[str, Any]]]:
    """(the file, what was told)."""
    told: list[dict[str, Any]] = []
    download(wanted(served, **more), folder / "archive", told.append)
    return folder / "archive", told


def test_a_file_is_had_whole_and_nothing_else_is_left(served: Served, tmp_path: Path) -> None:
    path, told = have(served, tmp_path)
    assert path.read_bytes() == CONTENT and [item.name for item in tmp_path.iterdir()] == ["archive"]
    assert told[0] == {"event": "stage", "stage": "downloading", "message": "Downloading from 127.0.0.1"}
    assert all(event["unit"] == "bytes" and event["total"] == len(CONTENT) for event in told[1:])


def test_a_broken_line_is_gone_on_with_where_it_stopped(served: Served, tmp_path: Path) -> None:
    served.cuts = [1_000_000, 500_000]
    path, told = have(served, tmp_path)
    assert path.read_bytes() == CONTENT
    assert served.ranges_asked == ["", "bytes=1000000-", "bytes=1500000-"]
    assert sum("It is tried again" in event.get("message", "") for event in told) == 2


def test_what_a_killed_process_left_is_gone_on_with(served: Served, tmp_path: Path) -> None:
    def stop_after_some() -> bool:
        return (tmp_path / "archive.part").stat().st_size > 1_000_000

    with pytest.raises(Interrupted, match="what came is kept"):
        download(wanted(served), tmp_path / "archive", should_stop=stop_after_some)
    path, _ = have(served, tmp_path)
    assert path.read_bytes() == CONTENT and served.ranges_asked[1].startswith("bytes=1")


def test_bytes_that_were_never_made_durable_are_had_again(served: Served, tmp_path: Path) -> None:
    served.cuts = [1_000_000]
    with pytest.raises(Interrupted):
        download(wanted(served), tmp_path / "archive", should_stop=lambda: (tmp_path / "archive.part.json").exists())
    with (tmp_path / "archive.part").open("ab") as file:
        file.write(b"torn by a crash")
    assert have(served, tmp_path)[0].read_bytes() == CONTENT


def begins_anew(told: list[dict[str, Any]]) -> bool:
    return any("it begins anew" in event.get("message", "") for event in told)


def test_a_server_that_gives_no_parts_is_asked_for_all_of_it_again(served: Served, tmp_path: Path) -> None:
    served.cuts, served.ranges = [1_000_000], False
    path, told = have(served, tmp_path)
    assert path.read_bytes() == CONTENT and begins_anew(told)


def test_a_file_without_a_sure_mark_is_not_pieced_together(served: Served, tmp_path: Path) -> None:
    served.cuts, served.tag = [1_000_000], 'W/"perhaps"'
    path, told = have(served, tmp_path)
    assert path.read_bytes() == CONTENT and begins_anew(told) and served.ranges_asked == ["", ""]


def test_a_file_that_was_changed_meanwhile_is_had_anew(served: Served, tmp_path: Path) -> None:
    left = {"address": served.address, "have": 1000, "total": len(CONTENT), "mark": '"older"'}
    (tmp_path / "archive.part").write_bytes(bytes(1000))
    (tmp_path / "archive.part.json").write_text(json.dumps(left))
    path, told = have(served, tmp_path)
    assert path.read_bytes() == CONTENT and begins_anew(told)


def test_the_parts_of_another_address_are_not_gone_on_with(served: Served, tmp_path: Path) -> None:
    (tmp_path / "archive.part").write_bytes(b"other")
    (tmp_path / "archive.part.json").write_text('{"address": "http://other/", "have": 5, "total": 9, "mark": "x"}')
    assert have(served, tmp_path)[0].read_bytes() == CONTENT and served.ranges_asked == [""]


def test_a_file_of_unknown_length_is_had_to_its_end(served: Served, tmp_path: Path) -> None:
    served.told_length = False
    assert have(served, tmp_path)[0].read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(served: Served, tmp_path: Path) -> None:
    served.statuses = [503, 429]
    assert have(served, tmp_path)[0].read_bytes() == CONTENT


def test_a_server_that_stays_away_is_told_and_may_be_tried_later(served: Served, tmp_path: Path) -> None:
    served.statuses = [503] * 10
    with pytest.raises(ClassifierError, match="does not go on: 127.0.0.1 is busy") as caught:
        have(served, tmp_path)
    assert caught.value.retry


@pytest.mark.parametrize(("status", "words"), [(404, "nothing at this address"), (401, "asks for a sign-in"), (418, "gives no file")])
def test_what_is_not_there_is_said_at_once(served: Served, tmp_path: Path, status: int, words: str) -> None:
    served.statuses = [status]
    with pytest.raises(InputError, match=words):
        have(served, tmp_path)
    assert len(served.asked) == 1


@pytest.mark.parametrize("told_length", [True, False])
def test_more_than_is_taken_is_refused_and_not_kept(served: Served, tmp_path: Path, told_length: bool) -> None:
    served.told_length = told_length
    with pytest.raises(InputError, match="this server takes up to 2 MB"):
        have(served, tmp_path, most_bytes=2_000_000)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_said_before_the_first_byte(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 4_000_000}))
    with pytest.raises(ClassifierError, match="needs 6 MB on the server's disk"):
        have(served, tmp_path)
    assert not (tmp_path / "archive.part").exists()


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk with room for half of it, which looks as if it had more: it fills meanwhile."""
    monkeypatch.setattr(downloads, "check_room", lambda *_: None)
    monkeypatch.setattr(downloads, "KEEP_BYTES", 1 << 19)
    with small_disk(tmp_path / "disk", 4) as disk:
        (disk / "other").write_bytes(bytes(2_500_000))
        yield disk


def test_a_download_of_unknown_size_leaves_nothing_on_a_full_disk(served: Served, full: Path) -> None:
    """What came of it would keep the disk full, and nobody knows how much is to be freed."""
    served.told_length = False
    with pytest.raises(OSError, match="No space left"):
        have(served, full)
    assert [path.name for path in full.iterdir()] == ["other"]


def test_one_of_known_size_goes_on_once_the_disk_has_room(served: Served, full: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        have(served, full)
    (full / "other").unlink()
    path, _ = have(served, full)
    assert path.read_bytes() == CONTENT and int(served.ranges_asked[1].removeprefix("bytes=").rstrip("-")) >= 1 << 19


@pytest.mark.parametrize("change", [{"type": "text/html; charset=utf-8"}, {"content": b"\n <!DOCTYPE html><title>Sign in"}])
def test_a_web_page_is_no_archive(served: Served, tmp_path: Path, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(served, name, value)
    with pytest.raises(InputError, match="is a web page, not an archive"):
        have(served, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_is_followed(served: Served, tmp_path: Path) -> None:
    served.leads["/latest"] = "/images.zip"
    assert have(served, tmp_path, address=served.address.replace("images.zip", "latest"))[0].read_bytes() == CONTENT


def test_a_redirect_without_end_is_given_up(served: Served, tmp_path: Path) -> None:
    served.leads["/images.zip"] = "/images.zip"
    with pytest.raises(InputError, match="leads on more than 5 times"):
        have(served, tmp_path)


def test_a_line_that_hardly_moves_is_given_up(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(downloads, "SLOW_RATE", 10**15)
    with pytest.raises(ClassifierError, match="bytes a second came"):
        have(served, tmp_path)


def test_a_server_that_gives_a_few_bytes_at_a_time_is_given_up(served: Served, tmp_path: Path) -> None:
    served.cuts = [100] * 50
    with pytest.raises(ClassifierError, match="the line broke off after"):
        have(served, tmp_path)
    assert len(served.asked) < 10


@pytest.mark.parametrize(
    ("text", "count"), [("20", 20), ("9" * 18, 10**18 - 1), ("9" * 5_000, None), ("-1", None), ("\u0661", None), ("", None)]
)
def test_a_number_of_bytes_is_read_only_where_a_file_could_have_so_many(text: str, count: int | None) -> None:
    assert downloads.number(text) == count
