"""Every dataset that is whole as an archive and yet wrong or odd as a dataset, as zip, tar and folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.classifier import images
from tests.classifier.archives import packed
from tests.classifier.box import Box, is_sentence

GOOD = images.class_folders(4)
TWICE = images.photograph(500)


class Row(NamedTuple):
    """Files, and what must come of them: a refusal, or rules by file, classes and their images."""

    files: Mapping[str, bytes]
    refused: str = ""
    rules: dict[str, str] = {}
    classes: tuple[str, ...] = ("cat", "dog")
    images: int = 8
    ignored: int = 0


def splits(**more: bytes) -> dict[str, bytes]:
    """Two classes of four pictures in train and of two in test, with more files."""
    test = {f"test/{label}/t{n}.png": images.picture(700 + 10 * place + n) for place, label in enumerate(("cat", "dog")) for n in range(2)}
    return {**images.class_folders(4, prefix="train/"), **test, **more}


CSV = b"file,label\n0.png,cat\n1.png,dog\nmissing.png,cat\n"
ROWS = {
    "one class": Row(images.class_folders(4, ("cat",)), refused="Only one class.*'cat'.*needs at least two; put each class in a folder"),
    "one class, the other unreadable": Row({"cat/0.png": images.picture(1), "dog/0.png": b"no"}, refused="Only one class.*dog/0.png"),
    "an empty class": Row({**GOOD, "fox/": b""}, rules={"fox": "empty_class"}),
    "a class of unreadable files": Row({**GOOD, "fox/0.png": b"no"}, rules={"fox/0.png": "not_an_image", "fox": "empty_class"}),
    "fewer images than splits": Row(
        {**GOOD, "fox/0.png": images.picture(61), "fox/1.png": images.picture(62)},
        rules={"fox": "too_few"},
        classes=("cat", "dog", "fox"),
        images=10,
    ),
    "a class in validation but not in train": Row(
        splits(**{"test/fox/a.png": images.picture(61)}), rules={"test/fox/a.png": "class_not_in_train"}, images=12
    ),
    "the same image in train and test, by hash": Row(
        splits(**{"train/cat/same.jpg": TWICE, "test/cat/same.jpg": TWICE}), rules={"train/cat/same.jpg": "leak"}, images=14
    ),
    "Git LFS pointers": Row(
        dict.fromkeys(GOOD, images.LFS_POINTER), refused="No image could be taken.*8 left out.*Git LFS pointer.*run `git lfs pull`"
    ),
    "some Git LFS pointers": Row({**GOOD, "cat/p.jpg": images.LFS_POINTER}, rules={"cat/p.jpg": "lfs_pointer"}),
    "one nested top folder": Row(images.class_folders(4, prefix="pets/")),
    "three nested top folders": Row(images.class_folders(4, prefix="a/b/c/")),
    "extra depth": Row({**GOOD, "cat/tabby/old/1.png": images.picture(60)}, images=9),
    "loose images": Row({**GOOD, "banner.png": images.picture(60)}, rules={"banner.png": "no_class"}),
    "no folders": Row({"0.png": images.picture(1), "1.png": images.picture(2)}, refused="No class folders.*expected one folder a class"),
    "a CSV whose rows miss files": Row(
        {"0.png": images.picture(1), "1.png": images.picture(2), "labels.csv": CSV},
        rules={"missing.png": "missing_file", "cat": "too_few", "dog": "too_few"},
        images=2,
    ),
    "a CSV about other images": Row(
        {"a.png": images.picture(1), "b.png": images.picture(2), "labels.csv": CSV},
        refused="one folder a class.*csv was read, but no column",
    ),
    "a CSV beside class folders": Row({**GOOD, "labels.csv": CSV}, ignored=1),
    "nothing but text": Row({"README.txt": b"hello"}, refused="No image could be taken.*expected one folder of images a class"),
}
FORMS = ("zip", "tar", "folder")


def source(form: str, files: Mapping[str, bytes], box: Box) -> Path:
    if form != "folder":
        return packed(form, files, good=False)(box.uploads / "pets")
    for name in files:
        if name.endswith("/"):
            (box.uploads / "pets" / name).mkdir(parents=True)
    return images.write_folder(box.uploads / "pets", {name: data for name, data in files.items() if not name.endswith("/")})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", ROWS)
def test_a_dataset_comes_to_a_good_end(case: str, form: str, tmp_path: Path) -> None:
    row, box = ROWS[case], Box(tmp_path)
    said = box.imported(source(form, row.files, box))
    if row.refused:
        assert said.code == 2 and "pets" in said.error and is_sentence(said.error)
        assert re.search(row.refused, said.error), said.error
        return
    assert said.code == 0 and said.rules() == row.rules, said.error
    assert all(is_sentence(problem["message"]) for problem in said.problems)
    assert (tuple(said.end["classes"]), said.end["images"], said.end["ignored"]) == (row.classes, row.images, row.ignored)
