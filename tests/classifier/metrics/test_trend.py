"""Whether a short series rises or falls, and what looking at no image would cost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from classifier.metrics.trend import T_95, noise, prior_loss, trend

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("length", [3, 5, 12])
def test_the_line_is_that_of_scipy(length):
    values = RANDOM.normal(size=length).tolist()
    expected = stats.linregress(range(length), values)
    assert trend(values)[:2] == pytest.approx((expected.slope, expected.stderr))


def test_students_quantiles_are_those_of_scipy():
    assert T_95[1:] == pytest.approx([stats.t.ppf(0.95, dof) for dof in range(1, 11)], abs=1e-3)


def test_two_points_have_no_trend():
    assert trend([2.0, 1.0]) is None


def test_a_fall_without_noise_is_one():
    line = trend([3.0, 2.5, 2.0, 1.5])
    assert line.falls and not line.rises and line.slope == -0.5


def test_flat_noise_seems_to_fall_as_often_as_chance_has_it():
    found = [trend(RANDOM.normal(size=5).tolist()) for _ in range(4000)]
    assert np.mean([line.falls for line in found]) == pytest.approx(0.05, abs=0.012)


def test_noise_is_the_jitter_around_a_curve():
    curve = 2 / np.arange(1, 400) ** 0.5
    assert noise((curve + RANDOM.normal(0, 0.1, len(curve))).tolist()) == pytest.approx(0.1, rel=0.2)


def test_a_straight_line_has_no_noise():
    assert noise([4.0, 3.0, 2.0, 1.0]) == 0.0 and noise([1.0, 2.0]) == 0.0


def test_guessing_among_equal_classes_costs_ln_c():
    assert prior_loss([50] * 10) == pytest.approx(math.log(10))
    assert prior_loss([50] * 10, 0.1) == pytest.approx(math.log(10))


def test_knowing_how_common_each_class_is_costs_the_entropy():
    assert prior_loss([90, 10]) == pytest.approx(stats.entropy([0.9, 0.1]))
    assert prior_loss([90, 10], balanced=True) == pytest.approx(math.log(2))


def test_no_constant_answer_costs_less():
    counts, smoothing = np.array([70, 20, 10]), 0.1
    target = 0.9 * counts / counts.sum() + smoothing / 3
    others = RANDOM.dirichlet(np.ones(3), 2000)
    assert prior_loss(counts, smoothing) <= (-(np.log(others) * target).sum(axis=1)).min()
