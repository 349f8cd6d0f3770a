"""A team in a real browser: invite, join, change a role, switch, remove, mend a password."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.world import PATIENCE_MS, invite
from tests.plugins.stack import Stack

pytestmark = pytest.mark.browser
NEW_PASSWORD = "heron-by-3-ponds"


@pytest.fixture
def stranger(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Another person's browser."""
    context = browser.new_context(base_url=stack.base, viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def joined(page: Page, link: str, name: str) -> Page:
    """The stranger's page after joining by the link."""
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Make the account and join").click()
    page.wait_for_url(re.compile(r"^http://[^/]+/$"))
    return page


def test_an_owner_invites_and_a_stranger_joins_is_changed_and_removed(signed_in_page: Page, stranger: Page, complaints: list[str]) -> None:
    joined(stranger, invite(signed_in_page, "viewer"), "ann")
    signed_in_page.goto("/team/")
    signed_in_page.get_by_label("Role of ann", exact=True).select_option("editor")
    signed_in_page.get_by_role("button", name="Change the role of ann").click()
    stranger.goto("/account/")
    expect(stranger.locator("#facts").get_by_text("editor of Stack")).to_be_visible()
    signed_in_page.get_by_role("button", name="Remove ann", exact=True).first.click()
    signed_in_page.get_by_role("dialog").get_by_role("button", name="Remove ann").click()
    expect(signed_in_page.locator("[data-member=ann]")).to_have_count(0)
    stranger.goto("/account/")
    expect(stranger.locator("#facts").get_by_text("in no team yet")).to_be_visible()
    assert not complaints


def test_a_used_invitation_says_so(signed_in_page: Page, stranger: Page) -> None:
    link = invite(signed_in_page, "viewer")
    joined(stranger, link, "bob").context.clear_cookies()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="This invitation has been used")).to_be_visible()


def test_a_reset_link_is_handed_over(signed_in_page: Page, stranger: Page) -> None:
    joined(stranger, invite(signed_in_page, "viewer"), "cleo").context.clear_cookies()
    signed_in_page.goto("/team/")
    signed_in_page.get_by_role("button", name="Make a reset link for cleo").click()
    stranger.goto(signed_in_page.locator("#reset-link").input_value())
    stranger.get_by_label("New password").fill("magpie-on-2-roofs")
    stranger.get_by_role("button", name="Set the password").click()
    stranger.get_by_label("Name").fill("cleo")
    stranger.get_by_label("Password").fill("magpie-on-2-roofs")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger).to_have_url(re.compile(r"^http://[^/]+/$"))


def test_an_owner_makes_a_team_and_switches_back(signed_in_page: Page) -> None:
    signed_in_page.goto("/account/")
    signed_in_page.get_by_label("A new team").fill("Night shift")
    signed_in_page.get_by_role("button", name="Make it").click()
    expect(signed_in_page.get_by_role("heading", name="Night shift", level=1)).to_be_visible()
    signed_in_page.get_by_label("Account of pat").click()
    signed_in_page.get_by_role("button", name="Stack owner").click()
    expect(signed_in_page.locator(".who__name")).to_contain_text("Stack")
