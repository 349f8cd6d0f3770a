"""Answers as files: what is said of logits, pages of rows by class, and the files that were refused."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.metrics import answers
from classifier.metrics.answers import UNSURE, Answers
from classifier.metrics.scored import NO_CLASS
from tests.webapp.predictions.kit import REFUSED, SAID, write_answers


@pytest.fixture
def found(tmp_path):
    (tmp_path / "pack").mkdir()
    write_answers(tmp_path / "answers", tmp_path / "pack")
    return Answers(tmp_path / "answers")


def test_of_logits_the_five_best_are_kept_with_their_probabilities():
    said = answers.said_of(np.array([[0.0, 3.0, 1.0, -1.0, 2.0, 0.5]], np.float32))
    assert said["best"].tolist() == [[1, 4, 2, 5, 0]]
    odds = np.exp([3.0, 2.0, 1.0, 0.5, 0.0]) / np.exp([0.0, 3.0, 1.0, -1.0, 2.0, 0.5]).sum()
    assert said["probability"][0] == pytest.approx(odds, abs=1e-6)


def test_fewer_classes_than_five_leave_places_empty():
    said = answers.said_of(np.array([[0.0, 1.0]], np.float32))
    assert said["best"].tolist() == [[1, 0, NO_CLASS, NO_CLASS, NO_CLASS]]


def test_what_is_no_number_is_unsure_and_never_a_number_that_breaks_json():
    said = answers.said_of(np.array([[np.nan, np.nan]], np.float32))
    assert np.isfinite(said["probability"]).all()
    rows = np.zeros(1, answers.ROW)
    rows["best"], rows["probability"] = said["best"], said["probability"]
    assert answers.told_of(rows, 0.1).tolist() == [UNSURE]


def test_no_image_at_all_has_no_answer():
    assert len(answers.said_of(np.empty((0, 3), np.float32))) == 0


def test_without_a_threshold_none_is_unsure(found):
    assert answers.told_of(found.rows, None).tolist() == [0, 0, 1, 0]
    assert found.told.tolist() == [0, 0, 1, UNSURE]


def test_every_row_comes_once_in_pages_of_any_size(found):
    for size in range(1, 6):
        seen, after = [], -1
        while after is not None:
            rows, after = found.page(size, after)
            seen += [row.file for row in rows]
        assert seen == [name for name, _ in SAID]


def test_rows_of_a_class_and_the_unsure_ones(found):
    assert [row.file for row in found.page(9, wanted=0)[0]] == ["trip/sky.png", "trip/=sea.png"]
    assert found.page(1, wanted=0)[1] == 0 and [row.row for row in found.page(1, 0, wanted=0)[0]] == [1]
    unsure = found.page(9, wanted=UNSURE)[0]
    assert [(row.file, row.unsure, row.top[0][0]) for row in unsure] == [("trip/dusk.png", True, 0)]
    assert found.page(9, wanted=2) == ([], None)


def test_the_least_sure_come_first_where_that_is_asked(found):
    assert [row.file for row in found.page(9, by_doubt=True)[0]] == ["trip/dusk.png", "trip/=sea.png", "trip/grass.png", "trip/sky.png"]
    first, after = found.page(1, wanted=0, by_doubt=True)
    assert [row.file for row in first] == ["trip/=sea.png"] and after == 1
    assert [row.file for row in found.page(1, after, 0, by_doubt=True)[0]] == ["trip/sky.png"]


def test_rows_among_some_come_in_each_order_and_of_a_class(found):
    among = np.array([True, False, True, True])
    assert [row.row for row in found.page(9, among=among)[0]] == [0, 2, 3]
    assert [row.row for row in found.page(9, among=among, by_doubt=True)[0]] == [3, 2, 0]
    assert [row.row for row in found.page(9, wanted=0, among=among)[0]] == [0]
    first, after = found.page(2, among=among)
    assert [row.row for row in first] == [0, 2] and [row.row for row in found.page(2, after, among=among)[0]] == [3]


def test_a_row_tells_its_best_classes_first_and_its_image(found):
    row = found.page(1)[0][0]
    assert (row.image, row.unsure, [place for place, _ in row.top]) == (0, False, [0, 1, 2])
    assert row.top[0][1] == pytest.approx(0.9)


def test_what_was_refused_is_read_by_place(found):
    rows, after = found.refused(9)
    assert [(row.file, row.rule, row.message) for row in rows] == [tuple(REFUSED[0].values())] and after is None
    assert found.refused(9, 0) == ([], None)


def test_a_name_that_is_no_utf_8_is_shown_with_a_mark(found):
    names = found.folder / answers.NAMES
    names.write_bytes(names.read_bytes().replace(b"sky", b"s\xffy"))
    assert found.page(1)[0][0].file == "trip/s\N{REPLACEMENT CHARACTER}y.png"


def test_a_folder_of_another_form_is_none(tmp_path):
    (tmp_path / answers.ABOUT).write_text('{"format": 0}')
    with pytest.raises(ValueError, match="another release"):
        Answers(tmp_path)
