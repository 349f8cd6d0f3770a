"""What is drawn of a comparison."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.metrics.comparison import Paired
from tests.webapp.evaluations.comparing.kit import trained
from webapp.evaluations.comparing import charts
from webapp.experiments.models import MetricPoint

NAMES = ["ant", "bee", "cow"]
FIRST, SECOND = np.array([[8, 2, 0], [0, 10, 0], [1, 0, 9]]), np.array([[10, 0, 0], [3, 7, 0], [0, 1, 9]])


def test_the_change_of_a_matrix_is_told_as_better_and_worse() -> None:
    figure = charts.difference(FIRST, SECOND, NAMES)
    better, worse = (trace["z"] for trace in figure["data"][1:])
    assert better == [[2, 2, None], [None, None, None], [1, None, None]]  # two more right, two and one mistakes fewer
    assert worse == [[None, None, None], [3, 3, None], [None, 1, None]]
    assert figure["data"][2]["text"][1] == ["+3", "−3", ""] and figure["data"][1]["text"][1] == ["", "", ""]
    assert figure["data"][1]["zmax"] == figure["data"][2]["zmax"] == 3
    assert "−1 images right" in figure["layout"]["meta"]["summary"] and "bee taken for ant (+3)" in figure["layout"]["meta"]["summary"]


def test_of_a_thousand_classes_the_pairs_that_changed_most_are_drawn() -> None:
    size = 1000
    first, second = np.zeros((size, size), np.int64), np.zeros((size, size), np.int64)
    first[5, 6], second[7, 8] = 9, 4
    figure = charts.difference(first, second, [f"class {number}" for number in range(size)])
    assert figure["data"][0]["x"] == [-9, 4] and len(figure["layout"]["yaxis"]["ticktext"]) == 2


def test_equal_matrices_differ_in_nothing() -> None:
    assert "as many images right" in charts.difference(FIRST, FIRST, NAMES)["layout"]["meta"]["summary"]


def test_classes_that_lose_stand_on_top_and_only_what_is_sure_is_coloured() -> None:
    each = [Paired(90, 8, 2, 0), Paired(10, 0, 0, 0), Paired(60, 0, 40, 0), Paired(20, 30, 0, 0)]
    figure = charts.by_class(each, ["a", "b", "c", "d"])
    assert figure["layout"]["yaxis"]["ticktext"] == ["d", "a", "c"]
    assert figure["data"][0]["marker"]["color"] == [charts.WARN, charts.FAINT, charts.ACCENT]
    assert figure["data"][0]["x"] == pytest.approx([-60, -6, 40])


@pytest.mark.parametrize(("losing", "gaining", "drawn"), [(100, 2, (28, 2)), (2, 100, (2, 28)), (50, 60, (15, 15)), (40, 0, (30, 0))])
def test_of_very_many_classes_the_largest_losses_and_gains_are_drawn(losing, gaining, drawn) -> None:
    """And no small loss in place of a larger one."""
    each = [Paired(500, 1 + at, 0, 0) for at in range(losing)] + [Paired(500, 0, 1 + at, 0) for at in range(gaining)]
    values = charts.by_class(each, [str(at) for at in range(len(each))])["data"][0]["x"]
    assert (sum(value < 0 for value in values), sum(value > 0 for value in values)) == drawn
    losses = sorted(100 * pair.difference for pair in each if pair.difference < 0)
    assert [value for value in values if value < 0] == pytest.approx(losses[: drawn[0]])
    assert charts.left_out(each).startswith(f"The 30 largest changes are drawn; {losing + gaining - 30} classes changed less")
    assert charts.left_out(each[:30]) == ""


def test_without_any_change_the_bars_say_so() -> None:
    assert "No class gains or loses" in charts.by_class([Paired(3, 0, 0, 1)], ["a"])["layout"]["meta"]["summary"]


def test_of_very_many_epochs_every_so_many_are_drawn(animals, monkeypatch) -> None:
    experiment = trained(animals.versions.get(), "Long")
    rows = [MetricPoint(experiment=experiment, epoch=epoch, step=10 * epoch, name="val_loss", value=1.0) for epoch in range(3, 101)]
    MetricPoint.objects.bulk_create(rows)
    monkeypatch.setattr(charts, "MOST_EPOCHS", 10)
    drawn = charts.curves([experiment])["val_loss"].figure["data"][0]["x"]
    assert drawn == [11, 22, 33, 44, 55, 66, 77, 88, 99]


def test_each_of_twenty_has_a_line_of_its_own() -> None:
    looks = {(charts.colour(place), charts.DASHES[place // charts.COLOURS]) for place in range(20)}
    assert len(looks) == 20
