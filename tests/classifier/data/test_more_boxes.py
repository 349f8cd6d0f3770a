"""STL-10's and SVHN's files, which hold many images each, with their pixels as torchvision's readers have them."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from classifier.data.boxes.svhn import BLOCK, Packed
from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.problems import Unreadable
from classifier.spec.errors import InputError
from tests.classifier import images
from tests.classifier.data.listings import told
from tests.classifier.data.test_imagenet_layouts import element, mat_array, mat_file

RANDOM = np.random.default_rng(7)
TRAIN, TEST = [1, 10, 1, 10, 1, 10, 1, 10], [10, 1, 10, 1]


def pictures(count: int, side: int) -> np.ndarray:
    """uint8 [N, 3, H, W]"""
    return RANDOM.integers(0, 256, (count, 3, side, side), np.uint8)


def stl(train: np.ndarray, test: np.ndarray) -> dict[str, bytes]:
    return {
        "stl10_binary/train_X.bin": train.transpose(0, 1, 3, 2).tobytes(),
        "stl10_binary/train_y.bin": bytes(TRAIN),
        "stl10_binary/test_X.bin": test.transpose(0, 1, 3, 2).tobytes(),
        "stl10_binary/test_y.bin": bytes(TEST),
        "stl10_binary/class_names.txt": b"airplane\nbird\n",
    }


def svhn(found: np.ndarray, labels: list[int], packed: bool = True) -> bytes:
    """X as MATLAB writes 32 by 32 by 3 by N, the first of these the fastest, and y."""
    head = element(6, struct.pack("<2I", 9, 0)) + element(5, struct.pack("<4i", 32, 32, 3, len(found))) + struct.pack("<HH4s", 1, 1, b"X")
    pixels = element(14, head + element(2, found.transpose(0, 1, 3, 2).tobytes()))
    digits = mat_array(6, (len(labels), 1), element(2, bytes(labels)), name=b"y")
    return mat_file(pixels, digits) if packed else b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + pixels + digits


def kept(tmp_path, path: str) -> tuple[str, np.ndarray]:
    """(the class, pixels) of an image."""
    data = Dataset.open(tmp_path / "out")
    place = next(n for n in range(len(data)) if data.path(n) == path)
    return data.classes[data.labels[place]], data.pack.image(int(data.images[place])).numpy()


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar, images.write_folder])
def test_stl_is_read_with_its_labels_and_names(tmp_path, make):
    train, test = pictures(8, 96), pictures(4, 96)
    said = import_dataset(make(tmp_path / "in", stl(train, test)), tmp_path / "out")
    assert said["classes"]["truck"]["test"] == said["classes"]["airplane"]["test"] == 2 and said["problems"] == []
    label, pixels = kept(tmp_path, "stl10_binary/train_X.bin/00001")
    assert label == "truck" and np.abs(pixels.astype(int) - train[1]).mean() < 40  # kept as JPEG


@pytest.mark.parametrize("packed", [True, False])
def test_house_numbers_are_read_and_ten_is_nought(tmp_path, packed):
    train, test = pictures(8, 32), pictures(4, 32)
    files = {"train_32x32.mat": svhn(train, TRAIN, packed), "test_32x32.mat": svhn(test, TEST, packed)}
    said = import_dataset(images.write_zip(tmp_path / "in.zip", files), tmp_path / "out")
    assert said["classes"].keys() == {"0", "1"} and said["classes"]["0"]["test"] == 2 and said["problems"] == []
    label, pixels = kept(tmp_path, "train_32x32.mat/00001")
    assert label == "0" and (pixels == train[1]).all()
    assert (kept(tmp_path, "test_32x32.mat/00003")[1] == test[3]).all()


def test_it_is_told_before_the_import(tmp_path):
    files = {"train_32x32.mat": svhn(pictures(8, 32), TRAIN)}
    said = inspect_source(images.write_zip(tmp_path / "in.zip", files))
    assert (said["kind"], said["images"]) == ("svhn", 8) and said["message"].startswith("SVHN's files hold the images")


def test_images_without_labels_are_told(tmp_path):
    files = stl(pictures(8, 96), pictures(4, 96)) | {"stl10_binary/unlabeled_X.bin": pictures(3, 96).tobytes()}
    said = inspect_source(images.write_zip(tmp_path / "in.zip", files))
    assert said["images"] == 12 and told(said) == {"no_label": [f"stl10_binary/unlabeled_X.bin/0000{n}" for n in range(3)]}


WHOLE = svhn(pictures(2, 32), [1, 2])
BROKEN = {
    "no such file": ("train_32x32.mat", b"MATLAB"),
    "another variable": ("train_32x32.mat", mat_file(mat_array(6, (1, 2), element(2, b"\1\2"), name=b"y"))),
    "fewer labels": ("train_32x32.mat", svhn(pictures(3, 32), [1, 2])),
    "a newer version": ("train_32x32.mat", b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(400) + b"\x89HDF"),
    "half an image": ("train_X.bin", bytes(1000)),
    "labels of another set": ("train_y.bin", bytes([0, 1])),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_of_another_kind_under_such_a_name_is_refused_in_words(tmp_path, what):
    name, data = BROKEN[what]
    with pytest.raises(InputError, match=r"is no file of|holds no labels of STL-10|is a program's own file"):
        import_dataset(images.write_zip(tmp_path / "in.zip", {name: data}), tmp_path / "out")


@pytest.mark.parametrize("at", [*range(0, 200, 7), len(WHOLE) // 2, len(WHOLE) - 1])
def test_every_cut_of_a_file_is_refused_or_read(tmp_path, at):
    source = images.write_zip(tmp_path / "in.zip", {"train_32x32.mat": WHOLE[:at]})
    assert inspect_source(source)["images"] in (0, 2)


def test_a_stream_that_unfolds_to_less_than_it_promises_is_told(tmp_path):
    packed = zlib.compress(zlib.decompress(WHOLE[136:])[:3000])
    short = WHOLE[:128] + struct.pack("<2I", 15, len(packed)) + packed + svhn(pictures(2, 32), [1, 2])[-60:]
    said = inspect_source(images.write_zip(tmp_path / "in.zip", {"train_32x32.mat": short}))
    assert said["images"] == 0 and "unknown_ending" not in told(said)


def test_what_lies_behind_the_end_of_a_stream_is_not_walked():
    stream = Packed(memoryview(zlib.compress(b"0123456789") + bytes(8 * BLOCK)))
    assert stream.read(10) == b"0123456789"
    with pytest.raises(Unreadable):
        stream.read(1)
    assert stream.at <= 2 * BLOCK
