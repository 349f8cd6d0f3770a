"""Every page of the product, loaded once: it fits from a small phone to a wide screen, and axe-core finds no barrier."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.barriers import DESK, PHONE, barriers
from tests.browser.looks import wrong_with
from tests.browser.pages import EMPTY, PAGES, REFUSED, SIGNED_OUT, STATES
from tests.browser.world import World


@pytest.fixture
def opened(world: World) -> Callable[[Page, str], Page]:
    """Opens a page on a desk; in its address stand fields of the world."""

    def open_on_a_desk(page: Page, path: str) -> Page:
        page.set_viewport_size(DESK)
        page.goto(path.format(**world._asdict()))
        return page

    return open_on_a_desk


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_every_width_and_has_no_barrier(opened: Callable[[Page, str], Page], visitor: Page, path: str) -> None:
    assert not wrong_with(opened(visitor, path))


@pytest.mark.parametrize("path", SIGNED_OUT)
def test_a_page_for_strangers_fits_every_width_and_has_no_barrier(opened: Callable[[Page, str], Page], page: Page, path: str) -> None:
    assert not wrong_with(opened(page, path))


@pytest.mark.parametrize("path", EMPTY)
def test_an_empty_page_fits_every_width_and_has_no_barrier(opened: Callable[[Page, str], Page], newcomer: Page, path: str) -> None:
    assert not wrong_with(opened(newcomer, path))


@pytest.mark.parametrize("path", REFUSED)
def test_a_refusal_fits_every_width_and_has_no_barrier(opened: Callable[[Page, str], Page], onlooker: Page, path: str) -> None:
    assert not wrong_with(opened(onlooker, path))


@pytest.mark.parametrize("state", STATES, indirect=True)
def test_a_page_in_use_fits_every_width_and_has_no_barrier(state: Page) -> None:
    assert not wrong_with(state)


@pytest.mark.parametrize("keys", [["Control+k"], ["?"]], ids=["search", "keys"])
def test_an_open_dialog_has_no_barrier(visitor: Page, world: World, keys: list[str]) -> None:
    visitor.goto("/")
    for key in keys:
        visitor.keyboard.press(key)
    visitor.get_by_role("dialog").wait_for()
    assert not barriers(visitor)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_open_account_menu_has_no_barrier(visitor: Page, world: World, size: dict[str, int]) -> None:
    visitor.set_viewport_size(size)
    visitor.goto("/")
    visitor.get_by_label("Account of pat").click()
    assert not barriers(visitor)
