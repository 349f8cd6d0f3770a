"""Figures, times and states in words."""

from __future__ import annotations

import math

import pytest

from webapp.core import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (0, "0 s"), (59.4, "59 s"), (60, "1 min"), (192, "3 min 12 s"), (3600, "1 h"), (7380, "2 h 3 min"), (90000, "1 d 1 h")],
)
def test_a_duration_has_two_units_at_most(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(None, "–"), (0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (23_383_526, "23 MB"), (5e12, "5.0 TB"), (3e15, "3,000 TB")],
)
def test_bytes_are_short(number: float | None, said: str) -> None:
    assert words.bytes_size(number) == said


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (112, "112th")]
)
def test_an_ordinal_has_its_ending(number: int, said: str) -> None:
    assert words.ordinal(number) == said


@pytest.mark.parametrize(("number", "noun", "said"), [(1, "class", "1 class"), (2, "class", "2 classes"), (1041, "image", "1,041 images")])
def test_a_plural_agrees_with_its_number(number: int, noun: str, said: str) -> None:
    assert words.plural(number, noun) == said


def test_a_share_is_a_percentage() -> None:
    assert words.percent(0.934) == "93.4 %" and words.percent(None) == "–"


@pytest.mark.parametrize(
    ("value", "interval", "said"),
    [(0.7, (0.6, 0.8), "± 10.0"), (0.9, (0.8, 1.0), "± 10.0"), (1.0, (0.963, 1.0), "96.3 to 100.0"), (0.01, (0.002, 0.054), "0.2 to 5.4")],
)
def test_an_interval_that_is_far_from_even_is_told_by_its_ends(value: float, interval: tuple[float, float], said: str) -> None:
    assert words.give_or_take(value, *interval) == said


def test_what_has_no_highest_value_may_reach_anywhere_above() -> None:
    assert words.give_or_take(2.5, 2.0, 3.0, unit=1, digits=3, most=math.inf) == "± 0.500"
    assert words.give_or_take(0.1, 0.05, 0.3, unit=1, digits=3, most=math.inf) == "0.050 to 0.300"


def test_a_waiting_job_says_its_position() -> None:
    assert words.state("train", "queued", 1) == ("Waiting, 1st", "warn")


def test_a_running_job_says_what_it_does() -> None:
    assert words.state("import", "running") == ("Importing", "accent")


def test_a_job_that_is_being_cancelled_says_so_until_it_has_ended() -> None:
    assert words.state("train", "running", asked="Cancelling")[0] == "Cancelling"
    assert words.state("train", "cancelled", asked="Cancelling")[0] == "Cancelled"


def test_a_sparkline_spans_its_box() -> None:
    assert words.spark_points([2.0, 1.0, 0.0]) == "0.0,1.0 55.0,14.0 110.0,27.0"


@pytest.mark.parametrize("values", [[], [1.0]])
def test_a_line_needs_two_points(values: list[float]) -> None:
    assert words.spark_points(values) == ""


def test_equal_values_are_a_flat_line() -> None:
    assert words.spark_points([3.0, 3.0]) == "0.0,1.0 110.0,1.0"


@pytest.mark.parametrize(("name", "letters"), [("Retail vision", "RV"), ("Birds", "BI"), ("", "?"), ("a b c", "AC")])
def test_a_team_has_initials(name: str, letters: str) -> None:
    assert words.initials(name) == letters
