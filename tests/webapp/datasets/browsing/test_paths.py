"""A text is looked for in a million paths without anybody waiting for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from webapp.datasets import packs
from webapp.datasets.browsing import paths
from webapp.datasets.browsing.paths import Search


def listed(folder: Path, *names: str) -> Path:
    """The list of those paths."""
    file = folder / "paths.txt"
    file.write_text("".join(json.dumps(name) + "\n" for name in names), "utf-8")
    return file


def found(path: Path, text: str) -> list[int]:
    search = Search(path, text)
    search.go_on(None)
    assert search.done
    return search.found.tolist()


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("cat", [0, 1, 4]),
        ("CAT/", [0, 1]),
        ("cat/2", [1]),
        ("日本", [2]),
        ("Ärger", [3]),
        ("ärger", [3]),
        ("u65e5", []),
        ("n", [4]),  # not the one of an escaped line break
        ("\\", [4]),
        ('a"', [5]),
        ("nothing", []),
    ],
)
def test_a_path_is_found_by_any_piece_of_it_whatever_its_case(text: str, positions: list[int], tmp_path: Path) -> None:
    path = listed(tmp_path, "cat/1.jpg", "Cat/2.jpg", "日本/3.jpg", "x/ÄRGER.jpg", "x\\concat.jpg", 'a".jpg', "", "y\nz")
    assert found(path, text) == positions


def test_pieces_of_the_list_are_cut_between_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PIECE_BYTES", 7)
    path = listed(tmp_path, *(f"folder/{number:03}.jpg" for number in range(50)))
    assert found(path, "7.j") == [7, 17, 27, 37, 47] and found(path, "folder") == list(range(50))


def test_a_search_goes_on_where_it_was_and_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PIECE_BYTES", 7)
    clock = iter(range(100))
    monkeypatch.setattr("webapp.datasets.browsing.paths.monotonic", lambda: next(clock))
    search = Search(listed(tmp_path, *(f"{number}.jpg" for number in range(4))), "jpg")
    search.go_on(1)  # second; each look at the clock takes one
    assert (search.looked, search.done, search.found.tolist()) == (1, False, [0])
    search.go_on(None)
    assert (search.looked, search.done, search.found.tolist()) == (4, True, [0, 1, 2, 3])


def test_a_list_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(packs.Missing):
        Search(tmp_path / "paths.txt", "x").go_on(None)
