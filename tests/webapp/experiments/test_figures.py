"""Every figure is one that Plotly takes, says in words what it shows, and names colours by token."""

from __future__ import annotations

import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from classifier.spec.config import TrainConfig
from classifier.spec.defaults import filled
from tests.webapp.experiments.kit import epoch
from webapp.experiments import catalogue, charts, class_charts, matrix_charts
from webapp.experiments.figures import ACCENT, share_ticks

ROWS = [epoch(number) for number in (1, 2)]
COUNTS = np.array([[8, 2, 0], [0, 5, 0], [1, 0, 3]])
NAMES = ["ant", "<b>bee</b>", "cow & calf"]
FIGURES = {
    **charts.curves(ROWS, [(1, 2.0), (5, None)], 3),
    "schedule": charts.schedule(TrainConfig(epochs=40, learning_rate=0.01, warmup_epochs=5.0)),
    "picked rate": charts.schedule(filled(TrainConfig(epochs=1, warmup_epochs=0.0)), picked=True),
    "recall": class_charts.by_class(COUNTS, NAMES),
    "f1": class_charts.by_class(COUNTS, NAMES, "f1"),
    "matrix": matrix_charts.confusion(COUNTS, NAMES),
    "by row": matrix_charts.confusion(COUNTS, NAMES, by_row=True),
    "empty": matrix_charts.confusion(np.zeros((3, 3), int), NAMES),
    "nothing yet": charts.loss([], 3),
    "many": matrix_charts.confusion(np.eye(80, dtype=int), [str(i) for i in range(80)]),
    "very many": matrix_charts.confusion(np.ones((300, 300), int), [str(i) for i in range(300)]),
    **{f"models by {cost}": figure for cost, figure in catalogue.figures({"resnet18": catalogue.Speed(80.0, 128)}).items()},
}


