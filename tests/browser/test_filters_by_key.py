"""Filters that apply themselves: a list that is stepped through by keys loads the page once, when one has chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def loads(visitor: Page, world: World) -> Iterator[list[str]]:
    """The addresses of pages that are loaded from now on, on the list of experiments."""
    visitor.set_viewport_size({"width": 1440, "height": 900})
    visitor.goto("/experiments/")
    found: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            found.append(request.url)

    visitor.on("request", note)
    yield found
    visitor.remove_listener("request", note)


def test_the_arrows_step_through_a_list_and_enter_applies_it(visitor: Page, loads: list[str]) -> None:
    field = visitor.get_by_label("State", exact=True)
    field.focus()
    for _ in range(3):
        visitor.keyboard.press("ArrowDown")
    visitor.wait_for_timeout(400)
    assert loads == []
    wanted = field.input_value()
    assert wanted
    visitor.keyboard.press("Enter")
    expect(visitor).to_have_url(re.compile(f"state={wanted}"))
    expect(visitor.get_by_label("State", exact=True)).to_be_focused()
    assert len(loads) == 1


def test_a_choice_by_mouse_applies_at_once(visitor: Page, loads: list[str]) -> None:
    visitor.get_by_label("State", exact=True).select_option(index=1)
    expect(visitor).to_have_url(re.compile(r"state=\w"))
