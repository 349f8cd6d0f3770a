"""The temperature of a checkpoint, and why there is none."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.calibrating import NO_IMAGES, NO_MISTAKE, NO_NUMBERS, fit_of

RIGHT = np.array([[2.0, 0.0], [0.0, 1.0], [3.0, 1.0]])


@pytest.mark.parametrize(
    ("labels", "logits", "why"),
    [
        ([], np.zeros((0, 2)), NO_IMAGES),
        ([0, 1, 0], RIGHT, NO_MISTAKE),
        ([0, 1, 0], np.full((3, 2), np.nan), NO_NUMBERS),
        ([0, 1, 0], np.where(RIGHT == 3, np.inf, RIGHT), NO_NUMBERS),
        ([0, 1, 1], RIGHT, ""),
    ],
)
def test_why_there_is_none_is_what_there_is_to_say(labels: list[int], logits: np.ndarray, why: str) -> None:
    fit = fit_of(np.array(labels, np.int64), logits)
    assert (fit["why"], fit["n"]) == (why, len(labels)) and (fit["temperature"] is None) == bool(why)
