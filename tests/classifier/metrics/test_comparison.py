"""Two networks on the same images."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from classifier.metrics.comparison import (
    BOTH_RIGHT,
    BOTH_WRONG,
    BROKEN,
    FIXED,
    Paired,
    holm,
    matched,
    mcnemar,
    outcomes,
    paired,
    paired_by_class,
    paired_difference,
)


@pytest.mark.parametrize(
    ("broken", "fixed"), [(0, 0), (0, 1), (1, 0), (5, 1), (5, 5), (3, 12), (12, 30), (40, 61), (700, 800), (1200, 1100), (0, 300)]
)
def test_mcnemar_is_the_exact_binomial_test(broken: int, fixed: int) -> None:
    wanted = binomtest(fixed, broken + fixed).pvalue if broken + fixed else 1.0
    assert mcnemar(broken, fixed) == pytest.approx(wanted, rel=1e-9)


def test_mcnemar_of_very_many_images_is_exact_too() -> None:
    assert mcnemar(60_000, 60_600) == pytest.approx(2 * binom.cdf(60_000, 120_600, 0.5), rel=1e-6)


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    chances = (0.75, 0.05, 0.12, 0.08)  # both right, broken, fixed, both wrong
    drawn = np.random.default_rng(0).multinomial(120, chances, 4000)
    inside = [low <= 0.07 <= high for low, high in (paired_difference(Paired(*map(int, row))) for row in drawn)]
    assert 0.94 < np.mean(inside) < 0.97


def test_the_interval_of_figures_that_agree_is_narrower_than_of_figures_that_do_not() -> None:
    agree, apart = Paired(80, 2, 6, 12), Paired(68, 14, 18, 0)
    (low, high), (least, most) = paired_difference(agree), paired_difference(apart)
    assert high - low < most - least


@pytest.mark.parametrize("counts", [c for c in itertools.product((0, 1, 7, 40), repeat=4) if any(c)])
def test_the_interval_holds_the_difference_and_turns_with_the_networks(counts: tuple[int, int, int, int]) -> None:
    a, b, c, d = counts
    low, high = paired_difference(Paired(a, b, c, d))
    turned = paired_difference(Paired(a, c, b, d))
    assert -1 <= low <= (c - b) / (a + b + c + d) + 1e-12 and (c - b) / (a + b + c + d) - 1e-12 <= high <= 1
    assert turned == pytest.approx((-high, -low))


def test_without_images_nothing_is_known() -> None:
    nothing = Paired(0, 0, 0, 0)
    assert (nothing.difference, nothing.interval, nothing.p) == (None, (-1.0, 1.0), 1.0)


def test_outcomes_are_counted_in_all_and_by_class() -> None:
    labels, first, second = [0, 0, 1, 1, 2], [0, 0, 0, 1, 0], [0, 1, 1, 1, 1]
    codes = outcomes(labels, first, second)
    assert codes.tolist() == [BOTH_RIGHT, BROKEN, FIXED, BOTH_RIGHT, BOTH_WRONG]
    assert paired(codes) == Paired(2, 1, 1, 1)
    assert paired_by_class(labels, codes, 4) == [Paired(1, 1, 0, 0), Paired(1, 0, 1, 0), Paired(0, 0, 0, 1), Paired(0, 0, 0, 0)]


def test_rows_are_matched_by_position_whatever_their_order() -> None:
    one, other = matched([7, 2, -1, 5], [5, -1, 9, 7])
    assert (one.tolist(), other.tolist()) == ([0, 3], [3, 0])


def test_equal_positions_match_row_by_row_but_for_what_was_erased() -> None:
    one, other = matched([3, -1, 8], [3, -1, 8])
    assert (one.tolist(), other.tolist()) == ([0, 2], [0, 2])


def test_nothing_matches_nothing() -> None:
    assert [rows.tolist() for rows in matched([], [4])] == [[], []]


def test_several_tests_at_once_are_corrected() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])  # by hand: 3 × 0.01; 2 × 0.03; then no less
    assert holm([]) == []
