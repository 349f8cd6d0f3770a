"""Files that hold many images: idx files (MNIST) and CIFAR's batches, which are read without running a pickle."""

from __future__ import annotations

import gzip
import pickle
import struct

import numpy as np
import pytest

from classifier.data.boxes.cifar import open_pickle
from classifier.data.boxes.pickles import read_batch
from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.layouts.choose import Choice
from classifier.data.problems import Unreadable
from classifier.spec.errors import InputError
from tests.classifier import images

RANDOM = np.random.default_rng(5)
LABELS = [n % 2 for n in range(12)]
TEST_LABELS = [1, 0, 1, 0]


def idx(values: np.ndarray, kind: int = 8) -> bytes:
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, kind, values.ndim, *values.shape)
    return head + values.astype(f">u{1 if kind == 8 else 4}").tobytes()


def grey(count: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, 28, 28), np.uint8)


def mnist(train: np.ndarray, test: np.ndarray) -> dict[str, bytes]:
    return {
        "train-images-idx3-ubyte": idx(train),
        "train-labels-idx1-ubyte": idx(np.array(LABELS)),
        "t10k-images-idx3-ubyte": idx(test),
        "t10k-labels-idx1-ubyte": idx(np.array(TEST_LABELS)),
    }


def planes(count: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (count, 3072), np.uint8)


def batch(values: np.ndarray, labels: list[int], protocol: int = 2) -> bytes:
    return pickle.dumps({b"batch_label": b"a batch", b"labels": labels, b"data": values}, protocol)


def imported(tmp_path, files, make=images.write_zip, **options):
    return import_dataset(make(tmp_path / "in", files), tmp_path / "out", **options)


def shown(tmp_path) -> dict[str, tuple[str, np.ndarray]]:
    """{path: (class, uint8 [H, W, 3])}."""
    data = Dataset.open(tmp_path / "out")
    pictures = [np.moveaxis(data.pack.image(int(row)).numpy(), 0, 2) for row in data.images]
    return {data.path(i): (data.classes[data.labels[i]], pictures[i]) for i in range(len(data))}


# idx


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar, images.write_folder])
@pytest.mark.parametrize("spelled", ["{}", "MNIST/raw/{}", "{}.gz", "dots"])
def test_idx_files_become_a_dataset(tmp_path, make, spelled):
    train, test = grey(12), grey(4)
    files = {}
    for name, data in mnist(train, test).items():
        name = name.replace("-idx", ".idx") if spelled == "dots" else spelled.format(name)
        files[name] = gzip.compress(data) if name.endswith("gz") else data
    said = imported(tmp_path, files, make)
    assert (said["images"], said["problems"], said["ignored"]) == (16, [], 0)
    assert {shows: count["test"] for shows, count in said["classes"].items()} == {"0": 2, "1": 2}
    found = [(shows, pixels) for path, (shows, pixels) in sorted(shown(tmp_path).items()) if "t10k" in path]
    assert [shows for shows, _ in found] == ["1", "0", "1", "0"]
    assert all((pixels == test[place][:, :, None]).all() for place, (_, pixels) in enumerate(found))


def test_idx_images_without_labels_are_named(tmp_path):
    files = mnist(grey(12), grey(4))
    del files["t10k-labels-idx1-ubyte"]
    said = imported(tmp_path, files)
    assert {problem["rule"] for problem in said["problems"] if not problem["taken"]} == {"no_label"} and said["images"] == 12


def emnist(name: str, labels: list[int]) -> dict[str, bytes]:
    """One of EMNIST's sets, as they are downloaded."""
    files = {}
    for part, few in (("train", labels), ("test", labels[:4])):
        files[f"gzip/emnist-{name}-{part}-images-idx3-ubyte.gz"] = gzip.compress(idx(grey(len(few))))
        files[f"gzip/emnist-{name}-{part}-labels-idx1-ubyte.gz"] = gzip.compress(idx(np.array(few)))
    return files | {f"gzip/emnist-{name}-mapping.txt": b"1 65 97\n2 66 98\n"}


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_emnists_letters_are_26_classes_counted_from_1(tmp_path):
    said = imported(tmp_path, emnist("letters", [n % 26 + 1 for n in range(78)]))
    assert list(said["classes"]) == list(LETTERS) and said["images"] == 82
    assert [said["classes"][letter]["test"] for letter in "ABCDE"] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("name", "characters"), [("byclass", {0: "0", 10: "A", 36: "a", 61: "z"}), ("balanced", {9: "9", 36: "a", 46: "t"})]
)
def test_emnists_other_labels_are_characters_too(tmp_path, name, characters):
    said = imported(tmp_path, emnist(name, list(characters) * 3))
    assert set(said["classes"]) == set(characters.values())


