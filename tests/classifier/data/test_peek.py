"""Images are looked at before they are added: what they show, which would be left out, and their thumbnails."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifier.data import peek as peeking
from classifier.data.dataset import Dataset
from classifier.data.erase import erase
from classifier.data.importer import import_dataset
from classifier.data.pack import content_hash
from classifier.data.peek import peek
from classifier.spec.errors import InputError
from classifier.spec.packfile import INDEX, THUMB
from tests.classifier import images
from tests.classifier.data.test_quality import jpeg, scene

FILES = images.class_folders(10, ("cat", "dog"))
NEW = {f"{number}.png": images.picture(seed=7000 + number) for number in range(4)}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Ten cats and ten dogs."""
    out = tmp_path / "set" / "data"
    import_dataset(images.write_zip(tmp_path / "pets.zip", FILES), out)
    return out


def looked(base: Path, tmp_path: Path, files: dict[str, bytes], label: str = "cat") -> dict[str, Any]:
    """What is known of the images of a tar with these files."""
    peek(images.write_tar(tmp_path / "more.tar", files), base, tmp_path / "seen", label=label)
    found: dict[str, Any] = json.loads((tmp_path / "seen" / "images.json").read_text("utf-8"))
    return found


def test_each_image_is_named_by_its_content_with_the_class_it_would_have(base: Path, tmp_path: Path) -> None:
    found = looked(base, tmp_path, NEW)
    assert [(one[0], one[1], one[2]) for one in found["images"]] == [(content_hash(NEW[name]).hex(), name, "cat") for name in sorted(NEW)]
    assert (found["of"], found["left_count"], found["whole"]) == (4, 0, True)


def test_what_a_revision_would_leave_out_is_not_among_them(base: Path, tmp_path: Path) -> None:
    erase([base], content_hash(FILES["dog/3.png"]).hex())
    twins = {"twin.png": FILES["cat/0.png"], "gone.png": FILES["dog/3.png"], "broken.png": b"no picture"}
    found = looked(base, tmp_path, NEW | twins)
    assert [one[1] for one in found["images"]] == sorted(NEW)
    assert {problem["file"]: problem["rule"] for problem in found["left"]} == {
        "broken.png": "not_an_image",
        "gone.png": "erased",
        "twin.png": "already_there",
    }


def test_thumbnails_and_photographs_are_kept(base: Path, tmp_path: Path) -> None:
    found = looked(base, tmp_path, NEW | {"photo.jpg": jpeg(scene(1))})
    folder = tmp_path / "seen"
    assert sorted(path.name for path in folder.iterdir()) == ["images.json", "index.bin", "jpeg.bin", "thumbs.bin", "thumbs_index.bin"]
    *_, row, width, height = found["images"][-1]
    offset, length, *size = THUMB.unpack((folder / "thumbs_index.bin").read_bytes()[row * THUMB.size :][: THUMB.size])
    thumb = (folder / "thumbs.bin").read_bytes()[offset : offset + length]
    assert thumb.startswith(b"\xff\xd8") and max(size) <= 192 and (width, height) >= tuple(size)
    assert (folder / "jpeg.bin").read_bytes().startswith(b"\xff\xd8")


def test_of_more_photographs_than_one_may_look_through_the_thumbnails_are_kept(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peeking, "MOST_PICTURE_BYTES", 10)
    *_, row, _, _ = looked(base, tmp_path, {"photo.jpg": jpeg(scene(1))})["images"][0]
    folder = tmp_path / "seen"
    offset, *_ = INDEX.unpack((folder / "index.bin").read_bytes()[row * INDEX.size :][: INDEX.size])
    assert (folder / "jpeg.bin").stat().st_size == 0 and offset >= peeking.NOWHERE and (folder / "thumbs.bin").stat().st_size > 100


def test_without_a_class_they_are_as_their_folders_say(base: Path, tmp_path: Path) -> None:
    files = {f"{label}/{number}.png": images.picture(seed=8000 + number + len(label)) for label in ("cat", "mouse") for number in range(3)}
    assert {one[2] for one in looked(base, tmp_path, files, label="")["images"]} == {"cat", "mouse"}


def test_of_many_the_first_are_looked_at_and_all_are_counted(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peeking, "MOST_IMAGES", 3)
    found = looked(base, tmp_path, NEW)
    assert (len(found["images"]), found["of"], found["whole"]) == (3, 4, False)


def test_of_images_that_take_long_those_are_shown_that_were_read_until_then(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1_000_000))
    monkeypatch.setattr(peeking, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(peeking, "MOST_SECONDS", 2)
    found = looked(base, tmp_path, NEW)
    assert (len(found["images"]), found["of"], found["whole"]) == (2, 4, False)


def test_a_source_of_which_nothing_would_be_added_is_refused_in_words(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No image of more\.tar can be added"):
        looked(base, tmp_path, {"twin.png": FILES["cat/0.png"]})
    assert not (tmp_path / "seen").exists()


def test_looking_writes_nothing_into_the_dataset(base: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in base.rglob("*")}
    looked(base, tmp_path, NEW)
    assert {path: path.stat().st_mtime_ns for path in base.rglob("*")} == before and len(Dataset.open(base)) == 20
