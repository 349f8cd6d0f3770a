"""Classes whose names read alike are told, before an import and by it."""

from __future__ import annotations

import pytest

from classifier.data.duplicates import similar_classes
from tests.classifier.data.listings import in_folders, inspected, told

ALIKE = [("dog", "dog\u200b"), ("cat", "cat "), ("red wine", "red  wine"), ("cat", "\u202ecat"), ("Cat", "cat")]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_names_that_read_the_same_are_told(first, second):
    assert [problem["rule"] for problem in similar_classes([first, second, "fox"])] == ["similar_classes"]


def test_other_names_are_no_twins():
    assert similar_classes(["cat", "cats", "red wine", "redwine", "👩", "👩\u200d🌾"]) == []


def test_a_look_names_classes_that_read_alike_before_they_are_taken(tmp_path):
    said = inspected(tmp_path, in_folders("Cat", "cat", "dog", "dog\u200b"))
    assert told(said) == {"similar_classes": ["cat", "dog\u200b"]}