def test_several_sets_of_emnist_are_not_mixed(tmp_path):
    files = emnist("letters", [1, 2] * 6) | emnist("digits", [1, 2] * 6)
    with pytest.raises(InputError, match=r"2 sets of EMNIST \(digits, letters\)"):
        imported(tmp_path, files)
    left = tuple(path for path in files if "digits" in path and "images" in path)
    said = imported(tmp_path, files, choice=Choice(leave=left))
    assert set(said["classes"]) == {"A", "B"} and {problem["rule"] for problem in said["problems"]} == {"left_aside"}


DAMAGES = [lambda data: data[:-5], lambda data: data + b"more", lambda data: data[:10], lambda data: gzip.compress(data)[:-9]]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_idx_file_is_named(tmp_path, damage):
    files = mnist(grey(12), grey(4))
    files["t10k-images-idx3-ubyte"] = damage(files["t10k-images-idx3-ubyte"])
    problem = imported(tmp_path, files)["problems"][0]
    assert problem["file"] == "t10k-images-idx3-ubyte" and problem["rule"] in ("truncated", "damaged")


def test_an_idx_file_of_billions_of_images_without_a_pixel_is_refused(tmp_path):
    files = mnist(grey(12), grey(4)) | {"more-images-idx3-ubyte": struct.pack(">BBBB3I", 0, 0, 8, 3, 2**32 - 1, 0, 28)}
    assert {p["file"]: p["rule"] for p in imported(tmp_path, files)["problems"]} == {"more-images-idx3-ubyte": "empty"}


def test_an_idx_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.data.boxes.unfold.MAX_MEMBER_BYTES", 1 << 16)
    files = mnist(grey(12), grey(4)) | {"more-images-idx3-ubyte.gz": gzip.compress(bytes(1 << 20))}
    assert {p["file"]: p["rule"] for p in imported(tmp_path, files)["problems"]} == {"more-images-idx3-ubyte.gz": "too_large"}


# CIFAR


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_python_batches_become_a_dataset(tmp_path, protocol):
    train, test = planes(12), planes(4)
    files = {
        "cifar-10-batches-py/data_batch_1": batch(train[:6], LABELS[:6], protocol),
        "cifar-10-batches-py/data_batch_2": batch(train[6:], LABELS[6:], protocol),
        "cifar-10-batches-py/test_batch": batch(test, TEST_LABELS, protocol),
        "cifar-10-batches-py/batches.meta": pickle.dumps({b"label_names": [b"cat", b"dog"]}, protocol),
        "cifar-10-batches-py/readme.html": b"<html>",
    }
    said = imported(tmp_path, files, images.write_tar)
    assert (said["images"], said["problems"], said["ignored"]) == (16, [], 1)
    assert {shows: count["test"] for shows, count in said["classes"].items()} == {"cat": 2, "dog": 2}
    shows, pixels = shown(tmp_path)["cifar-10-batches-py/data_batch_2/00003"]
    assert shows == "dog" and (pixels == train[9].reshape(3, 32, 32).transpose(1, 2, 0)).all()


def test_binary_batches_become_a_dataset(tmp_path):
    train, test = planes(12), planes(4)
    rows = {"data_batch_1.bin": (LABELS, train), "test_batch.bin": (TEST_LABELS, test)}
    files = {name: np.hstack([np.array(labels, np.uint8)[:, None], values]).tobytes() for name, (labels, values) in rows.items()}
    said = imported(tmp_path, {**files, "batches.meta.txt": b"cat\ndog\n\n"})
    assert {shows: count["test"] for shows, count in said["classes"].items()} == {"cat": 2, "dog": 2}
    shows, pixels = shown(tmp_path)["test_batch.bin/00000"]
    assert shows == "dog" and (pixels == test[0].reshape(3, 32, 32).transpose(1, 2, 0)).all()


