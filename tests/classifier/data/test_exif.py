"""What a camera noted becomes columns where somebody asks for it, and nothing of it is kept else."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.data.dataset import Dataset
from classifier.data.erase import erase
from classifier.data.exif import noted
from classifier.data.importer import import_dataset
from classifier.data.layouts.choose import choice_of
from classifier.spec.exif import chosen
from tests.classifier import images

ALL = ("date", "camera", "place")


def photo(
    seed: int, kind: str = "JPEG", tags: dict[int, object] | None = None, taken: object = None, gps: dict[int, object] | None = None
) -> bytes:
    """A picture with these tags of its first directory, the moment in its EXIF, and a place."""
    exif = Image.Exif()
    for tag, value in (tags or {}).items():
        exif[tag] = value
    if taken is not None:
        exif.get_ifd(0x8769)[36867] = taken
    for tag, value in (gps or {}).items():
        exif.get_ifd(0x8825)[tag] = value
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, kind, exif=exif)
    return stream.getvalue()


ZURICH = {1: "N", 2: (47.0, 22.0, 37.32), 3: "E", 4: (8.0, 32.0, 30.12)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_date_camera_and_place_are_read(kind: str) -> None:
    data = photo(1, kind, {271: "Canon", 272: "Canon EOS 80D", 306: "2026:06:01 00:00:00"}, "2026:05:01 12:33:10", ZURICH)
    assert noted(data, ALL) == ("2026-05-01 12:33:10", "Canon EOS 80D", "47.37703 8.54170")


@pytest.mark.parametrize(
    ("tags", "cells"),
    [
        ({306: "2026:06:01 00:00:00"}, ("2026-06-01 00:00:00", "")),
        ({306: "0000:00:00 00:00:00"}, ("", "")),
        ({306: "yesterday", 271: "NIKON CORPORATION", 272: "D850\0\n"}, ("", "NIKON CORPORATION D850")),
        ({272: "x" * 500}, ("", "x" * 80)),
        ({}, ("", "")),
    ],
)
def test_what_is_no_date_and_what_no_camera_would_write_is_left_out(tags: dict[int, object], cells: tuple[str, str]) -> None:
    assert noted(photo(1, tags=tags), ("date", "camera")) == cells


@pytest.mark.parametrize(
    "gps", [{2: (47.0, 22.0, 37.0)}, {2: (1.0,), 4: (2.0,)}, {1: "N", 2: (97.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}]
)
def test_half_a_place_is_none(gps: dict[int, object]) -> None:
    assert noted(photo(1, gps=gps), ("place",)) == ("",)


def test_what_is_wrong_in_one_note_spoils_no_other() -> None:
    assert noted(photo(1, taken="2026:05:01 12:33:10", gps={2: (1.0,), 4: (2.0,)}), ("date", "place")) == ("2026-05-01 12:33:10", "")


def test_south_and_west_are_below_zero() -> None:
    data = photo(1, gps={1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0, 30.0, 0.0)})
    assert noted(data, ("place",)) == ("-33.50000 -70.50000",)


@pytest.mark.parametrize("data", [b"", b"no picture", photo(1)[:60], images.picture(seed=1)])
def test_a_file_without_notes_or_that_is_damaged_has_none(data: bytes) -> None:
    assert noted(data, ALL) == ("", "", "")


def files() -> dict[str, bytes]:
    return {
        f"{label}/{n}.jpg": photo(10 * place + n, taken=f"2026:05:0{n + 1} 12:00:00", gps=ZURICH)
        for place, label in enumerate("ab")
        for n in range(4)
    }


def told(folder: Path) -> dict[str, list[str]]:
    """{path: its cells}."""
    paths = [json.loads(line) for line in (folder / "paths.txt").read_text().splitlines()]
    return dict(zip(paths, map(json.loads, (folder / "metadata.jsonl").read_text().splitlines()), strict=True))


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar, images.write_folder])
def test_an_import_keeps_what_was_asked_for(tmp_path: Path, make) -> None:
    import_dataset(make(tmp_path / "in", files()), tmp_path / "out", exif=("date",))
    about = Dataset.open(tmp_path / "out").about
    assert about["columns"] == ["exif_date"] and about["options"]["exif"] == ["date"]
    assert told(tmp_path / "out")["a/2.jpg"] == ["2026-05-03 12:00:00"]


def test_reading_them_tells_its_rate_and_the_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.data.exif.EVENT_SECONDS", -1.0)
    told: list[dict] = []
    source = images.write_zip(tmp_path / "in.zip", images.class_folders(4))
    import_dataset(source, tmp_path / "out", exif=("date",), on_event=told.append)
    behind = next(place for place, event in enumerate(told) if event.get("message") == "Reading what cameras noted")
    found = [event for event in told[behind:] if event["event"] == "progress" and event["stage"] == "reading"]
    assert [event["done"] for event in found] == list(range(1, 9)) and all(event["rate"] > 0 for event in found)
    assert found[0]["eta_seconds"] > 0 and found[-1]["eta_seconds"] == 0


def test_names_in_a_chosen_encoding_are_those_of_the_import(tmp_path: Path) -> None:
    named = [{"name": name.replace("a/", "кот/").encode("cp1251"), "data": data} for name, data in files().items()]
    choice = choice_of('{"encoding": "koi8_r"}')
    import_dataset(images.raw_zip(tmp_path / "in.zip", named), tmp_path / "out", exif=("date",), choice=choice)
    assert all(cells[0].startswith("2026-05-0") for cells in told(tmp_path / "out").values())


def test_nothing_is_kept_where_nobody_asks_and_never_a_place_unless_it_is_named(tmp_path: Path) -> None:
    source = images.write_zip(tmp_path / "in.zip", files())
    import_dataset(source, tmp_path / "none")
    import_dataset(source, tmp_path / "some", exif=chosen("camera,date"))
    assert not (tmp_path / "none" / "metadata.jsonl").exists() and Dataset.open(tmp_path / "none").id == Dataset.open(tmp_path / "some").id
    kept = b"".join(path.read_bytes() for path in (tmp_path / "some").rglob("*") if path.is_file())
    assert b"2026-05-03" in kept and b"47.377" not in kept and b"Exif" not in kept


def test_notes_stand_behind_the_columns_of_a_table_and_take_no_name_of_theirs(tmp_path: Path) -> None:
    rows = "file,label,site,exif_date\n" + "".join(f"{path},{path[0]},Bonn,once\n" for path in files())
    import_dataset(images.write_zip(tmp_path / "in.zip", files() | {"table.csv": rows.encode()}), tmp_path / "out", exif=("date",))
    assert Dataset.open(tmp_path / "out").about["columns"] == ["site", "exif_date", "exif_date_of_file"]
    assert told(tmp_path / "out")["b/0.jpg"] == ["Bonn", "once", "2026-05-01 12:00:00"]


def test_an_erased_image_has_no_notes_any_more(tmp_path: Path) -> None:
    import_dataset(images.write_zip(tmp_path / "in.zip", files()), tmp_path / "out", exif=ALL)
    data = Dataset.open(tmp_path / "out")
    place = next(place for place in range(len(data)) if data.path(place) == "a/2.jpg")
    erase([tmp_path / "out"], data.pack.index["sha256"][data.images[place]].tobytes().hex())
    assert told(tmp_path / "out")["erased"] == ["", "", ""]


@pytest.mark.parametrize(("text", "names"), [("", ()), (" Camera , date,date", ("date", "camera")), ("place", ("place",))])
def test_names_come_by_comma_in_one_order(text: str, names: tuple[str, ...]) -> None:
    assert chosen(text) == names


def test_a_note_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match='expected date, camera, place, or several of them by comma; "gps" came'):
        chosen("date,gps")
