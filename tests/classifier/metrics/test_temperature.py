"""The temperature that makes probabilities as sure as they are right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from classifier.metrics import cross_entropy, softmax
from classifier.metrics.temperature import HIGHEST, LOWEST, fitted, spread


def drawn(seed, n=400, classes=5, sharper=1.0):
    """Labels that follow the probabilities of logits, which are then made so much sharper."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(size=(n, classes)) * 2
    odds = softmax(logits).cumsum(axis=1)
    labels = (draw.random(n)[:, None] > odds).sum(axis=1).clip(0, classes - 1)
    return labels, logits * sharper


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 4))
def test_it_is_where_scipy_finds_the_least_loss(seed, sharper):
    labels, logits = drawn(seed, sharper=sharper)
    best = minimize_scalar(
        lambda t: cross_entropy(logits / t, labels).mean(), bounds=(LOWEST, HIGHEST), method="bounded", options={"xatol": 1e-9}
    )
    assert fitted(labels, logits) == pytest.approx(best.x, rel=1e-3)


def test_it_undoes_what_made_logits_too_sharp():
    assert fitted(*drawn(3, n=20_000, sharper=2.5)) == pytest.approx(2.5, rel=0.05)


def test_without_a_mistake_it_says_nothing():
    assert fitted([0, 1], [[3.0, 0.0], [0.0, 3.0]]) is None


def test_of_no_image_and_of_logits_that_are_no_numbers_it_says_nothing():
    assert fitted([], np.zeros((0, 3))) is None and fitted([0], [[np.nan, 1.0]]) is None


def test_answers_that_are_no_better_than_chance_end_at_the_bound():
    assert fitted([0, 1], [[-9.0, 9.0], [9.0, -9.0]]) == pytest.approx(HIGHEST, rel=0.01)


def test_many_images_are_looked_at_in_part_evenly():
    places = spread(10_000, 11)
    assert places.tolist() == [0, 1000, 2000, 3000, 4000, 5000, 5999, 6999, 7999, 8999, 9999] and spread(3).tolist() == [0, 1, 2]
