"""Which classes are mixed up beyond chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from classifier.metrics.pairs import balanced_error, mixed_up, poisson_tail

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize(("count", "expected"), [(0, 1.0), (3, 0.2), (7, 2.5), (40, 30.0), (190, 180.0)])
def test_the_tail_is_that_of_scipy(count, expected):
    assert poisson_tail(count, expected) == pytest.approx(stats.poisson.sf(count - 1, expected), rel=1e-6, abs=1e-12)


def test_the_tail_of_large_counts_is_close():
    assert poisson_tail(1060, 1000.0) == pytest.approx(stats.poisson.sf(1059, 1000.0), rel=0.1)


def test_a_pair_counts_both_ways_and_names_the_more_mistaken_first():
    pair = mixed_up(np.array([[8, 0, 1], [0, 9, 0], [5, 0, 10]]))[0]
    assert (pair.first, pair.second, pair.there, pair.back, pair.mistakes) == (2, 0, 5, 1, 6)


def test_pairs_come_with_most_mistakes_first_and_none_without():
    found = mixed_up(np.array([[8, 1, 0], [0, 9, 2], [0, 0, 10]]))
    assert [(pair.first, pair.second) for pair in found] == [(1, 2), (0, 1)]


def test_mistakes_spread_evenly_are_chance():
    chances = []
    for _ in range(200):
        counts = np.diag([80] * 8)
        for true in range(8):
            np.add.at(counts, (true, RANDOM.choice([k for k in range(8) if k != true], 20)), 1)
        chances.append(mixed_up(counts, 1)[0].chance)
    assert np.mean(np.array(chances) < 0.05 / 28) < 0.05  # Bonferroni over the pairs


def test_a_pair_that_is_mixed_up_is_not_chance():
    counts = np.diag([40] * 6)
    counts[0, 1], counts[1, 0], counts[2, 5] = 9, 7, 1
    assert mixed_up(counts, 1)[0].chance < 1e-4


def test_two_classes_have_one_pair_that_says_nothing_of_chance():
    assert mixed_up(np.array([[5, 5], [2, 8]]))[0].chance > 0.4


def test_the_error_of_the_balanced_accuracy_is_that_of_repeated_tests():
    sizes, recalls = np.array([200, 40]), np.array([0.9, 0.6])
    drawn = [np.mean([RANDOM.binomial(n, r) / n for n, r in zip(sizes, recalls, strict=True)]) for _ in range(3000)]
    right = (sizes * recalls).astype(int)
    assert balanced_error(np.array([[right[0], sizes[0] - right[0]], [sizes[1] - right[1], right[1]]])) == pytest.approx(
        np.std(drawn), rel=0.1
    )
