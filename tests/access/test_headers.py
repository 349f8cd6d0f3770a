"""What every answer carries: no script but ours, no frame, no guess at a type, no address told to others."""

from __future__ import annotations

import pytest

from tests.access.routes import CALLS, PAGES
from tests.access.test_pages_and_calls import call

READS = [name for name, route in PAGES.items() if route.method == "get"]


@pytest.mark.parametrize("name", READS)
def test_an_answer_carries_the_policy(name, sides, browser_of):
    headers = call(browser_of("owner"), name, PAGES[name], sides["own"]).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy and ("frame-ancestors 'none'" in policy or "sandbox" in policy)
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer", "no-referrer, strict-origin")


PICTURES = ("images/<int:image>", "images/<int:place>", "images/blocks/<int:place>")


@pytest.mark.parametrize("name", [name for name in READS if any(part in name for part in PICTURES)])
def test_a_picture_runs_nothing_whatever_it_holds(name, sides, browser_of):
    headers = call(browser_of("owner"), name, PAGES[name], sides["own"]).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox" and headers["Content-Type"].startswith("image/")


@pytest.mark.parametrize("name", [name for name in READS if "<" not in name])
def test_a_page_of_somebody_is_kept_by_no_shared_cache(name, sides, browser_of):
    answer = call(browser_of("owner"), name, PAGES[name], sides["own"])
    if not answer.streaming and b"csrfmiddlewaretoken" in answer.content:
        assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_that_a_member_was_answered_is_kept_by_a_cache(name, sides, browser_of):
    kept = call(browser_of("owner"), name, PAGES[name], sides["own"]).headers["Cache-Control"]
    pictures = any(part in name for part in ("images/<int:image>", "snapshots/<str:id>/images/", "first-batch/<int:place>"))
    assert "private" in kept and ("no-store" in kept) != pictures


@pytest.mark.parametrize("name", CALLS)
def test_nothing_that_a_token_was_answered_is_kept_by_a_cache(name, sides, browser_of, token_of):
    answer = call(browser_of("nobody"), name, CALLS[name], sides["own"], token_of("owner", "write"))
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/login/", "/api/v1/datasets", "/nowhere/", "/static/nowhere.js"])
def test_also_an_answer_to_nobody_carries_the_policy(client, db, path):
    headers = client.get(path).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"] and headers["X-Content-Type-Options"] == "nosniff"
