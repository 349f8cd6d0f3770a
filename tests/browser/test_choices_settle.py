"""A choice that acts at once waits for Enter while keys go through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_gallery import EACH, LABELS, cell, gallery  # noqa: F401  # a fixture
from tests.browser.test_labelling import discard_draft
from tests.browser.world import WAIT_MS, archive_of, follow, pictures, upload

pytestmark = pytest.mark.browser
assert LABELS == ("cow", "hen", "pig")


@pytest.fixture
def three_versions(signed_in_page: Page, tmp_path: Path, made: dict[str, str]) -> Iterator[Page]:
    """On the versions of a set that was sealed three times."""
    page = signed_in_page
    if "sealed" not in made:
        upload(page, archive_of(tmp_path / "sealed.zip", pictures(5)), "Sealed often")
        expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
        made["sealed"] = page.url
        for number in (2, 3):
            page.wait_for_load_state()  # it was loaded anew
            page.locator("[data-position='0'] a").focus()
            page.keyboard.press(str(number))
            page.get_by_role("button", name=f"Seal as version {number}").click()
            expect(page.get_by_text(f"v{number}, sealed")).to_be_visible(timeout=WAIT_MS)
    page.goto(f"{made['sealed']}versions/")
    yield page
    discard_draft(page, made["sealed"])


def test_arrows_in_a_choice_load_nothing_until_enter(three_versions: Page) -> None:
    follow(three_versions, three_versions.get_by_role("link", name="1 relabelled in version 3"))
    choice = three_versions.get_by_label("From version")
    here = three_versions.url
    choice.focus()
    before = choice.input_value()
    three_versions.keyboard.press("ArrowDown")
    expect(choice).not_to_have_value(before)
    expect(three_versions.get_by_role("button", name="Compare")).to_be_in_viewport()
    three_versions.wait_for_timeout(400)
    assert three_versions.url == here
    three_versions.keyboard.press("Enter")
    expect(three_versions).not_to_have_url(here)
    expect(three_versions.get_by_label("From version")).not_to_have_value(before)


def test_a_choice_by_mouse_loads_at_once(three_versions: Page) -> None:
    follow(three_versions, three_versions.get_by_role("link", name="1 relabelled in version 3"))
    three_versions.get_by_label("From version").select_option("1")
    three_versions.wait_for_url("**from=1**")


def test_each_row_of_versions_names_its_version(three_versions: Page) -> None:
    for name in ("Bring back version 2", "Download version 2"):
        expect(three_versions.get_by_role("button", name=name)).to_have_count(1)
    for name in ("Open version 2", "in version 2", "Train on it, version 2", "the changes of version 2"):
        expect(three_versions.get_by_role("link", name=name)).to_have_count(1)


def test_arrows_in_move_to_move_no_image_until_enter(three_versions: Page) -> None:
    follow(three_versions, three_versions.get_by_role("link", name="Images", exact=True))
    three_versions.locator("[data-position='1'] a").focus()
    three_versions.keyboard.press("Space")
    three_versions.get_by_label("Move to a split").focus()
    three_versions.keyboard.press("ArrowDown")
    three_versions.keyboard.press("ArrowDown")
    three_versions.keyboard.press("ArrowDown")
    three_versions.wait_for_timeout(300)
    expect(three_versions.locator("#draft")).to_be_hidden()
    three_versions.keyboard.press("Enter")
    expect(three_versions.locator("[data-position='1']")).to_contain_text("test")


def test_keys_reach_every_class_of_go_to_class(gallery: Page) -> None:  # noqa: F811
    choice = gallery.get_by_label("Go to a class")
    choice.focus()
    for _ in LABELS:
        gallery.keyboard.press("ArrowDown")
    gallery.keyboard.press("Enter")
    expect(cell(gallery, 2 * EACH)).to_be_in_viewport()
