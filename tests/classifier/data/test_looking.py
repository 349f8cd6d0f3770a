"""How far a look at a source is, while it looks."""

from __future__ import annotations

import pytest

from classifier.data import reading
from classifier.data.inspection import inspect_source
from tests.classifier import images

FILES = {**images.class_folders(6), "README.md": b"x"}


class Clock:
    """A second passes at each look at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1.0
        return self.now


def told(tmp_path, make, monkeypatch):
    monkeypatch.setattr(reading, "time", Clock())
    events = []
    inspect_source(make(tmp_path / "in", FILES), on_event=events.append)
    return [event for event in events if event["event"] == "progress"]


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar])
def test_a_look_at_an_archive_tells_its_rate_and_the_time_left(tmp_path, make, monkeypatch):
    events = told(tmp_path, make, monkeypatch)
    fractions = [event["fraction"] for event in events]
    assert len(events) == len(FILES) + 1 and fractions == sorted(fractions) and fractions[-1] == 1.0
    assert all(event["rate"] > 0 for event in events)
    left = [event["eta_seconds"] for event in events[2:]]
    assert None not in left and left[-1] == 0.0


def test_a_zip_says_how_many_files_it_has(tmp_path, monkeypatch):
    assert {event["total"] for event in told(tmp_path, images.write_zip, monkeypatch)} == {len(FILES)}


def test_of_a_folder_nobody_knows_how_much_is_left(tmp_path, monkeypatch):
    first, *_ = told(tmp_path, images.write_folder, monkeypatch)
    assert (first["fraction"], first["total"], first["eta_seconds"]) == (0.0, None, None) and first["rate"] > 0


def test_a_large_file_between_two_events_does_not_keep_a_look_silent(tmp_path, monkeypatch):
    """They go by time, not by a number of files: two thousand of ten megabytes each take a minute."""
    assert [event["done"] for event in told(tmp_path, images.write_tar, monkeypatch)][:3] == [1, 2, 3]


def test_a_look_names_some_of_what_it_ignores(tmp_path):
    files = {**images.class_folders(2), **{f"__MACOSX/._{n}": b"x" for n in range(20)}, "README.md": b"x", "cat/Thumbs.db": b"x"}
    assert inspect_source(images.write_zip(tmp_path / "in", files))["ignored_first"] == ["__MACOSX/._0", "README.md", "cat/Thumbs.db"]


def test_what_is_left_out_by_its_ending_is_told_by_what_it_is(tmp_path):
    left = inspect_source(images.write_zip(tmp_path / "in", {**images.class_folders(2), "a.heic": b"x", "b.mp4": b"x"}))["left"]
    assert [(entry["count"], entry["first"]) for entry in left] == [(1, ["a.heic"]), (1, ["b.mp4"])] and "HEIC" in left[0]["message"]


def test_a_look_shows_some_cells_of_each_column(tmp_path):
    table = "file,breed,fur\n" + "".join(f"{n}.png,{'ab'[n % 2]},{'x' * 50}\n" for n in range(8))
    (row,) = inspect_source(
        images.write_zip(tmp_path / "in", {**{f"{n}.png": images.picture(n) for n in range(8)}, "t.csv": table.encode()})
    )["tables"]
    assert row["examples"] == {"file": ["0.png", "1.png", "2.png"], "breed": ["a", "b"], "fur": ["x" * 30]}


def test_the_folders_of_a_thousand_classes_are_all_shown(tmp_path):
    files = {f"set/{split}/c{n:03d}/{split}.png": b"" for split in ("train", "val") for n in range(1000)}
    rows = inspect_source(images.write_zip(tmp_path / "in", files))["tree"]
    assert len(rows) == 2003 and not any(row["more"] for row in rows)
    assert [row["folder"] for row in rows][:3] == ["set", "set/train", "set/train/c000"]
