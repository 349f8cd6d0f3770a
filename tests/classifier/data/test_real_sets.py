from __future__ import annotations

import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset

pytestmark = pytest.mark.shared


def test_real_photographs_are_all_taken(shared_data, tmp_path):
    said = import_dataset(shared_data / "grocery10.zip", tmp_path / "out")
    assert (said["images"], len(said["classes"]), said["ignored"]) == (1041, 10, 0)
    assert not [problem for problem in said["problems"] if not problem["taken"]]
    assert not Dataset.open(tmp_path / "out").pack.is_small


def test_real_small_images_are_kept_as_raw_pixels(shared_data, tmp_path):
    said = import_dataset(shared_data / "cifar10-tiny-3000.zip", tmp_path / "out", shares=(80, 10, 10), seed=3)
    assert {tuple(count.values()) for count in said["classes"].values()} == {(240, 30, 30)}
    assert Dataset.open(tmp_path / "out").pack.is_small
