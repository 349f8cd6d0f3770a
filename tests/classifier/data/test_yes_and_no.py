"""Columns of True and False, as pandas writes them, are columns of 1 and 0."""

from __future__ import annotations

import pytest

from tests.classifier.data.listings import counts, inspected, listed, taken

PATHS = [f"{n}.jpg" for n in range(15)]


def table(yes, no):
    rows = (",".join((f"{n}.jpg", *(yes if place == n % 3 else no for place in range(3)))) for n in range(15))
    return {"labels.csv": listed("file,cat,dog,cow", rows)}


@pytest.mark.parametrize(("yes", "no"), [("True", "False"), ("TRUE", "FALSE"), ("yes", "no")])
def test_one_column_a_class_of_yes_and_no_names_the_classes(tmp_path, yes, no):
    found, rules, _ = taken(tmp_path, PATHS, table(yes, no))
    assert {path: label for path, (label, _) in found.items()} == {path: ("cat", "dog", "cow")[n % 3] for n, path in enumerate(PATHS)}
    assert rules == set()


def test_several_columns_of_yes_and_no_that_may_all_be_true_are_no_class(tmp_path):
    rows = (f"{n}.jpg,{n % 2 == 0},{n % 3 == 0},{n % 5 == 0}" for n in range(15))
    said = inspected(tmp_path, PATHS, {"labels.csv": listed("file,dust,scratch,crack", rows)})
    assert said["kind"] is None
    assert "labels.csv says yes or no in 3 columns (dust, scratch, crack)" in said["message"]


def test_one_column_of_yes_and_no_alone_is_the_class(tmp_path):
    rows = (f"{n}.jpg,{n % 2 == 0}" for n in range(15))
    assert counts(inspected(tmp_path, PATHS, {"labels.csv": listed("file,has_cat", rows)})) == {"False": 7, "True": 8}
