"""Intervals by resampling."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from classifier.metrics import calibration_bins, confusion, macro_f1
from classifier.metrics.bootstrap import (
    calibration_span,
    condensed,
    mean_span,
    of_counts,
    risk_span,
    span,
    spans,
)
from classifier.metrics.curves import selective


@pytest.fixture
def drawn():
    """(true labels, predictions, their matrix) of 600 images of four classes."""
    draw = np.random.default_rng(7)
    true = draw.choice(4, 600, p=[0.5, 0.3, 0.15, 0.05])
    said = np.where(draw.random(600) < 0.75, true, draw.integers(0, 4, 600))
    return true, said, confusion(true, said, 4)


def resampled(true, said, figure, times=500):
    """(lower end, upper end) by drawing the images themselves."""
    rows = np.random.default_rng(11).integers(0, len(true), (times, len(true)))
    return np.quantile([figure(true[some], said[some]) for some in rows], [0.025, 0.975])


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("top1", reference.accuracy_score),
        ("balanced_accuracy", reference.balanced_accuracy_score),
        ("f1_macro", lambda true, said: reference.f1_score(true, said, average="macro")),
        ("precision_weighted", lambda true, said: reference.precision_score(true, said, average="weighted")),
        ("kappa", reference.cohen_kappa_score),
        ("mcc", reference.matthews_corrcoef),
    ],
)
def test_intervals_from_counts_are_those_of_resampled_images(name, figure, drawn):
    true, said, counts = drawn
    ours = span(figure(true, said), of_counts(counts).averages[name], -1)
    assert ours == pytest.approx(resampled(true, said, figure), abs=0.012)


def test_each_classs_f1_has_its_interval(drawn):
    true, said, counts = drawn
    found = reference.f1_score(true, said, average=None)
    ours = spans(found, of_counts(counts).f1)
    for place in range(4):
        theirs = resampled(true, said, lambda a, b, place=place: reference.f1_score(a == place, b == place))
        assert ours[place] == pytest.approx(theirs, abs=0.03)


def test_the_same_counts_have_the_same_interval(drawn):
    counts = drawn[2]
    assert (of_counts(counts).averages["mcc"] == of_counts(counts).averages["mcc"]).all()


def test_a_shares_interval_from_counts_is_scipys_bootstrap():
    values = np.r_[np.ones(180), np.zeros(20)]
    theirs = stats.bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(3)).confidence_interval
    assert span(0.9, of_counts(np.array([[100, 12], [8, 80]])).averages["top1"]) == pytest.approx(tuple(theirs), abs=0.01)


@pytest.mark.parametrize("n", [300, 20_000])
def test_a_means_interval_is_scipys_bootstrap(n):
    values = np.random.default_rng(4).exponential(size=n) ** 2
    theirs = stats.bootstrap((values,), np.mean, n_resamples=1000, batch=20, method="percentile", rng=np.random.default_rng(3))
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert mean_span(values, math.inf) == pytest.approx(tuple(theirs.confidence_interval), abs=0.12 * width)


def test_cells_hold_all_values_and_their_sum():
    values = np.random.default_rng(6).exponential(size=50_000)
    means, sizes = condensed(values)
    assert sizes.sum() == 50_000 and means @ sizes == pytest.approx(values.sum()) and len(means) < 5000


def test_few_values_are_cells_of_their_own():
    means, sizes = condensed(np.array([3.0, 1.0, 2.0]))
    assert means.tolist() == [1, 2, 3] and sizes.tolist() == [1, 1, 1]


def test_the_calibration_errors_interval_holds_it_and_is_as_wide_as_that_of_resampled_images():
    draw = np.random.default_rng(8)
    confidence = draw.uniform(0.3, 1, 1500)
    right = draw.random(1500) < confidence * 0.9
    error = lambda sure, hit: calibration_bins(sure, hit).expected_error()  # noqa: E731
    low, high = calibration_span(error(confidence, right), confidence, right)
    theirs = resampled(confidence, right, error)
    assert low < error(confidence, right) < high and high - low == pytest.approx(theirs[1] - theirs[0], rel=0.2)


def test_the_interval_of_risk_by_coverage_is_that_of_resampled_images():
    draw = np.random.default_rng(9)
    confidence = draw.uniform(0.3, 1, 900)
    right = draw.random(900) < confidence
    risk = lambda sure, hit: selective(sure, hit)[1]  # noqa: E731
    ours, theirs = risk_span(risk(confidence, right), confidence, right), resampled(confidence, right, risk)
    assert ours == pytest.approx(theirs, abs=0.01)


def test_without_a_mistake_resamples_say_nothing():
    assert all(span(1.0, of_counts(np.diag([20, 30])).averages[name]) is None for name in ("top1", "f1_macro"))


def test_a_few_odd_resamples_are_no_width():
    """Six images of three classes: one resample in 250 has one class alone, of which Matthews' correlation is 0."""
    assert span(1.0, of_counts(np.diag([2, 2, 2])).averages["mcc"], -1) is None


MACRO = np.array([[50, 6, 1, 0], [9, 80, 4, 2], [3, 5, 30, 8], [1, 0, 12, 60]])


def macro_span(counts):
    """The interval of the macro F1."""
    return span(macro_f1(counts), of_counts(counts).averages["f1_macro"])


def delta_error(counts):
    """The standard error of the macro F1 by the delta method (Takahashi, Yamamoto, Kuchiba and Koyama, 2022); all cells occur."""
    n, touched = counts.sum(), (counts.sum(axis=0) + counts.sum(axis=1)) / counts.sum()
    lost = -2 * np.diag(counts) / n / touched**2
    slope = (lost[:, None] + lost[None, :] + np.diag(2 / touched)) / len(counts)
    share = counts / n
    return math.sqrt(((share * slope**2).sum() - (share * slope).sum() ** 2) / n)


def test_the_macro_f1s_interval_is_as_wide_as_the_delta_method_says():
    low, high = macro_span(MACRO)
    assert high - low == pytest.approx(2 * 1.96 * delta_error(MACRO), rel=0.06)


def test_more_images_are_surer():
    widths = [high - low for low, high in (macro_span(MACRO), macro_span(MACRO * 4))]
    assert widths[1] == pytest.approx(widths[0] / 2, rel=0.06)


def test_a_class_that_nobody_is_of_and_nobody_is_called_changes_nothing():
    wider = np.zeros((5, 5), np.int64)
    wider[:4, :4] = MACRO
    assert macro_span(wider) == pytest.approx(macro_span(MACRO))


def test_where_none_is_right_resamples_say_nothing_either():
    assert macro_span(np.array([[3, 0], [0, 2]])) is None and macro_span(np.array([[0, 3], [2, 0]])) is None


def test_the_macro_f1s_interval_stays_within_what_can_be():
    low, high = macro_span(np.array([[9, 0], [1, 2]]))
    assert 0 < low < 0.8 and high == 1
