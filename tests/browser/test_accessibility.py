"""axe-core finds no barrier on any page, light and dark, on a desk and on a phone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import EMPTY, PAGES, REFUSED, SIGNED_OUT, STATES
from tests.browser.world import World

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}})"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOKS = (("light", DESK), ("dark", DESK), ("dark", PHONE))  # a phone in light has no pair of colours that these lack
SETTLED_MS = 15_000


def settle(page: Page) -> None:
    """Until the charts are drawn, and nothing is pale since it is about to change."""
    expect(page.locator('[aria-busy="true"]')).to_have_count(0, timeout=SETTLED_MS)
    for host in page.locator("[data-chart]:not([data-drawn]):not(:has([data-waiting]))").all():
        host.and_(page.locator("[data-drawn]")).wait_for(state="attached", timeout=SETTLED_MS)


def barriers(page: Page) -> list[str]:
    """What axe-core finds, as "rule: element (why)"."""
    page.evaluate(AXE)  # evaluated by the debugger: the page's own policy stays as it is
    found: dict[str, Any] = page.evaluate(RUN)
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})" for rule in found["violations"] for node in rule["nodes"]
    ]


def everywhere(page: Page, path: str = "") -> dict[str, list[str]]:
    """What is found at each size in each theme; without a path, on the page as it stands."""
    page.set_viewport_size(DESK)
    if path:
        page.goto(path)
    found = {}
    for theme, size in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        settle(page)
        if seen := barriers(page):
            found[f"{theme} {size['width']}"] = seen
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier(visitor: Page, world: World, path: str) -> None:
    assert not everywhere(visitor, path.format(**world._asdict()))


@pytest.mark.parametrize("path", SIGNED_OUT)
def test_a_page_for_strangers_has_no_barrier(page: Page, world: World, path: str) -> None:
    assert not everywhere(page, path.format(**world._asdict()))


@pytest.mark.parametrize("path", EMPTY)
def test_an_empty_page_has_no_barrier(newcomer: Page, world: World, path: str) -> None:
    assert not everywhere(newcomer, path.format(**world._asdict()))


@pytest.mark.parametrize("path", REFUSED)
def test_a_refusal_has_no_barrier(onlooker: Page, path: str) -> None:
    assert not everywhere(onlooker, path)


@pytest.mark.parametrize("state", STATES, indirect=True)
def test_a_page_in_use_has_no_barrier(state: Page) -> None:
    assert not everywhere(state)


@pytest.mark.parametrize("keys", [["Control+k"], ["?"]], ids=["search", "keys"])
def test_an_open_dialog_has_no_barrier(visitor: Page, world: World, keys: list[str]) -> None:
    visitor.goto("/")
    for key in keys:
        visitor.keyboard.press(key)
    visitor.get_by_role("dialog").wait_for()
    assert not barriers(visitor)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_open_account_menu_has_no_barrier(visitor: Page, size: dict[str, int]) -> None:
    visitor.set_viewport_size(size)
    visitor.goto("/")
    visitor.get_by_label("Account of pat").click()
    assert not barriers(visitor)
