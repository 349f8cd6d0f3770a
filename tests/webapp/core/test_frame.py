"""The frame around every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from webapp.core.context import THEME_COOKIE, Rights, count_rows
from webapp.core.zones import ZONE_COOKIE, zone_of

SignedIn = Callable[[Any], Client]


@pytest.mark.parametrize(("cookie", "wanted"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')])
def test_the_chosen_theme_stands_in_the_first_paint(cookie: str, wanted: str, owner: Any, signed_in: SignedIn) -> None:
    client = signed_in(owner)
    client.cookies[THEME_COOKIE] = cookie
    assert wanted in client.get("/datasets/").content.decode()


def test_a_theme_that_is_none_is_the_systems(owner: Any, signed_in: SignedIn) -> None:
    client = signed_in(owner)
    client.cookies[THEME_COOKIE] = '"><script>'
    page = client.get("/datasets/").content.decode()
    assert "data-theme=" not in page.partition("<head>")[0]


def test_the_place_of_a_page_is_marked(owner: Any, signed_in: SignedIn) -> None:
    page = signed_in(owner).get("/datasets/new/").content.decode()
    side, main = page.split("<main", 1)
    assert side.count('aria-current="page"') == 1 and 'href="/datasets/" aria-current="page"' in side
    assert main.count('aria-current="page"') == 1  # which of the ways in


def test_the_side_bar_says_team_and_role(editor: Any, signed_in: SignedIn) -> None:
    page = signed_in(editor).get("/datasets/").content.decode()
    assert "Birds" in page and "editor" in page


def test_counts_come_in_one_query_a_place(team: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        assert count_rows(team) == {}


def test_nobody_may_anything() -> None:
    assert Rights(None)["dataset_edit"] is False


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "x" * 5000, "\0"])
def test_a_zone_that_is_none_is_utc(name: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES[ZONE_COOKIE] = name
    assert str(zone_of(request)) == "UTC"


def test_times_are_shown_in_the_readers_zone() -> None:
    request = RequestFactory().get("/")
    request.COOKIES[ZONE_COOKIE] = "Asia/Kolkata"
    moment = timezone.now().replace(hour=20, minute=0)
    shown = Template('{% when moment "clock" %}').render(Context({"moment": moment, "request": request}))
    assert ">01:30<" in shown


def test_markup_in_a_tags_text_is_escaped() -> None:
    assert "<b>" not in Template("{% pill text %}").render(Context({"text": "<b>"}))


@pytest.mark.parametrize("path", ["/datasets/none/", "/nothing/here/"])
def test_a_missing_page_has_the_frame_and_no_trace(path: str, owner: Any, signed_in: SignedIn) -> None:
    answer = signed_in(owner).get(path)
    page = answer.content.decode()
    assert answer.status_code == 404 and "There is nothing here" in page and "Traceback" not in page and 'class="side"' in page


def test_a_forbidden_page_says_which_right_is_missing(viewer: Any, signed_in: SignedIn) -> None:
    answer = signed_in(viewer).get("/datasets/new/")
    assert answer.status_code == 403 and "dataset.edit" in answer.content.decode()


def test_a_failure_says_so_without_a_trace(owner: Any, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("webapp.datasets.views.browse.queries.datasets", fail)
    client = signed_in(owner)
    client.raise_request_exception = False
    answer = client.get("/datasets/")
    assert answer.status_code == 500 and b"Something went wrong on our side" in answer.content and b"secret" not in answer.content
