"""What is inside of a network, by the command line."""

from __future__ import annotations

import pytest
from PIL import Image


@pytest.fixture
def image(source):
    return source / "red/0.png"


def test_every_layer_is_a_line_and_their_parameters_are_the_networks(cli, trained, image):
    lines = cli("layers", trained, image).lines
    assert lines[0]["name"] == "features.0.0" and lines[-1]["name"] == "head"
    assert sum(line["parameters"] for line in lines) > 200_000 and all(line["event"] == "layer" for line in lines)


def test_one_layer_is_told_in_full_and_drawn(cli, trained, image, tmp_path):
    (line,) = cli("layers", trained, image, "--layer", "features.0.0", "--out", tmp_path / "maps.png").lines
    assert len(line["given"]["histogram"]) == 40 and line["weights"][0]["values"] == 32 * 3 * 9
    assert min(Image.open(tmp_path / "maps.png").size) > 16


def test_what_a_filter_looks_for_is_drawn(cli, trained, image, tmp_path):
    (line,) = cli("layers", trained, image, "--layer", "head", "--filter", "1", "--out", tmp_path / "seen.png").lines
    assert line["after"] > line["before"] and Image.open(tmp_path / "seen.png").size == (320, 320)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "{tmp}/a.png"), "name it with --layer"),
        (("--layer", "head", "--filter", "0"), "name the file to write with --out"),
        (("--layer", "nothing"), "has no layer 'nothing'"),
        (("--layer", "head", "--filter", "9", "--out", "{tmp}/a.png"), "has the filters 0 to 2; 9 came"),
        (("--layer", "head", "--out", "{tmp}"), "is a folder"),
    ],
)
def test_what_cannot_be_shown_is_said(cli, trained, image, tmp_path, words, sentence):
    said = cli("layers", trained, image, *(word.format(tmp=tmp_path) for word in words))
    assert said.code == 2 and sentence in said.err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("layers",), ("explain", "--out", "{tmp}/a.png")])
def test_without_an_average_there_is_none_to_leave_aside(cli, trained, image, tmp_path, words):
    command, *rest = (word.format(tmp=tmp_path) for word in words)
    said = cli(command, trained, image, *rest, "--raw")
    assert said.code == 2 and "keeps no average of its weights" in said.err and not list(tmp_path.iterdir())
