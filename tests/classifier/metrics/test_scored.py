"""Stored predictions as columns."""

import numpy as np
import pytest

from classifier.metrics import cross_entropy, softmax
from classifier.metrics.predictions import predictions
from classifier.metrics.scored import FORGOTTEN, NO_CLASS, forget, path_of, read_scored, scored_rows, write_scored

CLASSES = ["a", "b", "c", "d", "e", "f", "g"]


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """(labels, logits) of fifty images."""
    draw = np.random.default_rng(3)
    return draw.integers(0, len(CLASSES), 50), draw.normal(size=(50, len(CLASSES))).astype(np.float32) * 3


def test_columns_say_what_the_csv_says(drawn):
    labels, logits = drawn
    rows = scored_rows(np.arange(50) + 7, labels, logits)
    for row, told in zip(rows, predictions(map(str, range(50)), labels, logits, CLASSES), strict=True):
        assert (CLASSES[row["label"]], CLASSES[row["predicted"]]) == (told.label, told.predicted)
        assert [CLASSES[place] for place in row["best"]] == [label for label, _ in told.top]
        assert row["best_probability"] == pytest.approx([odds for _, odds in told.top], rel=1e-5)
        assert (row["probability"], row["loss"]) == pytest.approx((told.probability, told.loss), rel=1e-5)


def test_the_true_class_has_the_probability_that_the_loss_says(drawn):
    labels, logits = drawn
    rows = scored_rows(np.arange(50), labels, logits)
    assert np.exp(-rows["loss"]) == pytest.approx(softmax(logits)[np.arange(50), labels], rel=1e-4)
    assert rows["loss"] == pytest.approx(cross_entropy(logits, labels), rel=1e-5)


def test_the_margin_is_what_the_second_best_lies_below(drawn):
    labels, logits = drawn
    rows = scored_rows(np.arange(50), labels, logits)
    odds = np.sort(softmax(logits), axis=1)
    assert rows["margin"] == pytest.approx(odds[:, -1] - odds[:, -2], rel=1e-4)


def test_fewer_classes_than_five_leave_places_empty():
    (row,) = scored_rows([0], [1], [[0.0, 2.0]])
    assert row["best"].tolist() == [1, 0, NO_CLASS, NO_CLASS, NO_CLASS] and row["best_probability"][2:].tolist() == [0, 0, 0]


def test_one_class_alone_has_all_the_margin():
    (row,) = scored_rows([0], [0], [[4.0]])
    assert row["margin"] == 1 and row["best"].tolist() == [0, *[NO_CLASS] * 4]


def test_a_file_comes_back_as_it_was_written(tmp_path, drawn):
    rows = scored_rows(np.arange(50), *drawn)
    write_scored(tmp_path / "p.npy", rows)
    assert (read_scored(tmp_path / "p.npy") == rows).all()


def test_a_file_that_is_not_there_or_something_else_is_none(tmp_path):
    np.save(tmp_path / "other.npy", np.arange(3))
    (tmp_path / "torn.npy").write_bytes(b"\x93NUMPY")
    assert [read_scored(tmp_path / name) for name in ("none.npy", "other.npy", "torn.npy")] == [None, None, None]


def test_no_images_are_no_rows(tmp_path):
    write_scored(tmp_path / "p.npy", scored_rows([], np.empty(0, int), np.empty((0, 3))))
    assert len(read_scored(tmp_path / "p.npy")) == 0


def test_a_forgotten_image_keeps_its_figures_and_loses_its_position(tmp_path, drawn):
    path = path_of(tmp_path / "p.csv")
    rows = scored_rows(np.arange(50) + 100, *drawn)
    write_scored(path, rows)
    forget(path, np.arange(50) == 20)
    after = read_scored(path)
    assert np.flatnonzero(after["position"] == FORGOTTEN).tolist() == [20]
    assert (after["loss"] == rows["loss"]).all() and (np.delete(after["position"], 20) == np.delete(rows["position"], 20)).all()
