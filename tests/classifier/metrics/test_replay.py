"""A training that was run again."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.metrics.replay import BIT_EQUAL, DIFFERENT, WITHIN, verdict
from classifier.metrics.scored import FORGOTTEN, ROW


@pytest.fixture
def rows() -> np.ndarray:
    made = np.zeros(20, ROW)
    made["position"], made["predicted"], made["best_probability"] = np.arange(20), np.arange(20) % 3, 0.5
    return made


def history(*losses: float) -> list[dict[str, float]]:
    return [{"epoch": epoch, "train_loss": loss, "val_loss": loss, "val_top1": 0.5} for epoch, loss in enumerate(losses, 1)]


def test_the_same_to_the_last_bit(rows) -> None:
    told = verdict(history(1.0, 0.5), history(1.0, 0.5), rows, rows.copy())
    assert told.verdict == BIT_EQUAL and "all 20 images" in told.words


def test_a_last_bit_is_within_rounding(rows) -> None:
    other = rows.copy()
    other["best_probability"][3, 0] += 1e-5
    told = verdict(history(1.0, 0.5), history(1.0, 0.5000001), rows, other)
    assert told.verdict == WITHIN and told.largest == pytest.approx(1e-5, rel=0.01)


def test_where_it_parts_is_said(rows) -> None:
    other = rows.copy()
    other["predicted"][:4] = 2
    told = verdict(history(1.0, 0.5, 0.4), history(1.0, 0.6, 0.4), rows, other)
    assert (told.verdict, told.epoch, told.figure, told.changed) == (DIFFERENT, 2, "train_loss", 3)
    assert told.words == "Different: from epoch 2 on (train_loss); 3 of 20 images are named otherwise."


def test_an_epoch_too_few_is_different(rows) -> None:
    told = verdict(history(1.0, 0.5), history(1.0), rows, rows)
    assert (told.verdict, told.epoch, told.figure) == (DIFFERENT, 2, "only one ran it")


def test_answers_of_other_images_are_different(rows) -> None:
    told = verdict(history(1.0), history(1.0), rows, rows[:10])
    assert told.verdict == DIFFERENT and told.words == "Different: they did not measure the same images."


def test_an_image_that_was_erased_since_makes_no_difference(rows) -> None:
    before, other = rows.copy(), rows.copy()
    before["position"][4] = other["position"][4] = FORGOTTEN
    told = verdict(history(1.0), history(1.0), before, other)
    assert told.verdict == BIT_EQUAL and "all 19 images" in told.words
    later = np.delete(rows, 4)  # run again after it had been erased
    assert verdict(history(1.0), history(1.0), before, later).verdict == BIT_EQUAL


def test_no_number_is_no_other_than_no_number(rows) -> None:
    lost = [{"epoch": 1, "train_loss": None, "val_loss": None}]
    assert verdict(lost, lost, rows, rows).verdict == BIT_EQUAL
    assert verdict(lost, history(1.0), rows, rows).verdict == DIFFERENT
