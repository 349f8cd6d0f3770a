"""Filters that apply themselves: a list that is stepped through by keys loads the page once, when one has chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def loads(signed_in_page: Page) -> Iterator[list[str]]:
    """The addresses of pages that are loaded from now on, on the list of experiments."""
    signed_in_page.goto("/experiments/?q=nothing+has+this+name")
    found: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            found.append(request.url)

    signed_in_page.on("request", note)
    yield found
    signed_in_page.remove_listener("request", note)


def test_the_arrows_step_through_a_list_and_enter_applies_it(signed_in_page: Page, loads: list[str]) -> None:
    field = signed_in_page.get_by_label("State", exact=True)
    field.focus()
    for _ in range(3):
        signed_in_page.keyboard.press("ArrowDown")
    signed_in_page.wait_for_timeout(400)
    assert loads == []
    wanted = field.input_value()
    assert wanted
    signed_in_page.keyboard.press("Enter")
    expect(signed_in_page).to_have_url(re.compile(f"state={wanted}"))
    expect(signed_in_page.get_by_label("State", exact=True)).to_be_focused()
    assert len(loads) == 1


def test_a_choice_by_mouse_applies_at_once(signed_in_page: Page, loads: list[str]) -> None:
    signed_in_page.get_by_label("State", exact=True).select_option(index=1)
    expect(signed_in_page).to_have_url(re.compile(r"state=\w"))


def test_of_two_buttons_the_chosen_one_has_the_focus_afterwards(signed_in_page: Page, loads: list[str]) -> None:
    signed_in_page.get_by_text("Mine", exact=True).click()
    expect(signed_in_page).to_have_url(re.compile("who=mine"))
    expect(signed_in_page.get_by_role("radio", name="Mine")).to_be_focused()
