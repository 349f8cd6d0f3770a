"""ImageNet as it is downloaded: synset folders, Kaggle's lists, Tiny-ImageNet's, ILSVRC2012's own tars with the devkit."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib

import pytest

from classifier.data.archive import open_source
from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.layouts.devkit import classes_of
from classifier.data.layouts.mat import read_structs
from classifier.spec.errors import InputError
from tests.classifier import images

TENCH, SPANIEL = "n01440764", "n02102040"  # torchvision: tench, English springer
OWN = "n00007846"  # of WordNet, none of ImageNet's 1,000 classes


def synsets(prefix: str = "", labels=(TENCH, SPANIEL), count: int = 8) -> dict[str, bytes]:
    return {f"{prefix}{label}/{label}_{n}.JPEG": shot(label, n) for label in labels for n in range(count)}


def shot(label: str, number: int) -> bytes:
    return images.picture(int(label[1:]) + number, "JPEG")


def imported(tmp_path, files, make=images.write_zip):
    return import_dataset(make(tmp_path / "in", files), tmp_path / "out")


def test_synset_ids_stay_labels_and_get_readable_names(tmp_path):
    said = imported(tmp_path, synsets())
    assert set(said["classes"]) == {TENCH, SPANIEL} and said["names"] == {TENCH: "tench", SPANIEL: "English springer"}


@pytest.mark.parametrize("file", ["LOC_synset_mapping.txt", "words.txt"])
def test_the_sources_own_names_come_first(tmp_path, file):
    words = f"{TENCH} doctor fish, Tinca tinca\n{OWN}\tperson, individual\n".encode()
    said = imported(tmp_path, {**synsets(labels=(TENCH, SPANIEL, OWN)), file: words})
    assert said["names"] == {TENCH: "doctor fish", SPANIEL: "English springer", OWN: "person"}


def test_an_id_that_nobody_names_stays_without_a_name(tmp_path):
    assert imported(tmp_path, synsets(labels=(TENCH, OWN)))["names"] == {TENCH: "tench"}


def test_kaggles_list_places_the_flat_validation_images(tmp_path):
    base = "ILSVRC/Data/CLS-LOC"
    files = synsets(f"{base}/train/")
    files |= {f"{base}/val/ILSVRC2012_val_0000000{n}.JPEG": images.picture(500 + n, "JPEG") for n in range(1, 5)}
    files |= {f"{base}/test/ILSVRC2012_test_0000000{n}.JPEG": images.picture(600 + n, "JPEG") for n in range(1, 3)}
    rows = "".join(f"ILSVRC2012_val_0000000{n},{(TENCH, SPANIEL)[n % 2]} {n} 2 30 40 \n" for n in range(1, 5))
    said = imported(tmp_path, {**files, "LOC_val_solution.csv": f"ImageId,PredictionString\n{rows}".encode()})
    assert [count["validation"] for count in said["classes"].values()] == [2, 2]
    assert {problem["rule"] for problem in said["problems"]} == {"no_class"} and len(said["problems"]) == 2


def test_tiny_imagenet_as_it_is(tmp_path):
    files = {}
    for label in (TENCH, SPANIEL):
        files |= {f"tiny/train/{label}/images/{label}_{n}.JPEG": shot(label, n) for n in range(6)}
        files[f"tiny/train/{label}/{label}_boxes.txt"] = f"{label}_0.JPEG\t0\t1\t2\t3\n".encode()
    files |= {f"tiny/val/images/val_{n}.JPEG": images.picture(500 + n, "JPEG") for n in range(4)}
    files |= {f"tiny/test/images/test_{n}.JPEG": images.picture(600 + n, "JPEG") for n in range(2)}
    files["tiny/val/val_annotations.txt"] = "".join(f"val_{n}.JPEG\t{(TENCH, SPANIEL)[n % 2]}\t0\t0\t9\t9\n" for n in range(4)).encode()
    files["tiny/words.txt"] = f"{TENCH}\ttench, Tinca tinca\n{SPANIEL}\tspringer, springer spaniel\n".encode()
    files["tiny/wnids.txt"] = f"{TENCH}\n{SPANIEL}\n".encode()
    said = imported(tmp_path, files)
    assert [count["validation"] for count in said["classes"].values()] == [2, 2]
    assert said["names"] == {TENCH: "tench", SPANIEL: "springer"} and said["images"] == 16
    assert {problem["rule"] for problem in said["problems"]} == {"no_class"}


# ILSVRC2012's tars


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<2I", kind, len(data)) + data + bytes(-len(data) % 8)


def mat_array(kind: int, shape: tuple[int, int], *content: bytes, name: bytes = b"") -> bytes:
    head = element(6, struct.pack("<2I", kind, 0)) + element(5, struct.pack("<2i", *shape)) + element(1, name)
    return element(14, head + b"".join(content))


def meta_mat(classes: dict[int, tuple[str, str]]) -> bytes:
    """The devkit's list of classes, packed as MATLAB packs it."""
    width = 16
    names = b"".join(name.encode().ljust(width, b"\0") for name in ("ILSVRC2012_ID", "WNID", "words"))
    cells = [struct.pack("<HHI", 5, 4, width), element(1, names)]
    for number, texts in classes.items():
        cells.append(mat_array(6, (1, 1), struct.pack("<HHH2x", 4, 2, number)))
        cells += [mat_array(4, (1, len(text)), element(4, text.encode("utf-16-le"))) for text in texts]
    return mat_file(mat_array(2, (len(classes), 1), *cells))


