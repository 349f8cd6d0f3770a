"""A session that ended: nothing typed is lost, nothing read stays behind, and the page says what happened."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def sign_out(page: Page) -> None:
    page.locator(".who").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/login/"))


def test_back_shows_nothing_after_signing_out(trained):
    trained.goto("/experiments/")
    expect(trained.get_by_role("link", name="Shared").first).to_be_visible()
    sign_out(trained)
    for _ in range(2):
        trained.go_back()
        expect(trained.get_by_role("button", name="Sign in")).to_be_visible()
        expect(trained.get_by_text("Shared")).to_have_count(0)


def test_back_from_a_thing_leads_to_the_list_as_it_was(trained):
    trained.set_viewport_size({"width": 1440, "height": 300})
    trained.goto("/experiments/?q=Shared&state=succeeded")
    trained.evaluate("scrollTo(0, 120)")
    scrolled = trained.evaluate("scrollY")
    trained.get_by_role("link", name="Shared").first.evaluate("link => link.click()")
    trained.wait_for_url(re.compile(r"/experiments/0\w+/$"))
    trained.go_back()
    expect(trained.get_by_role("searchbox").or_(trained.locator("[name=q]")).first).to_have_value("Shared")
    trained.wait_for_function("top => Math.abs(scrollY - top) < 40", arg=scrolled)
    assert scrolled > 0 and "q=Shared" in trained.url