@pytest.mark.parametrize(("labels", "classes"), [(None, {"fox", "oak", "rat", "elm"}), ("coarse", {"animal", "tree"})])
@pytest.mark.parametrize("form", ["python", "binary"])
def test_cifar_100_has_fine_classes_unless_coarse_ones_are_chosen(tmp_path, form, labels, classes):
    values, fine, coarse = planes(12), [n % 4 for n in range(12)], [n % 2 for n in range(12)]
    if form == "python":
        names = {b"fine_label_names": [b"fox", b"oak", b"rat", b"elm"], b"coarse_label_names": [b"animal", b"tree"]}
        train = pickle.dumps({b"data": values, b"fine_labels": fine, b"coarse_labels": coarse}, 2)
        files = {"train": train, "meta": pickle.dumps(names, 2)}
    else:
        rows = np.hstack([np.array([coarse, fine], np.uint8).T, values])
        files = {"train.bin": rows.tobytes(), "fine_label_names.txt": b"fox\noak\nrat\nelm\n", "coarse_label_names.txt": b"animal\ntree\n"}
    assert set(imported(tmp_path, files, choice=Choice(labels=labels))["classes"]) == classes


class Harm:
    """What a pickle could do."""

    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


def test_no_code_of_a_pickle_is_run(tmp_path):
    evil = pickle.dumps({b"data": planes(2), b"labels": [Harm(exec, f"open({str(tmp_path / 'harm')!r}, 'w')"), 1]}, 2)
    files = {**images.class_folders(4), "data_batch_1": evil}
    said = imported(tmp_path, files)
    assert not (tmp_path / "harm").exists()
    assert {p["file"]: p["rule"] for p in said["problems"]} == {"data_batch_1": "pickle"} and said["images"] == 8
    assert "was not run" in said["problems"][0]["message"]


FOREIGN = [Harm(eval, "1"), Harm(bytearray, 9), np.arange(3), np.zeros(3, np.uint8).view(np.recarray), {"a": {1, 2}}, 5, [b"data"]]


@pytest.mark.parametrize("value", FOREIGN)
def test_a_pickle_of_anything_else_is_refused(value):
    with pytest.raises(Unreadable):
        read_batch(pickle.dumps({b"data": value} if not isinstance(value, int | list) else value, 4))


def nested_key() -> bytes:
    """A dictionary whose key is a tuple of tuples of tuples: to hash it would take for ever."""
    doubling = b"".join(b"q%ch%ch%c\x86" % (n, n, n) for n in range(60))
    return b"\x80\x02)" + doubling + b"q\x3c}h\x3cNs."


BROKEN = [b"", b"\x80", b"\x80\x02.", b"\x80\x02}q\x00", b"\x80\x02h\x05.", b"\x80\x02]K\x01s.", nested_key(), b"\x80\x02tR."]


@pytest.mark.parametrize("data", BROKEN)
def test_a_broken_pickle_ends_in_a_sentence(data):
    with pytest.raises(Unreadable):
        read_batch(data)


def test_every_cut_of_a_batch_ends_in_a_sentence():
    whole = batch(planes(1), [0])
    for length in range(0, len(whole) - 1, 17):
        with pytest.raises(Unreadable):
            read_batch(whole[:length])


def test_an_image_that_is_only_called_like_a_batch_is_an_image(tmp_path):
    files = {**images.class_folders(4), "cat/test": images.picture(60), "dog/train": images.picture(61)}
    assert imported(tmp_path, files)["images"] == 10


def test_a_file_of_other_bytes_is_no_batch(tmp_path):
    with pytest.raises(InputError, match="No image could be taken"):
        imported(tmp_path, {"data_batch_1.bin": bytes(1000)})


def test_half_a_letter_in_a_pickles_names_becomes_a_question_mark():
    names = pickle.dumps({"label_names": ["ca\ud83dt", "k\u00f6ter", b"dog"]}, 2)
    assert open_pickle(names)[0].names == ("ca?t", "k\u00f6ter", "dog")
