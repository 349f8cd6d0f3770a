"""What is downloaded comes back by an import as it was: classes, splits, metadata and pixels, in any script, however often."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifier.data.dataset import Dataset as Packed
from classifier.data.importer import import_dataset
from classifier.data.layouts.choose import Choice
from tests.webapp.datasets.conftest import end_import, picture
from tests.webapp.datasets.downloads.test_downloading import rows_of, taken  # noqa: F401 (fixture)
from webapp.datasets import files
from webapp.datasets.browsing import columns
from webapp.datasets.models import Dataset, DatasetVersion

SPLITS = ("train", "train", "validation", "test")
LABELS = ("猫", "Zürich & Köln", "a:b/c", "CON", "Ёж (1)", "naïve.v2")
ZIPS, TABLES = ("folders", "imagefolder"), ("csv", "jsonl")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Pictures with a table whose columns are called as a download's own, labels in any script, and a file name that comes twice."""
    lines = "file_name,label,split,site,name,sha256,patient_id,note\n"
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for number in range(48):
            label, folder = LABELS[number % 6], "left" if number % 2 else "right"
            split = SPLITS[number // 6 % 4]
            name = f"{folder}/{number // 2:02d} ł.png"
            lines += f'{name},{label},{split},=site {number % 2},Nr. {number},{number:x},p{number // 6},"a, ""b"""\n'
            archive.writestr(f"images/{name}", picture(number, 14, "png"))
        archive.writestr("labels.csv", lines)
    return tmp_path / "t.zip"


@pytest.fixture
def told(waiting: Dataset, source: Path, tmp_path: Path) -> DatasetVersion:
    return end_import(waiting, (tmp_path / "data", import_dataset(source, tmp_path / "data", choice=Choice(kind="manifest"))))


def cells_of(folder: Path) -> set[tuple[Any, ...]]:
    """What each image is, by its pixels, with its metadata by column."""
    data = Packed.open(folder)
    return {
        (
            data.classes[data.labels[place]],
            int(data.splits[place]),
            data.pack.image(int(image)).numpy().tobytes(),
            tuple(sorted(columns.cells(folder, place))),
        )
        for place, image in enumerate(data.images)
    }


@pytest.mark.parametrize("way", ZIPS)
def test_classes_splits_metadata_and_pixels_come_back(way: str, told: DatasetVersion, taken: Callable[..., bytes], tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "again.zip").write_bytes(taken(told, way))
    said = import_dataset(tmp_path / "again.zip", tmp_path / "again")
    assert said["problems"] == [] and set(said["classes"]) == set(LABELS)
    assert rows_of(tmp_path / "again") == rows_of(told.folder)
    columns.build(tmp_path / "again")
    assert cells_of(tmp_path / "again") == cells_of(told.folder)


@pytest.mark.parametrize("way", ZIPS)
def test_a_second_time_round_is_the_first_one(way: str, told: DatasetVersion, taken: Callable[..., bytes], tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "1.zip").write_bytes(taken(told, way))
    first = import_dataset(tmp_path / "1.zip", tmp_path / "1")
    files.remove(told.dataset.folder / "data")
    again = end_import_again(told, tmp_path / "1")
    (tmp_path / "2.zip").write_bytes(taken(again, way))
    assert import_dataset(tmp_path / "2.zip", tmp_path / "2")["id"] == first["id"]


def end_import_again(version: DatasetVersion, folder: Path) -> DatasetVersion:
    """The same version over another import's files."""
    import json
    import shutil

    shutil.copytree(folder, version.dataset.folder / "data")
    about = json.loads((folder / "dataset.json").read_text("utf-8"))
    counts = {label: dict.fromkeys(("train", "validation", "test"), 0) for label in about["classes"]}
    version.classes = [entry | counts.get(entry["label"], {}) | {"train": 1, "validation": 1, "test": 1} for entry in version.classes]
    order = {label: place for place, label in enumerate(about["classes"])}
    version.classes.sort(key=lambda entry: order[entry["label"]])
    return version


@pytest.mark.parametrize("way", TABLES)
def test_a_table_beside_the_original_files_gives_the_same_version(
    way: str,
    told: DatasetVersion,
    taken: Callable[..., bytes],  # noqa: F811
    source: Path,
    tmp_path: Path,
) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "again.zip", "w") as new:
        for name in old.namelist():
            if name.endswith(".png"):
                new.writestr(name, old.read(name))
        new.writestr(f"table.{way}", taken(told, way))
    said = import_dataset(tmp_path / "again.zip", tmp_path / "again")
    assert said["problems"] == []
    assert said["id"] == told.fingerprint
    columns.build(tmp_path / "again")
    assert cells_of(tmp_path / "again") == cells_of(told.folder)


def test_class_folders_without_a_table_have_no_list(version: DatasetVersion, taken: Callable[..., bytes], tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "a.zip").write_bytes(taken(version))
    assert "metadata.jsonl" not in zipfile.ZipFile(tmp_path / "a.zip").namelist()
