"""What a version is downloaded as: class folders that import again as they were, an imagefolder, and tables."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from classifier.data.dataset import Dataset as Packed
from classifier.data.importer import import_dataset
from tests.webapp.datasets.conftest import LABELS, end_import, picture
from webapp.accounts.models import AuditEntry
from webapp.datasets import drafts
from webapp.datasets.downloads.kinds import WAYS
from webapp.datasets.models import Dataset, DatasetVersion

SignedIn = Callable[[Any], Client]


def address(version: DatasetVersion, way: str = "folders") -> str:
    return f"{reverse('datasets:download', args=[version.dataset_id, version.number])}?as={way}"


@pytest.fixture
def taken(viewer: Any, signed_in: SignedIn) -> Callable[..., bytes]:
    """The bytes that a viewer gets."""

    def take(version: DatasetVersion, way: str = "folders") -> bytes:
        answer = signed_in(viewer).get(address(version, way))
        assert answer.status_code == 200
        whole = b"".join(answer.streaming_content)
        assert answer.headers.get("Content-Length", str(len(whole))) == str(len(whole))
        return whole

    return take


def rows_of(folder: Path) -> set[tuple[str, str, bytes]]:
    """(label, split, the pixels as they are kept) of each image."""
    data = Packed.open(folder)
    splits = {0: "train", 1: "validation", 2: "test"}
    return {
        (data.classes[label], splits[split], data.pack.image(int(image)).numpy().tobytes())
        for image, label, split in zip(data.images, data.labels, data.splits.tolist(), strict=True)
        if split in splits
    }


@pytest.mark.parametrize("kind", ["version", "photos"])
def test_class_folders_import_again_with_the_same_classes_splits_and_pixels(
    kind: str, request: pytest.FixtureRequest, taken: Callable[..., bytes], tmp_path: Path
) -> None:
    version: DatasetVersion = request.getfixturevalue(kind)
    (tmp_path / "again.zip").write_bytes(taken(version))
    said = import_dataset(tmp_path / "again.zip", tmp_path / "data")
    assert said["problems"] == [] and said["images"] == version.images
    assert rows_of(tmp_path / "data") == rows_of(version.folder)


def test_a_later_version_is_given_out_as_its_draft_made_it(
    version: DatasetVersion, owner: Any, actor_of: Callable[..., Any], taken: Callable[..., bytes], sealed_by: Callable[..., DatasetVersion]
) -> None:
    actor = actor_of(owner)
    drafts.change(actor, version.dataset, [0], removed=True)
    drafts.change(actor, version.dataset, [1], label="wasp", split=0)
    later = sealed_by(actor, version.dataset)
    with zipfile.ZipFile(io.BytesIO(taken(later))) as archive:
        names = archive.namelist()
    assert (
        len(names) == 24
        and names[0] == "README.md"
        and "train/wasp/001.png" in names
        and not any(name.endswith("ant/000.png") for name in names)
    )


def test_files_that_are_called_alike_in_one_class_are_all_there(waiting: Dataset, tmp_path: Path, taken: Callable[..., bytes]) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for label in LABELS:
            for part in ("left", "right", "RIGHT"):
                archive.writestr(f"{label}/{part}/Same.png", picture(hash((label, part)) % 999, 14, "png"))
    said = import_dataset(tmp_path / "a.zip", tmp_path / "data", shares=(100, 0, 0))
    version = end_import(waiting, (tmp_path / "data", said))
    with zipfile.ZipFile(io.BytesIO(taken(version))) as archive:
        names = archive.namelist()
    assert len({name.lower() for name in names}) == 10 and {name.partition("/")[0] for name in names} == {*LABELS, "README.md"}
    assert sorted(name for name in names if name.startswith("ant/")) == ["ant/Same-0.png", "ant/Same-1.png", "ant/Same-2.png"]


@pytest.fixture
def tabled(waiting: Dataset, tmp_path: Path) -> DatasetVersion:
    """A version whose table told more than the labels."""
    lines = "file_name,label,split,site,name\n"
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for number in range(12):
            label, split = LABELS[number % 3], ("train", "train", "validation", "test")[number % 4]
            lines += f"{number:02d}.png,{label},{split},=site {number % 2},{number}\n"
            archive.writestr(f"images/{number:02d}.png", picture(number, 14, "png"))
        archive.writestr("labels.csv", lines)
    return end_import(waiting, (tmp_path / "data", import_dataset(tmp_path / "t.zip", tmp_path / "data")))


def test_a_table_has_a_row_an_image_with_all_that_is_known(tabled: DatasetVersion, taken: Callable[..., bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(taken(tabled, "csv").decode())))
    first = rows[0]
    assert len(rows) == 12 and list(first) == ["path", "label", "name", "split", "sha256", "width", "height", "site", "name_2"]
    assert (first["path"], first["label"], first["split"], first["width"]) == ("images/00.png", "ant", "train", "14")
    assert first["site"] == "'=site 0" and len(first["sha256"]) == 64  # no formula to a spreadsheet


def test_json_lines_hold_the_same_with_the_rest_apart(tabled: DatasetVersion, taken: Callable[..., bytes]) -> None:
    rows = [json.loads(line) for line in taken(tabled, "jsonl").splitlines()]
    assert len(rows) == 12 and rows[3]["split"] == "test" and rows[3]["metadata"] == {"site": "=site 1", "name": "3"}


def test_an_imagefolder_lists_each_split_beside_its_images(tabled: DatasetVersion, taken: Callable[..., bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(taken(tabled, "imagefolder"))) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        for split, count in (("train", 6), ("validation", 3), ("test", 3)):
            lines = [json.loads(line) for line in archive.read(f"{split}/metadata.jsonl").splitlines()]
            assert len(lines) == count and {f"{split}/{line['file_name']}" for line in lines} <= names
            assert all(line["label"] == line["file_name"].partition("/")[0] for line in lines)
        assert "site" in lines[0]
        image = Image.open(io.BytesIO(archive.read(f"test/{lines[0]['file_name']}")))
        assert np.asarray(image).shape == (14, 14, 3)


def test_readable_names_go_along_and_come_back(waiting: Dataset, tmp_path: Path, taken: Callable[..., bytes]) -> None:
    with zipfile.ZipFile(tmp_path / "n.zip", "w") as archive:
        for number, label in enumerate(("n01440764", "n01443537")):
            for index in range(4):
                archive.writestr(f"{label}/{index}.png", picture(10 * number + index, 14, "png"))
        archive.writestr("words.txt", "n01440764\tmy own tench\nn01443537\tmy goldfish\n")
    version = end_import(waiting, (tmp_path / "data", import_dataset(tmp_path / "n.zip", tmp_path / "data")))
    (tmp_path / "again.zip").write_bytes(taken(version))
    assert import_dataset(tmp_path / "again.zip", tmp_path / "again")["names"] == {"n01440764": "my own tench", "n01443537": "my goldfish"}


@pytest.mark.parametrize("way", WAYS)
def test_a_download_is_a_file_that_stands_in_the_log(way: str, version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    answer = signed_in(viewer).get(address(version, way))
    assert answer["Content-Disposition"] == f'attachment; filename="animals-v1{WAYS[way].ending}"'
    entry = AuditEntry.objects.get(verb="dataset.download")
    assert entry.user == viewer and entry.detail == {"version": 1, "form": WAYS[way].title}


def test_who_only_asks_about_it_leaves_nothing_in_the_log(version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    assert signed_in(viewer).head(address(version)).status_code == 200
    assert not AuditEntry.objects.filter(verb="dataset.download").exists()


@pytest.mark.parametrize(("number", "way"), [(2, "folders"), (1, "tar"), (1, "folders\0")])
def test_what_there_is_not_is_not_found(number: int, way: str, version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    version.number = number
    assert signed_in(viewer).get(address(version, way)).status_code == 404


def test_a_version_whose_files_are_gone_says_so(version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    (version.folder / "samples.bin").unlink()
    for way in WAYS:
        assert signed_in(viewer).get(address(version, way)).status_code == 404


def test_a_class_that_is_called_like_a_file_of_the_zip_has_another_folder(version: DatasetVersion, taken: Callable[..., bytes]) -> None:
    version.classes[0]["label"] = "metadata.jsonl"
    version.save(update_fields=["classes"])
    names = zipfile.ZipFile(io.BytesIO(taken(version, "imagefolder"))).namelist()
    assert "train/metadata.jsonl" in names and any(name.startswith("train/metadata.jsonl-2/") for name in names)
    assert not any(name.startswith("train/metadata.jsonl/") for name in names)
