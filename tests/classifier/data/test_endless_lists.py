"""Lists that are made to keep a reader busy, or to break it: each is read in no time, or is none."""

from __future__ import annotations

import json

import pytest

from classifier.data.layouts.keys import Key
from classifier.data.layouts.readable import names_list, numbered, synset_list
from classifier.data.layouts.spaced import spaced
from classifier.data.split import within
from tests.classifier.data.listings import counts, in_folders, inspected

SOON = 5.0  # seconds; of what is read in squares of its length each takes minutes
LONG = 1 << 20
NUMBER = "1" * 5000  # of more digits than Python makes a number of
FOLDERS = in_folders("0", "1")


def test_a_list_that_is_opened_again_and_again_is_none():
    with within(SOON, "too slow"):
        assert names_list("data.yaml", b"names: [\n" * (LONG // 9)) == {}


def test_a_list_on_several_lines_is_read_still():
    assert names_list("data.yaml", b"nc: 2\nnames: [\n  'cat',\n  'dog'\n]\n") == {0: "cat", 1: "dog"}


def test_spaces_behind_a_name_are_passed_once():
    with within(SOON, "too slow"):
        found = synset_list(b"n00000001 tench, Tinca" + b" " * LONG + b"x\r\nn00000002 goldfish  \r\n")
    assert found == {"n00000001": "tench", "n00000002": "goldfish"}


@pytest.mark.parametrize(("cell", "name"), [("a/007.jpg", "a/7.jpg"), ("00", "0"), ("0.png", "0.png"), ("00x.png", "00x.png")])
def test_noughts_before_a_number_are_taken_away(cell, name):
    assert Key(0, True, "", loose=True).compared(cell) == name


def test_very_many_noughts_are_passed_once():
    cell = "0" * LONG + "x"
    with within(SOON, "too slow"):
        assert Key(0, True, "", loose=True).compared(cell) == cell


LISTS = {
    "labels.txt": f"0 cat\n{NUMBER} dog\n",
    "data.yaml": f"names:\n  0: cat\n  {NUMBER}: dog\n",
    "names.json": json.dumps({"0": "cat", NUMBER: "dog"}),
    "signs.csv": f"number,name\n0,cat\n1,dog\n{NUMBER},owl\n",
}


@pytest.mark.parametrize("path", LISTS)
def test_a_number_of_thousands_of_digits_names_no_class(tmp_path, path):
    """Python makes no number of it, and the look at the source failed."""
    assert counts(inspected(tmp_path, FOLDERS, {path: LISTS[path]})) == {"0": 4, "1": 4}
    assert not numbered(["0", NUMBER])


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_comment_that_says_what_the_first_line_does_is_passed_over(end):
    rows = end.join(["image x y", "1.jpg 1 2", "2.jpg 3 4"])
    found = spaced(f"# of all images{end}{rows}")
    assert found is not None and (found.columns, found.text) == (("image", "x", "y"), rows)
    again = spaced(f"# image x y\n{rows}") if end == "\n" else found
    assert again is not None and again.text == rows
