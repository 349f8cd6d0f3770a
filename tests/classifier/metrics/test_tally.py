"""The figures of a split, from logits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as reference

from classifier.metrics import calibration_bins, cross_entropy, softmax, summary, tally, top_k, true_rank, wilson

CLASSES = 7
NAMES = [f"class {i}" for i in range(CLASSES)]
# few different values, so that ties occur
sets = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.lists(st.integers(-4, 4), min_size=CLASSES, max_size=CLASSES)), min_size=1, max_size=40
)


def arrays(found) -> tuple[np.ndarray, np.ndarray]:
    return np.array([label for label, _ in found]), np.array([row for _, row in found], np.float32)


@given(sets)
def test_the_loss_is_scikit_learns_log_loss(found):
    labels, logits = arrays(found)
    assert summary(labels, logits, NAMES)["loss"] == pytest.approx(reference.log_loss(labels, softmax(logits), labels=range(CLASSES)))


@given(sets)
def test_top_5_counts_the_labels_among_the_five_best(found):
    labels, logits = arrays(found)
    inside = [label in row for label, row in zip(labels, top_k(logits, 5), strict=True)]
    assert summary(labels, logits, NAMES)["top5"] == pytest.approx(np.mean(inside))


@given(sets)
def test_top_5_of_untied_logits_is_scikit_learns(found):
    labels, logits = arrays(found)
    untied = logits + np.arange(CLASSES) / 100
    expected = reference.top_k_accuracy_score(labels, untied, k=5, labels=range(CLASSES))
    assert summary(labels, untied, NAMES)["top5"] == pytest.approx(expected)


@given(sets, sets)
def test_tallies_of_two_batches_add_to_the_tally_of_one(first, second):
    both, added = tally(*arrays(first + second)), tally(*arrays(first)) + tally(*arrays(second))
    assert (both.confusion == added.confusion).all() and both.top5_right == added.top5_right
    assert added.loss_sum == pytest.approx(both.loss_sum)
    assert added.bins.expected_error() == pytest.approx(both.bins.expected_error())


@given(sets)
def test_the_true_label_has_rank_zero_where_it_is_predicted(found):
    labels, logits = arrays(found)
    assert ((true_rank(logits, labels) == 0) == (top_k(logits, 1)[:, 0] == labels)).all()


def test_with_fewer_than_five_classes_top_5_is_one():
    assert summary([0, 1], [[0.0, 1.0], [1.0, 0.0]], ["a", "b"])["top5"] == 1.0


def test_a_split_without_images_has_nulls():
    found = summary([], np.zeros((0, 2), np.float32), ["a", "b"])
    assert [found[name] for name in ("n", "top1", "top5", "loss", "ece")] == [0, None, None, None, None]


def test_a_network_of_nan_has_a_null_loss_and_a_flag():
    found = summary([0, 1], [[math.nan, math.nan], [0.0, 1.0]], ["a", "b"])
    assert found["loss"] is None and "loss" in found["not_finite"]


def test_huge_logits_give_finite_losses():
    assert cross_entropy([[1e4, -1e4]], [1]).tolist() == [2e4]


def test_calibration_error_by_hand():
    # bin (0.6, 0.667]: two of 0.65, one right; bin (0.933, 1]: one of 0.95, right
    bins = calibration_bins(np.array([0.65, 0.65, 0.95]), np.array([True, False, True]))
    assert bins.expected_error() == pytest.approx((2 * abs(0.5 - 0.65) + abs(1 - 0.95)) / 3)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    bins = calibration_bins(np.array([0.2, 1.0, 0.0]), np.array([True, True, True]), bins=5)
    assert bins.count.tolist() == [2, 0, 0, 0, 1]


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_scipys(counts):
    expected = stats.binomtest(*counts).proportion_ci(method="wilson")
    assert wilson(*counts) == pytest.approx((expected.low, expected.high))


def test_nothing_counted_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)
