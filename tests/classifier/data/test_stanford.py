"""Stanford's cars and dogs, whose classes and splits stand in MATLAB's lists."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from classifier.data.inspection import inspect_source
from classifier.data.layouts import mat
from classifier.data.layouts.mat import read_rows
from tests.classifier import images
from tests.classifier.data.listings import counts, taken
from tests.classifier.data.test_imagenet_layouts import element, mat_array, mat_file


def text(value: str) -> bytes:
    return mat_array(4, (1, len(value)), element(4, value.encode("utf-16-le")))


def cell(*values: str, name: str = "") -> bytes:
    """MATLAB's column of texts."""
    return mat_array(1, (len(values), 1), *(text(value) for value in values), name=name.encode())


def cars(split: str, numbers: list[int], field: str = "fname") -> bytes:
    """Stanford's list of cars: a struct of a box, a class and a name for each image."""
    width, titles = 16, ("bbox_x1", "class", field)
    parts = [struct.pack("<HHI", 5, 4, width), element(1, b"".join(title.encode().ljust(width, b"\0") for title in titles))]
    for n in numbers:
        for value in (30 + n, 1 + n % 2):
            parts.append(mat_array(6, (1, 1), struct.pack("<HHH2x", 4, 2, value)))
        parts.append(text(f"{split}{n:05}.jpg"))
    return mat_file(mat_array(2, (1, len(numbers)), *parts, name=b"annotations"))


def with_lists(tmp_path, paths: list[str], lists: dict[str, bytes]):
    pictures = {path: images.picture(n, "JPEG") for n, path in enumerate(paths)}
    return taken(tmp_path, pictures | lists)


def test_stanfords_cars_are_read_with_matlabs_lists(tmp_path):
    train = [f"cars_train/cars_train/{n:05}.jpg" for n in range(1, 9)]
    test = [f"cars_test/cars_test/{n:05}.jpg" for n in range(1, 5)]
    lists = {
        "devkit/cars_train_annos.mat": cars("", list(range(1, 9))),
        "cars_test_annos_withlabels.mat": cars("", list(range(1, 5))),
        "devkit/cars_meta.mat": mat_file(cell("AM General Hummer", "Acura TL", name="class_names")),
    }
    found, _, said = with_lists(tmp_path, train + test, lists)
    assert counts(said) == {"AM General Hummer": 6, "Acura TL": 6}
    assert found[train[0]] == ("Acura TL", "train") or found[train[0]] == ("Acura TL", "validation")
    assert found[test[1]] == ("AM General Hummer", "test")


def test_stanfords_dogs_have_the_splits_of_matlabs_lists(tmp_path):
    names = [f"n0208{k}-{name}/n0208{k}_{n}.jpg" for k, name in ((1, "Chihuahua"), (2, "Maltese_dog")) for n in range(8)]
    lists = {}
    for split, last in (("train", False), ("test", True)):
        chosen = [name for n, name in enumerate(names) if (n % 4 == 3) == last]
        labels = np.array([1 + ("Maltese" in name) for name in chosen], "<f8").tobytes()
        numbers = mat_array(6, (len(chosen), 1), element(9, labels), name=b"labels")
        lists[f"{split}_list.mat"] = mat_file(
            cell(*chosen, name="file_list"), cell(*(name[:-4] for name in chosen), name="annotation_list"), numbers
        )
    found, _, said = with_lists(tmp_path, [f"Images/{name}" for name in names], lists)
    assert counts(said) == {"n02081-Chihuahua": 8, "n02082-Maltese_dog": 8}
    assert {path for path, (_, split) in found.items() if split == "test"} == {f"Images/{name}" for name in names[3::4]}


@pytest.mark.parametrize("broken", [b"", b"MATLAB 5.0", cars("", [1, 2])[:180]])
def test_a_list_of_matlabs_that_cannot_be_read_is_named(tmp_path, broken):
    paths = {f"cars_train/{n:05}.jpg": b"not opened" for n in range(1, 5)}
    source = images.write_zip(tmp_path / "in.zip", {**paths, "cars_train_annos.mat": broken})
    said = inspect_source(source)
    assert said["kind"] is None and "cars_train_annos.mat is a file of MATLAB's whose form is not known here" in said["message"]


def test_numbers_of_many_digits_keep_them():
    numbers = mat_array(6, (2, 1), element(6, struct.pack("<2I", 1234567, 1234568)), name=b"id")
    assert read_rows(mat_file(numbers)) == (["id"], [["1234567"], ["1234568"]])


def test_half_a_letter_is_none_and_two_halves_are_one():
    texts = [mat_array(4, (1, 2), element(4, data)) for data in ("\U0001f600".encode("utf-16-le"), b"a\0\0\xd8")]
    assert read_rows(mat_file(mat_array(1, (2, 1), *texts, name=b"names"))) == (["names"], [["\U0001f600"], ["a\ufffd"]])


def test_kilobytes_that_unfold_to_very_many_cells_are_no_list(monkeypatch):
    monkeypatch.setattr(mat, "MOST_CELLS", 1000)
    arrays = [mat_array(6, (600, 1), element(2, bytes(600)), name=name) for name in (b"a", b"b")]
    assert len(read_rows(mat_file(arrays[0]))[1]) == 600
    with pytest.raises(ValueError, match="more cells"):
        read_rows(mat_file(*arrays))
