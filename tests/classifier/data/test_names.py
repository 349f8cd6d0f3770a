from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.data.names import clean_path, image_path, kind_of, shown
from classifier.data.problems import Unreadable

UNSAFE = ["../cat.png", "a/../../cat.png", "/etc/cat.png", "\\\\host\\cat.png", "..\\cat.png", "C:\\cat.png", "c:cat.png", "a\0.png"]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(Unreadable) as error:
        clean_path(name)
    assert error.value.rule == "unsafe_name"


@pytest.mark.parametrize("name", ["a" * 300 + ".png", "a/" * 2000 + "b.png", "/".join(["b" * 200] * 8)])
def test_a_name_that_is_too_long_or_deep_is_refused(name):
    with pytest.raises(Unreadable) as error:
        clean_path(name)
    assert error.value.rule == "long_name"


@pytest.mark.parametrize(
    ("name", "clean"),
    [("./cat/1.png", "cat/1.png"), ("cat//1.png", "cat/1.png"), ("cat\\1.png", "cat/1.png"), ("con/=1+1.png", "con/=1+1.png")],
)
def test_an_odd_but_harmless_name_is_taken(name, clean):
    assert clean_path(name) == clean


@given(st.text(max_size=80))
def test_no_clean_path_leads_out(name):
    try:
        path = clean_path(name)
    except Unreadable:
        return
    parts = path.split("/")
    assert not path.startswith("/") and ".." not in parts and "\0" not in path and "\\" not in path


PIECES = [
    "cat",
    "1",
    ".png",
    ".jpg",
    ".PNG",
    ".txt",
    "/",
    "/",
    "\\",
    "..",
    ".",
    ":",
    "\0",
    "__MACOSX",
    ".git",
    "Thumbs.db",
    "é",
    "a" * 130,
    "",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_short_look_at_an_image_says_what_the_long_one_does(name):
    path = image_path(name)
    assert path is None or (path == clean_path(name) and kind_of(path) == "image")


@pytest.mark.parametrize("name", ["cat/1.png", "1.jpg", "./train/cat/é (1).jpeg", "a//b.webp"])
def test_nearly_every_image_gets_the_short_look(name):
    assert image_path(name) == clean_path(name)


@pytest.mark.parametrize("name", [*UNSAFE, "/1.png", ".png", "cat/.1.png", "__MACOSX/1.png", "a" * 300 + ".png", "cat/1.csv", "1", "cat/"])
def test_any_other_file_gets_the_long_look(name):
    assert image_path(name) is None


@given(st.text(max_size=400))
def test_what_is_shown_of_a_refused_name_is_short_and_printable(name):
    assert len(shown(name)) <= 200
    assert shown(name).isprintable()


LITTER = [
    "__MACOSX/cat/._1.png",
    "cat/.DS_Store",
    "cat/Thumbs.db",
    "desktop.ini",
    ".git/a.png",
    "README",
    "LICENSE",
    "labels.csv",
    "cat/a.txt",
]


@pytest.mark.parametrize("path", LITTER)
def test_litter_is_known(path):
    assert kind_of(path) == "litter"


@pytest.mark.parametrize(
    ("path", "kind"), [("a/1.JPG", "image"), ("a/1", "image"), ("a/1.zip", "archive"), ("a/1.mp4", "other"), ("a/1.svg", "other")]
)
def test_the_ending_tells_what_to_do(path, kind):
    assert kind_of(path) == kind
