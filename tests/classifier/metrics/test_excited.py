"""Which images excite filters, on disk: read as written, forgotten, and refused where it is not whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier.metrics import excited
from classifier.metrics.excited import FILTER, MOST, NOWHERE
from classifier.metrics.scored import FORGOTTEN


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    """Two layers of two filters and one; the images of each at the positions 10 to 18, the strongest first."""
    filters = np.zeros(3, FILTER)
    filters["best"]["position"] = np.arange(MOST) + 10
    filters["best"]["value"], filters["best"]["down"] = np.arange(MOST)[::-1], 3
    layers = [
        {"name": "conv", "start": 0, "filters": 2, "grid": [7, 7]},
        {"name": "head", "start": 2, "filters": 1, "grid": None},
    ]
    excited.write(tmp_path / "a.1", filters, {"layers": layers, "split": "validation", "images": 9, "of": 12, "side": 32, "resize": None})
    return tmp_path / "a.1"


def test_what_was_written_is_read(stem: Path) -> None:
    found = excited.read(stem)
    layer = found.layer("head")
    assert (layer["start"], layer["grid"], found.layer("nothing")) == (2, None, None)
    assert found.filter(layer, 0)["best"]["position"].tolist() == list(range(10, 19)) and found.about["of"] == 12


def test_an_erased_image_goes_with_its_value_and_its_place(stem: Path) -> None:
    excited.forget(stem, [12, 99])
    best = excited.read(stem).filters[1]["best"]
    assert best["position"].tolist() == [10, 11, FORGOTTEN, 13, 14, 15, 16, 17, 18]
    assert np.isnan(best["value"][2]) and best["down"][2] == NOWHERE and best["value"][3] == 5


def test_of_a_stem_without_files_nothing_is_forgotten_and_nothing_read(tmp_path: Path) -> None:
    excited.forget(tmp_path / "none", [1])
    assert excited.read(tmp_path / "none") is None


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "shorter", "gone"])
def test_files_that_are_not_whole_are_not_there(stem: Path, damage: str) -> None:
    file, text = (excited.part(stem, ending) for ending in excited.PARTS)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "text":
        text.write_text('{"layers": [')
    elif damage == "shorter":
        excited.write_filters(stem, np.zeros(2, FILTER))
    else:
        text.unlink()
    assert excited.read(stem) is None


def test_nothing_of_it_is_left_when_it_is_removed(stem: Path) -> None:
    excited.remove(stem)
    assert not list(stem.parent.iterdir())