@pytest.mark.parametrize(
    ("low", "texts"),
    [
        (0.0, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        (0.9, ["90 %", "92 %", "94 %", "96 %", "98 %", "100 %"]),
        (0.985, ["98.5 %", "99.0 %", "99.5 %", "100.0 %"]),
    ],
)
def test_an_axis_of_shares_has_round_ticks_written_as_everywhere(low, texts):
    ticks = share_ticks(low)
    assert ticks["ticktext"] == texts and ticks["tickvals"][-1] == 1 and ticks["tickvals"][0] >= low


def test_a_bar_of_a_class_says_its_share_as_the_page_does():
    assert FIGURES["recall"]["data"][0]["hovertext"] == [
        "cow &amp; calf, 4 images: 75.0 %",
        "ant, 10 images: 80.0 %",
        "&lt;b&gt;bee&lt;/b&gt;, 5 images: 100.0 %",
    ]


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_takes_the_figure(name):
    go.Figure(FIGURES[name])


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_says_in_words_what_it_shows(name):
    assert len(FIGURES[name]["layout"]["meta"]["summary"]) > 20


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_names_no_colour_but_tokens(name):
    assert not re.search(r'"#[0-9a-f]{3,8}"', json.dumps(FIGURES[name], allow_nan=False))


def test_curves_reach_the_last_planned_epoch():
    low, high = FIGURES["loss"]["layout"]["xaxis"]["range"]
    assert low < 1 and high > 3


def test_of_very_many_epochs_the_spike_of_one_is_seen():
    rows = [epoch(number, train_loss=1.0, val_loss=1.0, val_top1=0.5) for number in range(1, 50_001)]
    rows[12_344] |= {"train_loss": 9.0, "val_loss": 7.0, "val_top1": 0.1}
    rows[33_332]["train_loss"] = None
    figures = charts.curves(rows, [], 50_000)
    seen = [dict(zip(trace["x"], trace["y"], strict=True)) for trace in (*figures["loss"]["data"], figures["accuracy"]["data"][0])]
    assert [curve[12_345] for curve in seen] == [9.0, 7.0, 10.0]
    assert all(list(curve) == sorted(curve) and {1, 50_000} <= set(curve) and len(curve) <= 2000 for curve in seen)


def test_epochs_without_figures_leave_those_around_them_as_they_are():
    rows = [epoch(number, train_loss=None if number % 2 else number / 50_000) for number in range(1, 50_001)]
    curve = charts.curves(rows, [], 50_000)["loss"]["data"][0]
    assert len(curve["x"]) > 1_900 and all(place % 2 == 0 for place in curve["x"])
    assert curve["y"] == [place / 50_000 for place in curve["x"]]
    unknown = [epoch(number, train_loss=None) for number in range(1, 50_001)]
    assert charts.curves(unknown, [], 50_000)["loss"]["data"][0]["x"] == []


def test_what_curves_say_can_be_filled_anew_as_points_come():
    meta = charts.loss([{"epoch": 2, "train_loss": 0.123456}], 3, [{"at": 2, "val_loss": None}])["layout"]["meta"]
    assert meta["summary"] == "Loss over 2 of 3 epochs; newest: train 0.123, validation not known yet."
    assert meta["summary"] == meta["words"].format(done="2", train="0.123", validation="not known yet")


def test_classes_stand_worst_first():
    bars = FIGURES["recall"]["data"][0]
    assert bars["x"] == [0.75, 0.8, 1.0]


def test_each_bar_says_what_it_comes_to_beside_its_name():
    counts = np.array([[1, 9], [0, 10]])
    figure = class_charts.by_class(counts, ["a", "b"])
    assert [words.split() for words in figure["layout"]["yaxis"]["ticktext"]] == [["a", "10", "%"], ["b", "100", "%"]]


def test_f1_has_whiskers_and_is_in_amber_below_the_mean_of_f1_alone():
    (bars,) = FIGURES["f1"]["data"]
    assert len(bars["error_x"]["array"]) == len(bars["x"]) and all(bars["error_x"]["array"]) and all(bars["error_x"]["arrayminus"])
    rare = np.array([[990, 0, 0], [0, 5, 0], [0, 3, 2]])  # top-1 is 0.997, the mean of F1 0.78
    (bars,) = class_charts.by_class(rare, ["a", "b", "c"], "f1")["data"]
    assert set(bars["marker"]["color"]) == {ACCENT}


def test_f1_is_no_share_and_written_as_a_score():
    figure = FIGURES["f1"]
    assert [words.split()[-1] for words in figure["layout"]["yaxis"]["ticktext"]] == ["0.83", "0.84", "0.86"]
    assert figure["layout"]["xaxis"]["ticktext"][-1] == "1.00" and figure["data"][0]["hovertext"][0].endswith(": 0.833")
    assert figure["layout"]["meta"]["summary"].endswith("with 0.833.")


def test_bars_have_one_text_each_since_plotly_takes_longer_over_texts_than_over_bars():
    assert [("text" in trace, trace["type"]) for trace in FIGURES["recall"]["data"]] == [(False, "bar")]


def test_bars_fill_their_axis_whatever_else_is_drawn_on_it():
    assert FIGURES["recall"]["layout"]["yaxis"]["range"] == [2.5, -0.5]


def test_whiskers_are_the_wilson_interval():
    errors = FIGURES["recall"]["data"][0]["error_x"]
    low, high = 0.8 - errors["arrayminus"][1], 0.8 + errors["array"][1]
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_a_class_below_the_average_by_more_than_chance_is_in_warn():
    counts = np.array([[95, 5], [80, 20]])
    assert class_charts.by_class(counts, ["a", "b"])["data"][0]["marker"]["color"] == ["var(--warn)", "var(--accent)"]


def test_empty_cells_stay_empty_and_mistakes_have_their_own_layer():
    _, right, wrong = FIGURES["matrix"]["data"]
    assert right["z"] == [[8, None, None], [None, 5, None], [None, None, 3]]
    assert wrong["z"] == [[None, 2, None], [None, None, None], [1, None, None]]


def test_markup_in_a_class_name_stays_text():
    assert "&lt;b&gt;bee&lt;/b&gt;" in FIGURES["matrix"]["layout"]["yaxis"]["ticktext"]


@pytest.mark.parametrize("name", FIGURES)
def test_no_chart_takes_a_class_name_for_markup(name):
    layout = {key: value for key, value in FIGURES[name]["layout"].items() if key != "meta"}  # whose summary is set as text alone
    assert "<b>bee" not in json.dumps([FIGURES[name]["data"], layout])


def test_a_matrix_of_very_many_classes_lists_the_commonest_mistakes():
    assert FIGURES["very many"]["data"][0]["type"] == "bar" and len(json.dumps(FIGURES["very many"])) < 20_000


def test_of_very_many_epochs_and_steps_at_most_two_thousand_are_drawn_and_all_are_counted():
    rows = [epoch(number, train_top1=number % 2 / 4, val_top1=number % 3 / 4, val_top5=number % 5 / 5) for number in range(1, 50_001)]
    figures = charts.curves(rows, [(step, 0.5) for step in range(1, 50_001)], 100_000)
    longest = {name: max(len(trace["x"]) for trace in figure["data"]) for name, figure in figures.items()}
    pairs = 2 * 981  # the lowest and the highest of each stretch, and the ends where they are neither; of steps, at even distances
    assert longest == {"loss": pairs, "accuracy": pairs + 2, "error": pairs + 2, "steps": 2000}
    assert figures["loss"]["data"][0]["x"][-1] == 50_000
    assert "50,000 of 100,000 epochs" in figures["loss"]["layout"]["meta"]["summary"]


@pytest.mark.parametrize(("classes", "bars"), [(2, 2), (30, 30), (31, 20), (1000, 20)])
def test_few_classes_have_a_bar_each_and_of_many_the_worst(classes, bars):
    counts = np.diag(np.full(classes, 5))
    counts[classes - 1, 0] = 3
    drawn = class_charts.by_class(counts, [f"class {at}" for at in range(classes)])["data"][0]
    assert len(drawn["y"]) == bars and drawn["hovertext"][0].startswith(f"class {classes - 1},")
