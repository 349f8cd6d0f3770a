"""Oxford's 102 flowers: numbered images, and MATLAB's lists of their labels and splits."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.spec.errors import InputError
from tests.classifier import images
from tests.classifier.data.test_imagenet_layouts import element, mat_array, mat_file

LABELS = [1, 2, 102, 1, 2, 102, 1, 2, 102, 1, 2, 102]
PARTS = {"trnid": [1, 2, 3, 4], "valid": [5, 6, 7], "tstid": [8, 9, 10, 11, 12]}


def numbers(name: str, values: list[int], kind: int = 2, form: str = "<u1") -> bytes:
    """MATLAB's row of numbers; kind 2 is uint8, 9 double."""
    content = np.array(values, form).tobytes()
    return mat_array(6, (1, len(values)), element(kind, content), name=name.encode())


def flowers(labels: list[int] = LABELS, **more: bytes) -> dict[str, bytes]:
    pictures = {f"jpg/image_{n:05}.jpg": images.picture(n, "JPEG") for n in range(1, 13)}
    parts = mat_file(*(numbers(name, listed, 9, "<f8") for name, listed in PARTS.items()))
    return {**pictures, "imagelabels.mat": mat_file(numbers("labels", labels)), "setid.mat": parts, **more}


def imported(tmp_path, files, make=images.write_zip):
    return import_dataset(make(tmp_path / "in", files), tmp_path / "out")


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar, images.write_folder])
@pytest.mark.parametrize("above", ["", "flowers-102/"])
def test_the_lists_give_classes_and_splits(tmp_path, make, above):
    said = imported(tmp_path, {f"{above}{path}": data for path, data in flowers().items()}, make)
    assert said["classes"] == {
        "1": {"train": 2, "validation": 1, "test": 1},
        "102": {"train": 1, "validation": 1, "test": 2},
        "2": {"train": 1, "validation": 1, "test": 2},
    }
    assert (said["problems"], said["ignored"]) == ([], 0)


def test_without_a_list_of_splits_they_are_cut(tmp_path):
    files = flowers()
    del files["setid.mat"]
    assert [sum(count.values()) for count in imported(tmp_path, files)["classes"].values()] == [4, 4, 4]


def test_an_image_beyond_the_list_is_named(tmp_path):
    said = imported(tmp_path, {**flowers(), "jpg/image_00013.jpg": images.picture(13, "JPEG")})
    assert [(p["file"], p["rule"]) for p in said["problems"]] == [("jpg/image_00013.jpg", "not_listed")]


def test_class_folders_count_more_than_the_lists(tmp_path):
    said = imported(tmp_path, {**images.class_folders(), **{k: v for k, v in flowers().items() if k.endswith(".mat")}})
    assert set(said["classes"]) == {"cat", "dog"}


def test_it_is_told_before_the_import(tmp_path):
    told = inspect_source(images.write_zip(tmp_path / "in.zip", flowers()))
    assert told["kind"] == "matlab" and "imagelabels.mat, setid.mat; 3 classes, 12 images" in told["message"]


LESS = [
    b"",
    b"MATLAB" * 40,
    mat_file(numbers("labels", [0, 1])),
    mat_file(numbers("other", LABELS)),
    mat_file(numbers("labels", LABELS))[:-9],
]


@pytest.mark.parametrize("broken", LESS)
def test_a_list_that_cannot_be_read_is_as_none(tmp_path, broken):
    with pytest.raises(InputError, match="Only one class"):
        imported(tmp_path, {**flowers(), "imagelabels.mat": broken})


def test_every_cut_of_a_list_is_refused_or_read(tmp_path):
    whole = mat_file(numbers("labels", LABELS))
    for length in range(0, len(whole), 7):
        with pytest.raises(InputError):
            imported(tmp_path / str(length), {**flowers(), "imagelabels.mat": whole[:length]}, write)


def write(path, files):
    path.parent.mkdir()
    return images.write_zip(path, files)


def test_another_file_of_matlabs_is_named_with_what_to_make_of_it(tmp_path):
    files = {f"cars_train/{n:05}.jpg": images.picture(n, "JPEG") for n in range(4)} | {"cars_annos.mat": struct.pack("<I", 7)}
    with pytest.raises(InputError, match=r"cars_annos\.mat is a file of MATLAB's.*CSV with the columns path and label"):
        imported(tmp_path, files)
