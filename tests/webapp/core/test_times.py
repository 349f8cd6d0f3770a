"""Times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from webapp.core import times

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=3), "today, 15:00"),
        (timedelta(hours=20), "yesterday, 22:00"),
        (timedelta(days=3), "21 November, 18:00"),
        (timedelta(days=365), "24 November 2025, 18:00"),
        (timedelta(minutes=-5), "in 5 min"),
        (timedelta(hours=-20), "tomorrow, 14:00"),
    ],
)
def test_a_near_time_is_told_by_its_distance_and_a_far_one_by_its_day(ago: timedelta, said: str) -> None:
    assert times.moment(NOW - ago, NOW) == said


@pytest.mark.parametrize(("form", "said"), [("clock", "18:00"), ("day", "24 November, 18:00"), ("date", "24 November")])
def test_a_form_is_kept_however_near(form: str, said: str) -> None:
    assert times.moment(NOW, NOW, form) == said


def test_the_whole_time_stands_on_hover() -> None:
    shown = Template("{% when moment %}").render(Context({"moment": NOW}))
    assert 'title="Tuesday, 24 November 2026, 18:00:00 UTC"' in shown and 'datetime="2026-11-24T18:00:00+00:00"' in shown


def test_who_wants_full_dates_reads_them_without_a_mouse(rf) -> None:
    request = rf.get("/")
    request.COOKIES["synset_dates"] = "full"
    shown = Template("{% when moment %}").render(Context({"moment": NOW, "request": request}))
    assert ">Tuesday, 24 November 2026, 18:00:00 UTC</time>" in shown
