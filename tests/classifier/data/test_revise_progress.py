"""A revision that takes a while tells how far it is, all of it together, and how much time is left."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifier.data import collect, costs, whole
from classifier.data.importer import import_dataset
from classifier.data.peek import Peek, peek
from classifier.data.revise import revise
from classifier.data.whole import Count, Whole
from tests.classifier import images
from tests.classifier.data.test_quality import jpeg, scene


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is a second later, so that everything takes long."""
    clock = itertools.count(1.0)
    for module in (whole, collect):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(whole, "EACH", 4)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    import_dataset(images.write_zip(tmp_path / "pets.zip", images.class_folders(10)), tmp_path / "set" / "data")
    return tmp_path / "set" / "data"


def revised(base: Path, *changes: dict[str, Any]) -> list[dict[str, Any]]:
    """What was told of how far it is."""
    file = base.parent.parent / "changes.jsonl"
    file.write_text("\n".join(map(json.dumps, changes)))
    told: list[dict[str, Any]] = []
    revise(base, file, base.parent / "v2", on_event=told.append)
    return [event for event in told if event["event"] == "progress"]


def is_rising(told: list[dict[str, Any]]) -> bool:
    fractions = [event["fraction"] for event in told]
    return fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1


def test_rows_that_are_written_are_counted_with_the_time_left(base: Path) -> None:
    told = revised(base, {"op": "sample", "position": 0, "label": "dog"})
    written = [event for event in told if event["stage"] == "writing"]
    assert is_rising(told) and [(event["done"], event["total"], event["unit"]) for event in written][-1] == (16, 20, "images")
    assert all(event["eta_seconds"] >= 0 for event in written[1:]) and written[-1]["fraction"] > 0.7


def test_many_changes_are_counted(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.data.revise.LOOK_EACH", 5)
    told = revised(base, *({"op": "sample", "position": place, "label": "dog"} for place in range(20)))
    assert [(event["done"], event["total"]) for event in told if event["stage"] == "reading"] == [(done, 20) for done in (0, 5, 10, 15)]


def test_sources_that_are_added_are_parts_of_one_whole(base: Path, tmp_path: Path) -> None:
    for number in range(2):
        files = {f"{n}.png": images.picture(1000 * number + 500 + n) for n in range(60)}
        images.write_zip(tmp_path / f"more{number}.zip", files)
    adds = [{"op": "add", "source": f"more{number}.zip", "label": "cat"} for number in range(2)]
    told = revised(base, *adds)
    ends = [event["fraction"] for event in told if event["stage"] == "decoding" and event["done"] == 60]
    assert is_rising(told) and 0.2 < ends[0] < 0.6 and 0.7 < ends[-1] <= 1
    assert all(event["eta_seconds"] is not None for event in told[3:])


def test_a_look_for_images_that_are_alike_is_a_part_too(tmp_path: Path) -> None:
    files = {f"{label}/{n}.jpg": jpeg(scene(100 * at + n), 92) for at, label in enumerate(("cat", "dog")) for n in range(6)}
    import_dataset(images.write_zip(tmp_path / "pets.zip", files), tmp_path / "set" / "data")
    told = revised(tmp_path / "set" / "data", {"op": "split", "shares": [60, 20, 20], "seed": 1, "alike": True})
    assert is_rising(told) and any(event["stage"] == "looking" for event in told)


def test_a_file_that_cannot_be_read_costs_nothing(tmp_path: Path) -> None:
    assert costs.expected(tmp_path / "none.jsonl", tmp_path, 10) == (0, costs.writing(10))
    (tmp_path / "c.jsonl").write_bytes(b'{"op": "add", "source": 7}\n{"add"\n[1, "add"]\n{"op": "add", "source": "gone.zip"}\n')
    assert costs.expected(tmp_path / "c.jsonl", tmp_path, 0).changes == 4


def test_the_whole_never_falls_and_says_nothing_of_the_time_before_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(whole, "MEASURED_SECONDS", 1e9)
    both = Whole(told.append, 10.0)
    first, second = both.part(4.0), both.part(6.0)
    for tell, fraction in ((first, 0.5), (second, 0.5), (first, 1.0)):
        tell({"event": "progress", "fraction": fraction})
    first({"event": "log", "message": "a word"})
    assert [event.get("fraction") for event in told] == [0.2, 0.7, 0.7, None] and told[0]["eta_seconds"] is None


def test_a_count_is_told_four_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.1, 0.3, 0.4, 0.6])
    monkeypatch.setattr(whole, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    told: list[dict[str, Any]] = []
    count = Count(told.append, "writing", "images", 40)
    for done in (10, 20, 30, 40):
        count.at(done)
    assert [event["done"] for event in told] == [20, 40]


def test_a_look_at_waiting_images_tells_the_time_left_and_counts_what_it_looks_at(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.data.peek.MOST_IMAGES", 40)
    source = images.write_zip(tmp_path / "more.zip", {f"{n}.png": images.picture(500 + n) for n in range(60)})
    told: list[dict[str, Any]] = []
    peek(source, base, tmp_path / "seen", label="cat", on_event=told.append)
    progress = [event for event in told if event["event"] == "progress"]
    assert progress[-1]["total"] == progress[-1]["done"] == 40 and progress[-1]["eta_seconds"] is not None


def test_the_time_left_of_a_look_is_no_longer_than_somebody_waits(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.data.peek.MOST_SECONDS", 30.0)
    told: list[dict[str, Any]] = []
    looked = Peek(tmp_path / "more.zip", {}, told.append, lambda: False)
    looked.ends_at = time.monotonic() + 30.0
    looked.told({"event": "progress", "done": 1, "total": 9, "eta_seconds": 5_000.0, "fraction": 0.1})
    looked.told({"event": "progress", "done": 2, "total": 9, "eta_seconds": 2.0, "fraction": 0.2})
    assert 20 < told[0]["eta_seconds"] <= 30 and told[1]["eta_seconds"] == 2.0
