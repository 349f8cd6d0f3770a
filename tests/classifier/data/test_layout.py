from __future__ import annotations

import pytest

from classifier.data.layouts.base import Place
from classifier.data.layouts.folders import arrange
from classifier.data.layouts.words import split_of
from classifier.spec.errors import InputError


def places(*paths: str) -> list[Place | None]:
    folders: dict[str, int] = {}
    for path in paths:
        folder = path.rpartition("/")[0]
        folders[folder] = folders.get(folder, 0) + 1
    layout = arrange(folders, "a.zip")
    return [layout.place(path) for path in paths]


def test_folders_at_the_top_are_classes():
    assert places("cat/1.png", "dog/1.png") == [Place("cat", None), Place("dog", None)]


def test_wrapper_folders_are_passed_through():
    assert places("a/b/cat/1.png", "a/b/dog/1.png") == [Place("cat", None), Place("dog", None)]


def test_files_deeper_down_belong_to_the_class_folder():
    assert places("cat/tabby/old/1.png", "cat/2.png", "dog/1.png")[0] == Place("cat", None)


@pytest.mark.parametrize("train", ["train", "Training", "TRAIN", "train_set", "trainset", "train-images"])
@pytest.mark.parametrize("other", ["val", "Valid", "validation", "dev", "eval"])
def test_split_folders_are_known_by_their_usual_names(train, other):
    found = places(f"{train}/cat/1.png", f"{train}/dog/1.png", f"{other}/cat/2.png")
    assert [place.split for place in found] == ["train", "train", "validation"]


def test_split_folders_inside_wrappers_and_with_wrappers_inside():
    found = places("data/train/images/cat/1.png", "data/train/images/dog/1.png", "data/test/images/cat/2.png")
    assert found == [Place("cat", "train"), Place("dog", "train"), Place("cat", "test")]


def test_split_folders_below_each_class():
    found = places("cat/train/1.png", "cat/test/2.png", "dog/train/1.png", "dog/test/2.png")
    assert found[:2] == [Place("cat", "train"), Place("cat", "test")]


def test_a_class_named_like_a_split_is_a_class():
    assert places("train/1.png", "car/1.png", "bus/1.png")[0] == Place("train", None)


def test_unlabelled_test_images_have_no_place():
    assert places("train/cat/1.png", "train/dog/1.png", "test/1.png")[2] is None


def test_a_loose_image_has_no_place():
    assert places("cat/1.png", "dog/1.png", "banner.png")[2] is None


def test_one_class_is_refused_in_words():
    with pytest.raises(InputError, match=r"Only one class in a\.zip: 'cat'"):
        places("cat/1.png", "cat/2.png")


def test_no_class_folder_is_refused_in_words():
    with pytest.raises(InputError, match=r"No class folders in a\.zip"):
        places("1.png", "2.png")


def test_no_split_is_seen_in_other_words():
    assert [split_of(word) for word in ("trains", "contest", "vali", "images", "")] == [None] * 5


def test_split_folders_that_begin_with_the_sets_name():
    train = ("seg_train/seg_train/sea/1.png", "seg_train/seg_train/ice/1.png")
    found = places(*train, "seg_test/seg_test/sea/2.png", "seg_pred/seg_pred/3.png")
    assert found == [Place("sea", "train"), Place("ice", "train"), Place("sea", "test"), None]


def test_wrappers_that_each_split_has_of_its_own():
    found = places("train/cat/1.png", "train/dog/1.png", "val/images/cat/2.png", "val/images/dog/2.png", "test/images/3.png")
    assert found == [Place("cat", "train"), Place("dog", "train"), Place("cat", "validation"), Place("dog", "validation"), None]


@pytest.mark.parametrize("sample", ["sample/cat/1.png", "Sample/cat/1.png", "samples/train/cat/1.png", "sample/cat/tabby/1.png"])
def test_a_sample_folder_that_repeats_the_others_is_no_class(sample):
    found = places("set/train/cat/1.png", "set/train/dog/1.png", "set/val/cat/2.png", f"set/{sample}")
    assert found == [Place("cat", "train"), Place("dog", "train"), Place("cat", "validation"), None]
    assert places("cat/1.png", "dog/1.png", sample.replace("train/", ""))[2] is None


def test_a_set_that_was_packed_into_itself_is_taken_once():
    found = places("xray/train/a/1.png", "xray/train/b/1.png", "xray/test/a/2.png", "xray/xray/train/a/1.png", "xray/xray/test/a/2.png")
    assert found == [Place("a", "train"), Place("b", "train"), Place("a", "test"), None, None]


def test_a_class_called_sample_that_stands_for_itself_is_a_class():
    assert places("sample/blood/1.png", "control/water/1.png")[0] == Place("sample", None)


def test_flat_split_folders_are_no_classes():
    with pytest.raises(InputError, match="lie directly in test and train, and nothing says what they show"):
        places("train/1.png", "test/2.png")
