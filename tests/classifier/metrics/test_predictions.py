"""The file of stored predictions."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.predictions import HEADER, Prediction, predictions, quoted, read_predictions, unquoted, write_rows


def test_rows_come_back_as_they_were_written(tmp_path):
    rows = [Prediction("a/=1.png", "-5", "'+x", 0.75, 0.25, [("'+x", 0.75), ("-5", 0.25)])]
    write_rows(tmp_path / "p.csv", rows)
    assert list(read_predictions(tmp_path / "p.csv")) == rows


def test_a_formula_is_text_to_a_spreadsheet(tmp_path):
    write_rows(tmp_path / "p.csv", [Prediction("a.png", "=1+1", "b", 1.0, 0.0, [("b", 1.0)])])
    with (tmp_path / "p.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["label"] == "'=1+1"


@given(st.text())
def test_quoting_can_be_undone(text):
    assert unquoted(quoted(text)) == text


def test_few_classes_leave_the_last_columns_empty(tmp_path):
    write_rows(tmp_path / "p.csv", predictions(["a"], [1], [[0.0, 2.0]], ["x", "y"]))
    header, row = csv.reader((tmp_path / "p.csv").open(newline=""))
    assert header == HEADER and row[5:] == ["y", row[3], "x", row[8], "", "", "", "", "", ""]


def test_the_predicted_label_is_the_first_of_the_best():
    row = next(predictions(["a"], [0], [[0.0, 2.0, 1.0]], ["x", "y", "z"]))
    assert row.predicted == row.top[0][0] == "y" and row.probability == pytest.approx(0.66524, abs=1e-5)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    def broken():
        yield Prediction("a", "x", "x", 1.0, 0.0, [])
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        write_rows(tmp_path / "p.csv", broken())
    assert list(tmp_path.iterdir()) == []
