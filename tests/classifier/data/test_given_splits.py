"""Splits that a source gives are kept, however it says them; what it says that is no split is told."""

from __future__ import annotations

import pytest

from tests.classifier.data.listings import in_folders, inspected, listed, taken, told

PATHS = [f"{n}.jpg" for n in range(16)]


def table(words, column="split"):
    rows = (f"{n}.jpg,{('cat', 'dog')[n // 4 % 2]},{words[n % len(words)]}" for n in range(16))
    return {"labels.csv": listed(f"file,label,{column}", rows)}


def of_test(said):
    return sum(counts["test"] for counts in said["classes"].values())


def test_a_split_that_is_none_does_not_lose_the_others_and_is_told(tmp_path):
    found, rules, said = taken(tmp_path, PATHS, table(("train", "train", "test", "holdback")))
    assert {path for path, (_, split) in found.items() if split == "test"} == {"2.jpg", "6.jpg", "10.jpg", "14.jpg"}
    assert rules == {"unknown_split"}
    assert told(said) == {"unknown_split": ["labels.csv"]}
    assert "says 'holdback' of 4 images" in said["left"][0]["message"]


def test_a_split_that_comes_late_and_is_none_is_told(tmp_path):
    rows = [f"{n}.jpg,{('cat', 'dog')[n % 2]},train" for n in range(1500)] + ["1500.jpg,cat,spare"]
    said = inspected(tmp_path, [f"{n}.jpg" for n in range(1501)], {"labels.csv": listed("file,label,split", rows)})
    assert told(said) == {"unknown_split": ["labels.csv"]}


def test_what_is_train_and_validation_together_is_learnt_from(tmp_path):
    said = inspected(tmp_path, PATHS, table(("trainval", "test")))
    assert (of_test(said), told(said)) == (8, {})


def test_numbers_are_no_splits_of_which_some_are_unknown(tmp_path):
    said = inspected(tmp_path, PATHS, table(("0", "1", "2")))
    assert (of_test(said), told(said)) == (0, {})


@pytest.mark.parametrize("column", ["is_train", "Is Training"])
def test_a_column_that_asks_whether_an_image_is_of_train_gives_the_test_images(tmp_path, column):
    said = inspected(tmp_path, PATHS, table(("True", "True", "True", "False"), column))
    assert (of_test(said), told(said)) == (4, {})


@pytest.mark.parametrize("other", ["tests", "Tests", "test_labeled", "labelled_test", "test (copy)"])
def test_a_folder_of_the_same_classes_with_the_word_of_a_split_is_one_too(tmp_path, other):
    folders = [f"{split}/{shows}" for split in ("train", "val", other) for shows in ("cat", "dog")]
    said = inspected(tmp_path, in_folders(*folders))
    assert (of_test(said), told(said)) == (8, {})


def test_a_second_folder_of_a_split_that_is_there_is_not_taken_for_it(tmp_path):
    folders = [f"{split}/{shows}" for split in ("train", "val", "train_augmented") for shows in ("cat", "dog")]
    assert set(told(inspected(tmp_path, in_folders(*folders)))) == {"no_class"}


def test_a_look_leaves_out_a_class_that_train_lacks_as_the_import_does(tmp_path):
    paths = in_folders("train/cat", "train/dog", "val/cat", "val/dog", "test/cat", "test/dog", "test/fish")
    _, rules, said = taken(tmp_path, paths)  # which compares the classes of both
    assert (rules, told(said)) == ({"class_not_in_train"}, {"class_not_in_train": [f"test/fish/{n}.jpg" for n in range(1, 5)]})
    assert "fish" not in said["classes"] and "a class that train lacks (fish)" in said["left"][0]["message"]


def test_a_look_at_a_set_for_evaluation_alone_shows_all_its_classes(tmp_path):
    said = inspected(tmp_path, in_folders("test/cat", "test/dog"))
    assert (set(said["classes"]), told(said)) == ({"cat", "dog"}, {})
