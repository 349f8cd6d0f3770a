from __future__ import annotations

import pytest

from classifier.data.layout import Place, arrange, split_of
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