def mat_file(*arrays: bytes) -> bytes:
    """Arrays as MATLAB packs them."""
    packed = [zlib.compress(array) for array in arrays]
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"".join(struct.pack("<2I", 15, len(one)) + one for one in packed)


def tar(tmp_path, files, packing: str = "") -> bytes:
    return images.write_tar(tmp_path / "making.tar", files, packing).read_bytes()


def class_shots(label: str) -> dict[str, bytes]:
    return {f"{label}_{n}.JPEG": shot(label, n) for n in range(6)}


def ilsvrc(tmp_path) -> dict[str, bytes]:
    """The three files that are downloaded, in small."""
    train = {f"{label}.tar": tar(tmp_path, class_shots(label)) for label in (TENCH, SPANIEL)}
    val = {f"ILSVRC2012_val_0000000{n}.JPEG": images.picture(500 + n, "JPEG") for n in range(1, 6)}
    devkit = {
        "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt": b"7\n9\n9\n7\n",
        "ILSVRC2012_devkit_t12/data/meta.mat": meta_mat({7: (SPANIEL, "springer, springer spaniel"), 9: (TENCH, "tench, Tinca tinca")}),
        "ILSVRC2012_devkit_t12/readme.txt": b"read me",
    }
    return {
        "ILSVRC2012_img_train.tar": tar(tmp_path, train),
        "ILSVRC2012_img_val.tar": tar(tmp_path, val),
        "ILSVRC2012_devkit_t12.tar.gz": tar(tmp_path, devkit, "gz"),
    }


@pytest.mark.parametrize("make", [images.write_tar, images.write_folder])
def test_the_tars_of_ilsvrc2012_with_their_devkit(tmp_path, make):
    said = imported(tmp_path, ilsvrc(tmp_path), make)
    assert [count["validation"] for count in said["classes"].values()] == [2, 2] and said["images"] == 16
    assert said["names"] == {TENCH: "tench", SPANIEL: "springer"}
    assert {p["file"]: p["rule"] for p in said["problems"]} == {"val/ILSVRC2012_val_00000005.JPEG": "not_listed"}
    data = Dataset.open(tmp_path / "out")
    labels = {data.path(i): data.classes[data.labels[i]] for i in range(len(data)) if "_val_" in data.path(i)}
    assert [labels[path] for path in sorted(labels)] == [SPANIEL, TENCH, TENCH, SPANIEL]


def test_a_folder_of_the_tars_of_classes_as_servers_have_it(tmp_path):
    train = {f"ILSVRC2012_img_train/{label}.tar": tar(tmp_path, class_shots(label)) for label in (TENCH, SPANIEL)}
    val = {f"ILSVRC2012_img_val/{name}": data for name, data in validation_images().items()}
    answers = {"ILSVRC2012_validation_ground_truth.txt": "".join(f"{label}\n" for label in (SPANIEL, TENCH, TENCH, SPANIEL)).encode()}
    said = imported(tmp_path, {**train, **val, **answers}, images.write_folder)
    assert [(sum(count.values()), count["validation"]) for count in said["classes"].values()] == [(8, 2), (8, 2)]
    assert all(problem["taken"] for problem in said["problems"])


def test_the_tars_of_ilsvrc2012_one_folder_down(tmp_path):
    files = {f"ILSVRC/{name}": data for name, data in ilsvrc(tmp_path).items()}
    said = imported(tmp_path, files, images.write_folder)
    assert said["images"] == 16 and [count["validation"] for count in said["classes"].values()] == [2, 2]


