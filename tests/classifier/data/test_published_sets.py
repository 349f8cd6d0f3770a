"""Sets as they are published: Kaggle's competitions, museums, hospitals. Their tables and folders mislead in ways of their own."""

from __future__ import annotations

import json

import pytest

from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from tests.classifier import images

TRAIN = [f"train_images/{n:04}.jpg" for n in range(12)]
TEST = [f"test_images/{n:04}.jpg" for n in range(100, 104)]


def inspected(tmp_path, paths, tables=(), **chosen):
    files = {**dict.fromkeys(paths, b"not opened"), **{path: text.encode() for path, text in dict(tables).items()}}
    return inspect_source(images.write_zip(tmp_path / "in.zip", files), choice_of(json.dumps(chosen)))


def counts(said) -> dict[str, int]:
    """{class: images}"""
    return {label: sum(count.values()) for label, count in said["classes"].items()}


def told(said) -> dict[str, list[str]]:
    """{rule: the first files that it is said of}."""
    return {entry["rule"]: entry["first"] for entry in said["left"]}


def listed(header: str, rows) -> str:
    return header + "\n" + "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize("name", ["sample_submission.csv", "sampleSubmission.csv", "SampleSubmission.csv", "submission_format.csv"])
def test_the_example_of_a_competitions_answers_labels_no_image(tmp_path, name):
    tables = {
        "train.csv": listed("id_code,diagnosis", (f"{n:04},{n % 3}" for n in range(12))),
        name: listed("id_code,diagnosis", (f"{n:04},0" for n in range(100, 104))),
    }
    said = inspected(tmp_path, TRAIN + TEST, tables)
    assert counts(said) == {"0": 4, "1": 4, "2": 4} and told(said) == {"not_listed": TEST}
    assert "answers of a competition" in next(table["why"] for table in said["tables"] if table["file"] == name)


def in_folders(*folders: str, count: int = 4, name: str = "{}.jpg", first: int = 1) -> list[str]:
    return [f"{folder}/{name.format(n)}" for folder in folders for n in range(first, first + count)]


SPLITS = [
    ("train", "test1"),
    ("train2017", "val2017"),
    ("ISIC_2019_Training_Input", "ISIC_2019_Test_Input"),
    ("cars_train", "cars_test"),
]


@pytest.mark.parametrize(("one", "other"), SPLITS)
def test_splits_that_hold_loose_images_are_no_classes(tmp_path, one, other):
    said = inspected(tmp_path, in_folders(one, other))
    assert said["kind"] is None and "nothing says what they show" in said["message"]


@pytest.mark.parametrize(("one", "other"), SPLITS)
def test_splits_are_told_by_what_differs_in_their_names(tmp_path, one, other):
    said = inspected(tmp_path, in_folders(f"{one}/cat", f"{one}/dog", f"{other}/cat"))
    assert counts(said) == {"cat": 8, "dog": 4} and said["classes"]["dog"]["train"] == 4 and not said["classes"]["cat"]["train"] == 8


@pytest.mark.parametrize(("one", "other"), [("dev board", "test board"), ("train", "trainer"), ("test 1", "test 2")])
def test_classes_whose_names_hold_a_splits_word_stay_classes(tmp_path, one, other):
    assert counts(inspected(tmp_path, in_folders(one, other))) == {one: 4, other: 4}


@pytest.mark.parametrize("inside", ["images", "cars_train"])
def test_splits_whose_only_folder_holds_the_images_are_refused_in_words(tmp_path, inside):
    """A set for finding objects, as YOLO's; or packed into itself as Kaggle does it."""
    folders = ("train/images", "test/images") if inside == "images" else ("cars_train/cars_train", "cars_test/cars_test")
    said = inspected(tmp_path, in_folders(*folders))
    assert said["kind"] is None and "images lie directly in" in said["message"] and folders[0] in said["message"]


def test_names_are_offered_as_classes_where_the_tests_images_have_none(tmp_path):
    """Kaggle's Dogs vs. Cats."""
    train = in_folders("train", name="cat.{}.jpg") + in_folders("train", name="dog.{}.jpg")
    said = inspected(tmp_path, train + in_folders("test1", count=8))
    assert '"kind": "names"' in said["message"] and "names" in said["choices"]["kinds"]
    chosen = inspected(tmp_path, train + in_folders("test1", count=8), kind="names")
    assert counts(chosen) == {"cat": 4, "dog": 4} and chosen["left"][0]["count"] == 8


def test_names_of_splits_are_not_offered_as_classes(tmp_path):
    said = inspected(tmp_path, in_folders("train", name="train{}.jpg") + in_folders("valid", name="valid{}.jpg"))
    assert "names" not in said["choices"]["kinds"]
