"""The whole product by keyboard: search, menus, dialogs, galleries and the list of keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import World, comes_to


def focused(page: Page) -> str:
    """The accessible words of what has the focus."""
    return page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()")


def expect_focus(page: Page, words: str) -> None:
    """A dialog that closes gives the focus back a moment later."""
    comes_to(page, lambda: focused(page)[: len(words)], words)


@pytest.fixture
def home(visitor: Page) -> Page:
    visitor.set_viewport_size({"width": 1440, "height": 900})
    visitor.goto("/")
    return visitor


def test_the_first_stop_skips_to_the_content(home):
    home.keyboard.press("Tab")
    expect(home.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    home.keyboard.press("Enter")
    expect(home.locator("#content")).to_be_focused()


def test_ctrl_k_finds_a_dataset_and_enter_opens_it(world: World, home):
    home.keyboard.press("Control+k")
    home.keyboard.type("colo")
    expect(home.get_by_role("option", name=re.compile("Colours")).first).to_have_attribute("aria-selected", "true")
    home.keyboard.press("Enter")
    expect(home).to_have_url(re.compile(world.dataset))


def test_the_arrows_choose_among_what_was_found(home):
    home.keyboard.press("Control+k")
    options = home.locator("dialog [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")
    home.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    chosen = home.locator("dialog [role=combobox]").get_attribute("aria-activedescendant")
    assert chosen == options.nth(1).get_attribute("id")


def test_a_closed_search_remembers_nothing_and_returns_the_focus(home):
    home.get_by_role("link", name="Search").focus()
    home.keyboard.press("Enter")
    home.keyboard.type("colo")
    home.keyboard.press("Escape")
    expect_focus(home, "Search")
    expect(home.locator("dialog [role=combobox]")).to_have_value("")


def test_the_account_menu_opens_is_walked_and_closed(home):
    home.get_by_label("Account of pat").focus()
    home.keyboard.press("ArrowDown")
    first = focused(home)
    home.keyboard.press("ArrowDown")
    assert focused(home) not in ("", first)
    home.keyboard.press("Escape")
    expect(home.locator(".side [data-menu][open]")).to_have_count(0)
    expect_focus(home, "Account of pat")


def test_a_dialog_from_the_menu_returns_to_it(home):
    home.get_by_label("Account of pat").click()
    home.get_by_role("button", name="Keys").click()
    expect(home.get_by_role("dialog")).to_contain_text("Search everything")
    home.keyboard.press("Escape")
    expect_focus(home, "Account of pat")


def test_dates_are_written_in_full_for_who_has_no_mouse(world: World, home):
    date = home.locator(".finished time").first
    expect(date).not_to_have_text(re.compile("UTC|GMT"))
    home.get_by_label("Account of pat").focus()
    home.keyboard.press("Enter")
    home.get_by_role("button", name="Full", exact=True).press("Enter")
    expect(date).to_have_text(re.compile(r"^\w+, \d+ \w+ \d{4}, \d\d:\d\d:\d\d "))
    home.reload()
    expect(date).to_have_text(re.compile(r"^\w+, \d+ \w+ \d{4}, \d\d:\d\d:\d\d "))
    home.get_by_label("Account of pat").click()
    home.get_by_role("button", name="Short", exact=True).click()
    expect(date).not_to_have_text(re.compile("UTC|GMT"))


def test_the_arrows_go_through_the_results_of_the_search_page(world: World, home):
    home.goto("/search/")
    home.keyboard.press("/")
    home.keyboard.type("colo")
    hits = home.locator("#hits a.found__hit")
    expect(hits.first.locator("mark")).to_have_text("Colo")
    home.keyboard.press("ArrowDown")
    expect(hits.first).to_be_focused()
    home.keyboard.press("ArrowUp")
    expect(home.locator("#question")).to_be_focused()
    home.keyboard.press("ArrowDown")
    home.keyboard.press("Enter")
    expect(home).to_have_url(re.compile(world.dataset))
    home.go_back()
    expect(home.locator("#hits mark").first).to_have_text("Colo")


def test_a_question_mark_lists_the_keys_of_the_page(home):
    home.goto("/experiments/")
    home.keyboard.press("?")
    expect(home.get_by_role("dialog")).to_contain_text("New experiment")


def test_single_keys_can_be_switched_off(home):
    home.goto("/experiments/")
    home.keyboard.press("?")
    home.get_by_label("Single keys work").uncheck()
    home.keyboard.press("Escape")
    home.keyboard.press("n")
    expect(home).to_have_url(re.compile("/experiments/$"))
    home.evaluate("localStorage.clear()")


def test_a_gallery_is_one_stop_and_the_arrows_go_through_it(world: World, home):
    home.goto(f"/datasets/{world.dataset}/")
    tiles = home.locator("a.tile")
    expect(home.locator("a.tile[tabindex='0']")).to_have_count(1)
    tiles.first.focus()
    home.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    home.keyboard.press("Enter")
    expect(home.get_by_role("dialog")).to_be_visible()
    home.keyboard.press("Escape")
    expect(tiles.nth(1)).to_be_focused()


def test_the_focus_is_seen_on_everything_that_takes_it(world: World, home):
    home.goto("/experiments/new/")
    hidden = []
    for _ in range(45):
        home.keyboard.press("Tab")
        if not home.evaluate(
            """() => { for (let e = document.activeElement; e; e = e.parentElement) {
                 const css = getComputedStyle(e); if (css.outlineStyle !== "none" && parseFloat(css.outlineWidth) >= 2) return true; }
               return document.activeElement === document.body; }"""
        ):
            hidden.append(focused(home))
    assert not hidden


def test_a_question_mark_tells_what_a_field_means(world: World, home):
    home.goto("/experiments/new/")
    mark = home.get_by_role("button", name="Learning rate: what it is")
    words = home.locator("#help_learning_rate")
    expect(words).to_be_hidden()
    mark.focus()
    home.keyboard.press("Enter")
    expect(words).to_be_visible()
    home.keyboard.press("Enter")
    expect(words).to_be_hidden()
