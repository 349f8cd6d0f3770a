"""The real sets beside the checkout: everything is taken, in its own class, with its own bytes."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from pathlib import Path

import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset

pytestmark = pytest.mark.shared


def test_real_photographs_are_all_taken(shared_data, tmp_path):
    said = import_dataset(shared_data / "grocery10.zip", tmp_path / "out")
    assert (said["images"], len(said["classes"]), said["ignored"]) == (1041, 10, 0)
    assert not [problem for problem in said["problems"] if not problem["taken"]]
    assert not Dataset.open(tmp_path / "out").pack.is_small


def test_real_small_images_are_kept_as_raw_pixels(shared_data, tmp_path):
    said = import_dataset(shared_data / "cifar10-tiny-3000.zip", tmp_path / "out", shares=(80, 10, 10), seed=3)
    assert {tuple(count.values()) for count in said["classes"].values()} == {(240, 30, 30)}
    assert Dataset.open(tmp_path / "out").pack.is_small


def as_tar(archive: Path, folder: Path) -> Path:
    """The same files as a tar, below a wrapper folder."""
    with zipfile.ZipFile(archive) as source, tarfile.open(folder / "set.tar", "w") as target:
        for name in source.namelist():
            member = tarfile.TarInfo(f"set/{name}")
            member.size = source.getinfo(name).file_size
            with source.open(name) as file:
                target.addfile(member, file)
    return folder / "set.tar"


def as_folder(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as source:
        source.extractall(folder / "set")
    return folder / "set"


@pytest.mark.parametrize("make", [lambda archive, _: archive, as_tar, as_folder], ids=["zip", "tar", "folder"])
@pytest.mark.parametrize(("name", "images"), [("grocery10.zip", 1041), ("cifar10-tiny-3000.zip", 3000)])
def test_every_image_of_a_real_set_stands_in_its_own_class_with_its_own_bytes(shared_data, tmp_path, make, name, images):
    import_dataset(make(shared_data / name, tmp_path), tmp_path / "out")
    with zipfile.ZipFile(shared_data / name) as archive:
        wanted = {path: (path.split("/")[0], hashlib.sha256(archive.read(path)).digest()) for path in archive.namelist()}
    data = Dataset.open(tmp_path / "out")
    digests = data.pack.index["sha256"][data.images]
    paths = [data.path(position).removeprefix("set/") for position in range(len(data))]
    found = {path: (data.classes[label], digest.tobytes()) for path, label, digest in zip(paths, data.labels, digests, strict=True)}
    assert len(found) == images and found == wanted
