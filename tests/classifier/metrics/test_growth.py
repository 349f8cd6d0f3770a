"""Learning curves and what they forecast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.growth import POWERS, Curve, fitted, forecast, power_of

SHARES = np.array([0.1, 0.2, 0.35, 0.5, 0.7, 1.0])


@given(floor=st.floats(0, 0.5), scale=st.floats(0, 3), power=st.sampled_from(POWERS.tolist()))
def test_a_curve_that_is_one_is_found_again(floor: float, scale: float, power: float) -> None:
    numbers = 400 * SHARES
    errors = floor + scale * numbers**-power
    found = fitted(numbers, errors, power)
    assert (float(found.floor), float(found.scale)) == pytest.approx((floor, scale), abs=1e-6)


def test_how_fast_errors_fall_is_found_over_all_classes() -> None:
    numbers = np.array([[100.0], [400.0], [1000.0]]) * SHARES
    errors = np.array([[0.05], [0.1], [0.0]]) + np.array([[1.0], [2.0], [3.0]]) * numbers**-0.6
    assert power_of(numbers, errors) == pytest.approx(0.6)


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_no_curve_falls_below_nothing_or_rises(errors: list[float]) -> None:
    found = fitted(100 * SHARES, np.array(errors), 0.5)
    assert found.floor >= 0 and found.scale >= 0
    more = [float(found.error(np.float64(number))) for number in (10, 100, 1000)]
    assert more == sorted(more, reverse=True) and all(0 <= error <= 1 for error in more)


def drawn(curve: Curve, numbers: np.ndarray, judging: int) -> tuple[np.ndarray, np.ndarray]:
    """(labels [V], right [S, V]) of images that are right as often as the curve says; the harder an image, the later it is right."""
    classes = len(numbers)
    labels = np.repeat(np.arange(classes), judging)
    hardness = np.tile((np.arange(judging) + 0.5) / judging, classes)
    right = 1 - curve.floor[:, None] - curve.scale[:, None] * numbers**-curve.power
    return labels, hardness[None] < right.T[:, labels]


def test_a_class_that_still_learns_gains_and_one_that_has_learnt_does_not() -> None:
    numbers = np.array([[100.0], [100.0]]) * SHARES
    curve = Curve(np.array([0.0, 0.2]), np.array([3.0, 0.0]), 0.5)
    found = forecast(numbers, *drawn(curve, numbers, 300))
    assert found.gain[0] == pytest.approx(3 * (100**-0.5 - 200**-0.5), abs=0.02) and found.low[0] > 0.04
    assert found.gain[1] == pytest.approx(0, abs=0.01) and found.now[1] == pytest.approx(0.8, abs=0.01)


def test_the_interval_is_wider_where_fewer_images_judge() -> None:
    numbers = np.array([[100.0]]) * SHARES
    curve = Curve(np.array([0.05]), np.array([3.0]), 0.5)
    few, many = (forecast(numbers, *drawn(curve, numbers, judging)) for judging in (20, 500))
    assert few.high[0] - few.low[0] > 2 * (many.high[0] - many.low[0])
    assert many.low[0] <= many.gain[0] <= many.high[0]


def test_a_class_that_few_images_judge_is_not_surely_done() -> None:
    numbers = np.array([[100.0], [100.0]]) * SHARES
    labels, right = drawn(Curve(np.array([0.0, 0.0]), np.array([3.0, 0.0]), 0.5), numbers, 100)
    few = (labels == 0) | (np.arange(len(labels)) % 25 == 0)  # of the second class, of which all are right, four
    found = forecast(numbers, labels[few], right[:, few])
    assert found.gain[1] == 0 and found.high[1] > 0.01 and forecast(numbers, labels, right).high[1] < 0.01


def test_a_class_that_nothing_judges_has_no_forecast() -> None:
    numbers = np.array([[100.0], [100.0]]) * SHARES
    labels, right = drawn(Curve(np.array([0.1]), np.array([3.0]), 0.5), numbers[:1], 50)
    found = forecast(numbers, labels, right)
    assert np.isnan([found.gain[1], found.low[1], found.high[1]]).all() and np.isfinite(found.mean).all()


def test_a_class_that_nothing_was_learnt_from_has_no_forecast_and_takes_none_from_others() -> None:
    numbers = np.array([[100.0], [0.0]]) * SHARES
    labels, right = drawn(Curve(np.array([0.1]), np.array([3.0]), 0.5), numbers[:1], 50)
    alone = forecast(numbers[:1], labels, right)
    more = np.r_[labels, np.ones(50, np.int64)], np.c_[right, np.zeros((len(SHARES), 50), bool)]
    found = forecast(numbers, *more)
    assert np.isnan([found.now[1], found.gain[1], found.low[1], found.high[1]]).all() and np.isfinite(found.mean).all()
    assert found.power == alone.power and found.mean[:2] == pytest.approx(alone.mean[:2])


def test_the_same_images_give_the_same_forecast() -> None:
    numbers = np.array([[100.0]]) * SHARES
    told = drawn(Curve(np.array([0.05]), np.array([3.0]), 0.5), numbers, 40)
    one, other = forecast(numbers, *told), forecast(numbers, *told)
    assert one.mean == other.mean and (one.low == other.low).all()
