"""Findings in a real browser: settled where they stand, by mouse and by keys, undone there, looked at in full beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.test_every_page import wrong_with
from tests.browser.test_labelling import discard_draft
from tests.browser.world import COLOURS, WAIT_MS, archive_of, follow, picture, upload

pytestmark = pytest.mark.browser
EACH = 12


def plain() -> Iterator[tuple[str, bytes]]:
    """Pictures of nothing but a colour, of which each class has two that are the same."""
    for name, colour in COLOURS.items():
        for shade in range(EACH):
            yield f"{name}/{shade:02}.png", picture(colour, shade)
        yield f"{name}/copy.png", picture(colour, 3)


@pytest.fixture
def quality(signed_in_page: Page, tmp_path: Path, made: dict[str, str]) -> Iterator[Page]:
    """On the report of a set without a draft; the first test that asks uploads and checks it."""
    page = signed_in_page
    if "plain" not in made:
        upload(page, archive_of(tmp_path / "plain.zip", plain()), "Plain colours")
        expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
        made["plain"] = page.url
        follow(page, page.get_by_role("link", name="Quality", exact=True))
        page.get_by_role("button", name="Check this dataset").click()
        expect(page.get_by_role("link", name="See all: Nearly nothing to see")).to_be_visible(timeout=WAIT_MS)
    page.goto(f"{made['plain']}quality/")
    yield page
    discard_draft(page, made["plain"])


@pytest.fixture
def flat(quality: Page) -> Page:
    """On the images that show nothing."""
    follow(quality, quality.get_by_role("link", name="See all: Nearly nothing to see"))
    expect(quality.locator("[data-finding]")).to_have_count(3 * (EACH + 1))
    return quality


def finding(page: Page, rank: int) -> Locator:
    return page.locator(f"#finding-{rank}")


def places(page: Page, *ranks: int) -> list[object]:
    """Where they stand in the window."""
    return [finding(page, rank).bounding_box() for rank in ranks]


def test_a_finding_is_settled_in_its_place_and_undone_there(flat: Page, complaints: list[str]) -> None:
    flat.evaluate("window.stays = true")
    row = finding(flat, 20)
    row.scroll_into_view_if_needed()
    before = places(flat, 19, 20, 21, 30)
    row.get_by_role("button", name="Take out").click()
    expect(row).to_contain_text("Taken out")
    expect(row.get_by_role("button", name="Undo")).to_be_focused()
    expect(flat.locator("#draft")).to_contain_text("1 taken out")
    assert places(flat, 19, 20, 21, 30) == before
    row.get_by_role("button", name="Undo").click()
    expect(row.get_by_role("button", name="Take out")).to_be_focused()
    expect(flat.locator("#draft")).to_be_hidden()
    assert places(flat, 19, 20, 21, 30) == before
    assert flat.evaluate("window.stays") and complaints == []


def test_keys_settle_one_finding_after_the_other(flat: Page) -> None:
    finding(flat, 0).locator("a.tile").focus()
    for rank in (0, 1):
        flat.keyboard.press("x")
        expect(finding(flat, rank)).to_contain_text("Taken out")
        expect(finding(flat, rank).locator("a.tile")).to_be_focused()
        flat.keyboard.press("ArrowRight")
    expect(flat.locator("#draft")).to_contain_text("2 taken out")
    flat.keyboard.press("ArrowLeft")
    flat.keyboard.press("u")
    expect(finding(flat, 1).get_by_role("button", name="Take out")).to_be_visible()
    expect(finding(flat, 0)).to_contain_text("Taken out")


def test_who_goes_on_to_a_finding_of_the_same_image_keeps_the_place(flat: Page) -> None:
    position = finding(flat, 0).get_attribute("data-images")
    finding(flat, 1).evaluate("(one, position) => { one.dataset.images += ` ${position}`; }", position)  # as of two pairs with one image
    held: list[Route] = []
    flat.route(re.compile(r"/quality/fix/"), lambda route: held.append(route))
    finding(flat, 0).locator("a.tile").focus()
    flat.keyboard.press("x")
    flat.keyboard.press("ArrowRight")
    expect(finding(flat, 1).locator("a.tile")).to_be_focused()
    held[0].continue_()
    expect(finding(flat, 0)).to_contain_text("Taken out")
    expect(finding(flat, 1).locator("a.tile")).to_be_focused()
    flat.unroute_all()


def test_an_answer_that_fails_leaves_the_finding_its_room(flat: Page) -> None:
    row = finding(flat, 2)
    row.get_by_role("button", name="Take out").click()
    expect(row).to_have_attribute("style", re.compile("min-height"))
    flat.route(re.compile(r"/quality/fix/"), lambda route: route.fulfill(status=500))
    row.get_by_role("button", name="Undo").click()
    expect(flat.get_by_text("The server answered 500.")).to_be_visible()
    expect(row).to_have_attribute("style", re.compile("min-height"))
    flat.unroute_all()


def test_both_images_of_a_pair_are_looked_at_and_settled_in_full(quality: Page, complaints: list[str]) -> None:
    follow(quality, quality.get_by_role("link", name="See all: The same image twice"))
    first = finding(quality, 0)
    first.locator("a.tile").nth(1).click()
    dialog = quality.get_by_role("dialog", name="The images in full")
    expect(dialog.locator("img")).to_have_count(2)
    expect(dialog).to_contain_text("03.png")
    quality.keyboard.press("x")
    expect(dialog).to_contain_text("taken out")
    quality.keyboard.press("ArrowRight")
    expect(dialog).not_to_contain_text("taken out")
    quality.keyboard.press("ArrowLeft")
    quality.keyboard.press("Escape")
    expect(first).to_contain_text("one taken out")
    expect(first.locator("a.tile").nth(1)).to_have_class(re.compile("tile--out"))  # the one that was opened
    expect(first.locator("a.tile").first).to_be_focused()
    assert complaints == []


def test_pictures_of_the_report_open_where_it_stands(quality: Page) -> None:
    here = quality.url
    quality.locator(".worst a.tile").first.click()
    expect(quality.get_by_role("dialog", name="The images in full").locator("img").first).to_be_visible()
    quality.keyboard.press("Escape")
    assert quality.url == here


def test_findings_fit_every_width_and_have_no_barrier_before_and_after(flat: Page) -> None:
    finding(flat, 1).get_by_role("button", name="Take out").click()
    expect(finding(flat, 1)).to_contain_text("Taken out")
    assert wrong_with(flat) == {}


def test_an_open_pair_has_no_barrier(quality: Page) -> None:
    follow(quality, quality.get_by_role("link", name="See all: The same image twice"))
    finding(quality, 0).locator("a.tile").first.click()
    assert wrong_with(quality) == {}
