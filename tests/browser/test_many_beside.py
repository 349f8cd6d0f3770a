"""Rows of a classification: why the network says so, and another network's answers beside them, by a real browser and the real workers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.barriers import DESK
from tests.browser.looks import wrong_with
from tests.browser.world import WAIT_MS, World, id_in

pytestmark = pytest.mark.browser
PUBLISHED = "published:efficientnet_lite0"


@pytest.fixture
def answers(signed_in_page: Page, world: World) -> Page:
    signed_in_page.set_viewport_size(DESK)
    signed_in_page.goto(f"/classify/{world.classification}/")
    return signed_in_page


@pytest.fixture
def both(answers: Page, world: World) -> Iterator[Page]:
    """The answers of two networks side by side; the second's are deleted afterwards, so that the history is as others know it."""
    told = json.loads(answers.locator("body").get_attribute("hx-headers") or "{}")
    made = answers.request.post(f"/classify/{world.classification}/again/", headers=told, form={"network": PUBLISHED})
    answers.goto(made.url)
    expect(answers.locator("#answers tbody tr").first).to_be_visible(timeout=WAIT_MS)
    answers.goto(f"/classify/{world.classification}/")
    answers.get_by_label("Beside it").select_option(id_in(made.url))
    expect(answers.locator(".beside__words")).to_be_visible()
    yield answers
    assert answers.request.post(f"{made.url}delete/", headers=told).ok


def row_of(page: Page, file: str) -> Locator:
    return page.locator("#answers tbody tr").filter(has=page.get_by_text(file, exact=True))


def opened_why(page: Page, sides: int = 1) -> Locator:
    row = row_of(page, "red/2.png")
    row.get_by_role("button", name="Why…").press("Enter")
    expect(page.locator(".why__over")).to_have_count(sides, timeout=WAIT_MS)
    return row


def test_a_row_says_why_by_keys_and_gets_the_focus_back(answers: Page, complaints: list[str]) -> None:
    row = opened_why(answers)
    dialog = answers.get_by_role("dialog")
    expect(dialog).to_contain_text("red/2.png")
    dialog.get_by_label("Class", exact=True).fill("gre")
    answers.keyboard.press("Enter")
    expect(dialog.locator(".why__said")).to_contain_text("green", timeout=WAIT_MS)
    answers.locator("#why label", has_text="Occlusion").click()
    expect(dialog.locator(".why__side")).to_contain_text("Of 49 covers", timeout=WAIT_MS)
    answers.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(row.get_by_role("button", name="Why…")).to_be_focused()
    assert complaints == []


def test_a_viewer_asks_why_too(onlooker: Page, world: World) -> None:
    onlooker.goto(f"/classify/{world.classification}/")
    opened_why(onlooker)


def test_two_networks_stand_side_by_side_and_where_they_differ_is_one_click_away(both: Page, complaints: list[str]) -> None:
    expect(both.locator(".beside__words")).to_have_text("Both name the same class on 0 of 12 images: 0.0 % (95 % interval 0.0 to 24.2).")
    expect(both.locator("#answers thead")).to_contain_text("efficientnet_lite0")
    expect(both.locator("#answers tbody .pill", has_text="they differ")).to_have_count(12)
    second = both.get_by_label("Beside it").input_value()
    both.get_by_role("link", name="they differ 12").click()
    expect(both.locator("#answers h2")).to_have_text("Where they differ")
    expect(both.get_by_label("Beside it")).to_have_value(second)
    opened_why(both, sides=2)
    both.keyboard.press("Escape")
    both.get_by_label("Beside it").select_option("")
    expect(both.locator(".beside__words")).to_have_count(0)
    assert complaints == []


@pytest.mark.parametrize("state", ["beside", "why"])
def test_each_state_fits_every_width_and_has_no_barrier(both: Page, state: str) -> None:
    if state == "why":
        opened_why(both, sides=2)
    assert wrong_with(both) == {}
