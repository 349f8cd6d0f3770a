"""How sure figures are that are no plain shares."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.metrics import macro_f1
from classifier.metrics.standard_errors import macro_f1_error, macro_f1_interval

COUNTS = np.array([[50, 6, 1, 0], [9, 80, 4, 2], [3, 5, 30, 8], [1, 0, 12, 60]])


def test_the_error_of_the_macro_f1_is_that_of_repeated_draws() -> None:
    n = int(COUNTS.sum())
    drawn = np.random.default_rng(0).multinomial(n, COUNTS.ravel() / n, 4000).reshape(-1, 4, 4)
    assert macro_f1_error(COUNTS) == pytest.approx(np.std([macro_f1(each) for each in drawn]), rel=0.06)


def test_more_images_are_surer() -> None:
    assert macro_f1_error(COUNTS * 4) == pytest.approx(macro_f1_error(COUNTS) / 2)


def test_a_class_that_nobody_is_of_and_nobody_is_called_changes_nothing() -> None:
    wider = np.zeros((5, 5), np.int64)
    wider[:4, :4] = COUNTS
    assert macro_f1_error(wider) == pytest.approx(macro_f1_error(COUNTS))


def test_counts_that_no_draw_moves_have_no_interval() -> None:
    assert macro_f1_interval(np.array([[3, 0], [0, 2]])) is None and macro_f1_interval(np.array([[0, 3], [2, 0]])) is None
    assert macro_f1_interval(np.zeros((3, 3), np.int64)) is None


def test_the_interval_stays_within_what_can_be() -> None:
    low, high = macro_f1_interval(np.array([[9, 0], [1, 2]])) or (0.0, 0.0)
    assert 0 < low < 0.8 and high == 1