@pytest.mark.parametrize(("name", "once"), [("train/n01440764.tar", True), ("train/cat/n01440764.tar", False), ("train/cat.tar", False)])
def test_names_in_large_tars_are_not_read_before_their_images(tmp_path, name, once):
    source = open_source(images.write_folder(tmp_path / "in", {name: b"x", "val/1.png": b"x"}))
    assert source.rewindable is not once


def test_the_validation_tar_alone_with_the_devkit(tmp_path):
    files = ilsvrc(tmp_path)
    del files["ILSVRC2012_img_train.tar"]
    said = imported(tmp_path, files, images.write_folder)
    assert said["classes"] == {label: {"train": 0, "validation": 2, "test": 0} for label in (TENCH, SPANIEL)}
    assert {p["file"]: p["rule"] for p in said["problems"] if not p["taken"]} == {"val/ILSVRC2012_val_00000005.JPEG": "not_listed"}


def validation_images() -> dict[str, bytes]:
    return {f"ILSVRC2012_val_0000000{n}.JPEG": images.picture(500 + n, "JPEG") for n in range(1, 5)}


@pytest.mark.parametrize("make", [images.write_tar, images.write_zip])
def test_validation_images_alone_are_taken_without_labels_and_it_is_said(tmp_path, make):
    said = imported(tmp_path, validation_images(), make)
    assert list(said["classes"]) == ["unlabelled"] and said["images"] == 4
    (problem,) = said["problems"]
    assert problem["file"] == "ILSVRC2012_devkit_t12.tar.gz" and "taken without labels" in problem["message"] and problem["taken"]


def test_a_ground_truth_without_the_devkits_list_gives_numbers_and_says_so(tmp_path):
    said = imported(tmp_path, {**validation_images(), "ILSVRC2012_validation_ground_truth.txt": b"490\n361\n361\n490\n"})
    assert said["classes"] == {number: {"train": 0, "validation": 2, "test": 0} for number in ("361", "490")}
    assert ("ILSVRC2012_validation_ground_truth.txt", "no_names") in [(p["file"], p["rule"]) for p in said["problems"]]


def test_other_images_beside_those_of_validation_are_not_taken_without_labels(tmp_path):
    with pytest.raises(InputError, match="No class folders"):
        imported(tmp_path, {**validation_images(), "holiday.jpg": images.picture(9, "JPEG")})


def test_validation_images_with_a_list_of_synsets(tmp_path):
    files = {f"ILSVRC2012_val_0000000{n}.JPEG": images.picture(500 + n, "JPEG") for n in range(1, 5)}
    said = imported(tmp_path, {**files, "imagenet_2012_validation_synset_labels.txt": f"{TENCH}\n{SPANIEL}\n".encode() * 2})
    assert said["classes"] == {label: {"train": 0, "validation": 2, "test": 0} for label in (TENCH, SPANIEL)}


def test_a_devkit_that_is_damaged_leaves_the_validation_images_out(tmp_path):
    files = ilsvrc(tmp_path)
    broken = {"data/ILSVRC2012_validation_ground_truth.txt": b"7\n9\n9\n7\n", "data/meta.mat": b"MATLAB" * 40}
    files["ILSVRC2012_devkit_t12.tar.gz"] = tar(tmp_path, broken, "gz")
    said = imported(tmp_path, files, images.write_folder)
    assert said["images"] == 12 and {problem["rule"] for problem in said["problems"]} == {"no_class"}


def test_a_class_of_the_devkit_without_a_synset_id_is_none():
    assert classes_of(meta_mat({7: ("no synset", "springer"), 9: (TENCH, "tench")})) == {9: (TENCH, "tench")}


def test_every_cut_of_a_list_of_classes_is_refused():
    whole = meta_mat({7: (SPANIEL, "springer"), 9: (TENCH, "tench")})
    assert read_structs(whole)["WNID"] == [SPANIEL, TENCH]
    for length in range(len(whole)):
        with pytest.raises((ValueError, StopIteration, struct.error, zlib.error, IndexError)):
            read_structs(whole[:length])


def test_a_tar_in_a_tar_is_opened_for_imagenet_alone(tmp_path):
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w"):
        pass
    said = imported(tmp_path, {**images.class_folders(4), "more.tar": inner.getvalue()}, images.write_tar)
    assert {p["file"]: p["rule"] for p in said["problems"]} == {"more.tar": "nested_archive"}
