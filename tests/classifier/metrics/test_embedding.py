"""Places of images on disk: read as written, searched as by brute force, and forgotten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier.metrics import embedding
from classifier.metrics.embedding import LAYOUT, NO_ROW, POINT, Basis
from classifier.metrics.scored import FORGOTTEN

BASIS = Basis(np.zeros(6, np.float32), np.eye(6, 4, dtype=np.float32), 2.0, np.array([0.5, 0.2, 0.1, 0.05], np.float32), 40)


def points(train: int, evaluated: int) -> np.ndarray:
    made = np.zeros(train + evaluated, POINT)
    made["position"] = np.arange(len(made)) + 100
    made["split"][train:], made["row"] = 2, NO_ROW
    made["row"][train:] = np.arange(evaluated)
    return made


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    """30 training images and 10 of the test split, the last of which is the sixth again."""
    values = np.random.default_rng(4).normal(size=(40, 4)).astype(np.float32)
    values[39] = values[5]
    stem = tmp_path / "predictions-test-1.5"
    embedding.write(stem, points(30, 10), values, BASIS)
    layout = np.zeros(40, LAYOUT)
    layout["point"], layout["x"] = np.arange(40), np.arange(40)
    embedding.write_layout(stem, layout)
    return stem


def test_what_was_written_is_read(stem: Path):
    found = embedding.read(stem)
    assert found.points.dtype == POINT and found.values.shape == (40, 4) and len(found.layout) == 40 and found.learnt == 30
    assert found.basis.images == 40 and found.basis.scale == 2.0
    assert np.allclose(found.points["length"], np.linalg.norm(found.values.astype(np.float32), axis=1))


def test_another_image_finds_its_place(stem: Path):
    assert embedding.read(stem).basis.place(np.arange(6, dtype=np.float32)[None]).tolist() == [[0.0, 0.5, 1.0, 1.5]]


def test_the_nearest_are_those_of_smallest_angle(stem: Path):
    found = embedding.read(stem)
    wanted = found.values[39].astype(np.float32)
    train = found.values[:30].astype(np.float32)
    cosine = train @ wanted / np.linalg.norm(train, axis=1) / np.linalg.norm(wanted)
    near = embedding.nearest(found, wanted, 4)
    assert [one.point for one in near] == np.argsort(-cosine)[:4].tolist() and near[0].point == 5
    assert np.allclose([one.likeness for one in near], np.sort(cosine)[::-1][:4], atol=1e-3)


def test_places_lie_as_they_are_searched(stem: Path):
    """Of a million images they are 128 million numbers, which would else be turned into others for each picture."""
    assert embedding.read(stem).values.dtype == np.float32


@pytest.mark.parametrize("chunk", [7, 1 << 16])
def test_several_pictures_are_searched_for_at_once(stem: Path, monkeypatch, chunk: int):
    monkeypatch.setattr(embedding, "CHUNK", chunk)
    found = embedding.read(stem)
    wanted = found.values[[39, 5, 31]]
    together = embedding.nearest_of_each(found, wanted, 4)
    cosine = found.values[:30] @ wanted.T / found.points["length"][:30, None] / np.linalg.norm(wanted, axis=1)
    assert [[one.point for one in near] for near in together] == np.argsort(-cosine, axis=0)[:4].T.tolist()
    assert together == [embedding.nearest(found, place, 4) for place in wanted]


def test_places_of_an_earlier_release_are_searched_too(stem: Path):
    before = embedding.nearest(embedding.read(stem), np.ones(4), 4)
    np.save(embedding.part(stem, embedding.VALUES), embedding.read(stem).values.astype(np.float16))
    again = embedding.nearest(embedding.read(stem), np.ones(4), 4)
    assert [one.point for one in again] == [one.point for one in before]


def test_an_image_is_not_its_own_neighbour(stem: Path):
    found = embedding.read(stem)
    assert 5 not in [one.point for one in embedding.nearest(found, found.values[5], 30, but=5)]
    assert len(embedding.nearest(found, found.values[5], 99, but=5)) == 29


def test_where_nothing_was_learnt_from_nothing_is_near(tmp_path: Path):
    embedding.write(tmp_path / "one", points(0, 3), np.ones((3, 2)), BASIS)
    found = embedding.read(tmp_path / "one")
    assert found.learnt == 0 and embedding.nearest(found, found.values[0], 5) == []


def test_an_erased_image_has_no_place_any_more(stem: Path):
    embedding.forget(stem, lambda points: points["position"] == 105)
    found = embedding.read(stem)
    assert found.points["position"][5] == FORGOTTEN and not found.values[5].any() and 5 not in found.layout["point"]
    assert 5 not in [one.point for one in embedding.nearest(found, found.values[39], 30)] and 5 not in embedding.shown(found.points)
    assert len(found.points) == 40 and found.points["position"][6] == 106
    embedding.forget(stem, lambda points: points["position"] == 105)  # may be done again


def test_of_many_points_the_evaluated_ones_are_half_of_the_map():
    many = points(1000, 300)
    shown = embedding.shown(many, 100)
    assert len(shown) == 100 and (many["row"][shown] != NO_ROW).sum() == 50 and (np.diff(shown) > 0).all()
    assert len(embedding.shown(many, 1100)) == 1100 and (many["row"][embedding.shown(many, 1100)] != NO_ROW).sum() == 300


def test_files_that_do_not_belong_together_are_none(stem: Path):
    np.save(embedding.part(stem, embedding.VALUES), np.zeros((3, 4), np.float16))
    assert embedding.read(stem) is None and embedding.read(stem.with_name("nothing")) is None


@pytest.mark.parametrize("name", [embedding.POINTS, embedding.VALUES, embedding.BASIS])
@pytest.mark.parametrize("left", [0, 1, 60, 130])
def test_a_file_that_was_cut_is_none(stem: Path, name: str, left: int):
    file = embedding.part(stem, name)
    file.write_bytes(file.read_bytes()[:left])
    assert embedding.read(stem) is None


@pytest.mark.parametrize("left", [0, 60])
def test_without_its_layout_a_map_is_still_one(stem: Path, left: int):
    file = embedding.part(stem, embedding.LAYOUT_FILE)
    file.write_bytes(file.read_bytes()[:left])
    assert embedding.read(stem).layout is None


@pytest.mark.parametrize("written", [0, 1, 2])
def test_earlier_files_are_not_read_with_some_of_newer_ones(stem: Path, monkeypatch, written: int):
    """As after a kill between two files of a map that is made again under the same name."""
    left = [None] * written
    whole = embedding.put

    def put(*file):
        if not left:
            raise OSError("the disk is full")
        left.pop()
        whole(*file)

    monkeypatch.setattr(embedding, "put", put)
    with pytest.raises(OSError, match="full"):
        embedding.write(stem, points(30, 10), np.ones((40, 4), np.float32), BASIS)
    assert embedding.read(stem) is None


def test_what_is_no_number_or_too_large_for_the_file_is_held(tmp_path: Path):
    embedding.write(tmp_path / "odd", points(2, 0), np.array([[np.nan, np.inf], [1e9, -1e9]]), BASIS)
    assert np.isfinite(embedding.read(tmp_path / "odd").values).all()


def test_all_files_go_together(stem: Path):
    embedding.remove(stem)
    assert list(stem.parent.iterdir()) == []
