"""What scripts say of times, beside what the server says of the same: a page that is told by both in turn must not change its words."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from webapp.core import words

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).parents[2] / "static/js/words.js"
SECONDS = [0, 0.4, 1, 59.4, 59.6, 60, 86, 192, 3599, 3600, 3660, 7380, 86_399, 86_400, 90_000, 1_000_000]


def test_a_time_that_is_left_reads_as_the_server_has_it(browser: Browser) -> None:
    page = browser.new_page()
    address = f"data:text/javascript;base64,{base64.b64encode(SCRIPT.read_bytes()).decode()}"
    told = page.evaluate("async ([address, all]) => all.map((await import(address)).duration)", [address, SECONDS])
    page.close()
    assert told == [words.duration(seconds) for seconds in SECONDS]
