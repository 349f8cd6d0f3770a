"""The first hour in a real browser: an empty team, the sample set, the quick check, and what it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.world import PATIENCE_MS
from tests.plugins.stack import Stack

pytestmark = pytest.mark.browser

PERSON, PASSWORD = "novice", "finch-over-3-gables"
WAIT_MS = 120_000  # on a busy machine


@pytest.fixture
def newcomer(browser: Browser, stack: Stack) -> Page:
    """The owner of a team that has nothing yet, signed in."""
    stack.manage("create_user", PERSON, "--team", "Newcomers", "--role", "owner", SYNSET_PASSWORD=PASSWORD)
    context = browser.new_context(base_url=stack.base, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"^http://[^/]+/$"))
    yield page
    context.close()


def test_from_nothing_to_a_verdict_in_three_clicks(newcomer):
    page = newcomer
    expect(page.get_by_role("link", name="Upload images")).to_be_visible()
    page.get_by_role("button", name="Load the sample set").dblclick()
    page.wait_for_url(re.compile(r"/datasets/0\w+/"))
    expect(page.get_by_text("Ready: what next")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(".next")).to_contain_text("3,500 training images for 3 epochs")
    page.get_by_role("button", name="Quick check").click()
    page.wait_for_url(re.compile(r"/experiments/0\w+/$"))
    expect(page.locator("[data-rule=baseline]")).to_contain_text("The labels can be learnt", timeout=WAIT_MS)
    expect(page.locator("[data-rule=baseline]")).to_contain_text("10.0 %")
    page.goto("/datasets/")
    expect(page.locator(".dataset-card")).to_have_count(1)  # two clicks made one
