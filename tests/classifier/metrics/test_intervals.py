"""Intervals of shares, and of what lies between two of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.intervals import difference, wilson, wilson_f1


@pytest.mark.parametrize(
    ("counts", "interval"),
    [  # Newcombe (1998), Interval estimation for the difference between independent proportions, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_the_interval_of_a_difference_is_that_of_its_paper(counts, interval):
    assert difference(*counts) == pytest.approx(interval, abs=5e-5)


COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_it_holds_the_difference_and_turns_with_it(one, other):
    low, high = difference(*one, *other)
    gap = one[0] / one[1] - other[0] / other[1]
    assert -1 - 1e-9 <= low <= gap + 1e-9 and gap - 1e-9 <= high <= 1 + 1e-9
    assert difference(*other, *one) == pytest.approx((-high, -low))


@given(COUNTS, COUNTS)
def test_more_certainty_is_a_wider_interval(one, other):
    narrow, wide = difference(*one, *other, z=1.5), difference(*one, *other, z=3.0)
    assert wide[0] <= narrow[0] + 1e-9 and narrow[1] <= wide[1] + 1e-9


def test_without_images_nothing_is_known():
    assert difference(0, 0, 1, 2) == (-1.0, 1.0) and wilson(0, 0) == (0.0, 1.0)


@given(COUNTS)
def test_the_interval_of_f1_holds_it_and_stays_a_score(counts):
    right, called = counts
    low, high = wilson_f1(right, called)
    assert 0 <= low <= 2 * right / (right + called) + 1e-12 and 2 * right / (right + called) - 1e-12 <= high <= 1


def test_the_interval_of_f1_holds_what_is_true_about_as_often_as_it_says():
    """Of 4,000 draws of 200 images with a class of every fourth, found and called so with the same chance."""
    chance = np.random.default_rng(0)
    true = chance.random((4_000, 200)) < 0.25
    said = np.where(true, chance.random(true.shape) < 0.7, chance.random(true.shape) < 0.1)
    right, called = (true & said).sum(1), (true | said).sum(1)
    precision, recall = 0.25 * 0.7 / (0.25 * 0.7 + 0.75 * 0.1), 0.7
    within = [low <= 2 * precision * recall / (precision + recall) <= high for low, high in map(wilson_f1, right, called)]
    assert 0.93 < np.mean(within) < 0.97


def test_nothing_counted_says_nothing_of_f1():
    assert wilson_f1(0, 0) == (0.0, 1.0)


def test_all_and_none_reach_the_ends_of_the_scale():
    assert {wilson(n, n)[1] for n in range(1, 2000)} == {1.0} and {wilson(0, n)[0] for n in range(1, 2000)} == {0.0}
