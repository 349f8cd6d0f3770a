"""Images that wait in a draft, in a real browser: seen before they are sealed, put right by the keys of the gallery."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import wrong_with
from tests.browser.test_folders import drop
from tests.browser.world import COLOURS, WAIT_MS, archive_of, picture, pictures, upload
from tests.classifier.data.test_choices import legacy_zip

pytestmark = pytest.mark.browser


@pytest.fixture
def waiting_page(signed_in_page: Page, tmp_path: Path) -> Page:
    """The grid of three images that were dropped on red, the middle one of which is blue; of a dataset of its own."""
    upload(signed_in_page, archive_of(tmp_path / "looked_at.zip", pictures(5)), "Looked at")
    expect(signed_in_page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    signed_in_page.goto(f"{signed_in_page.url}classes/")
    files = [tmp_path / f"new {place}.png" for place in range(3)]
    for place, (file, colour) in enumerate(zip(files, ("red", "blue", "red"), strict=True)):
        file.write_bytes(picture(COLOURS[colour], 30 + place))
    drop(signed_in_page, *files, onto='[data-drop-class="red"]')
    signed_in_page.get_by_role("button", name="Add to the draft").click()
    signed_in_page.get_by_role("link", name="look at what waits").click(timeout=WAIT_MS)
    expect(signed_in_page.locator("[data-cell]")).to_have_count(3, timeout=WAIT_MS)
    signed_in_page.wait_for_load_state()  # its keys are heard
    return signed_in_page


def test_a_wrong_image_is_seen_and_put_right_before_anything_is_sealed(waiting_page: Page, complaints: list[str]) -> None:
    page, cells = waiting_page, waiting_page.locator("[data-cell]")
    page.get_by_role("button", name="Keys…").click()
    expect(page.get_by_label("Class of key 1")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(cells.locator("img").nth(1)).to_have_js_property("complete", True)
    cells.nth(1).locator("a").focus()
    page.keyboard.press("c")
    page.keyboard.type("blue")
    page.keyboard.press("Enter")
    expect(cells.nth(1)).to_contain_text("was red")
    cells.nth(2).locator("a").focus()
    page.keyboard.press("x")
    expect(cells.nth(2)).to_contain_text("not added")
    cells.nth(0).locator("a").click()
    expect(page.get_by_role("dialog", name="One image")).to_contain_text("red · waiting")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(cells.nth(2)).not_to_contain_text("not added", timeout=WAIT_MS)
    cells.nth(0).locator("a").focus()
    page.keyboard.press("x")
    expect(cells.nth(0)).to_contain_text("not added")
    page.get_by_role("button", name="Seal as version 2").click()
    expect(page.get_by_text("No images wait in the draft")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#facts").get_by_text("17 images", exact=True)).to_be_visible()
    page.get_by_role("link", name="Classes").click()
    for colour, count in (("red", "6"), ("blue", "6")):
        expect(page.get_by_role("row", name=colour).locator('[data-label="All"]')).to_have_text(count)
    assert complaints == []


def test_the_grid_fits_every_width_and_has_no_barrier(waiting_page: Page) -> None:
    waiting_page.locator("[data-cell]").nth(1).locator("a").focus()
    waiting_page.keyboard.press("c")
    waiting_page.keyboard.type("blue")
    waiting_page.keyboard.press("Enter")
    expect(waiting_page.locator("[data-cell]").nth(1)).to_contain_text("was red")
    waiting_page.get_by_role("button", name="Dismiss").click()
    assert wrong_with(waiting_page) == {}


def test_names_that_do_not_say_their_encoding_are_read_in_another_one(signed_in_page: Page, tmp_path: Path) -> None:
    page = signed_in_page
    upload(page, archive_of(tmp_path / "named.zip", pictures(5)), "Named")
    expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    page.goto(f"{page.url}classes/")
    page.locator("#id_archive").set_input_files(legacy_zip(tmp_path / "more.zip", "cp866"))
    page.get_by_role("button", name="Add to the draft").click()
    page.get_by_role("link", name="look at what waits").click(timeout=WAIT_MS)
    expect(page.locator("[data-cell]")).to_have_count(8, timeout=WAIT_MS)
    expect(page.locator("[data-cell]").first).to_contain_text("кот")
    names = page.get_by_label("Names in")
    expect(names.locator("option").first).to_contain_text("as found: Cyrillic, DOS: кот")
    assert wrong_with(page) == {}
    names.select_option("cp437")
    page.get_by_role("button", name="Read them so").click()
    expect(page.get_by_text("Names in more.zip are read as Western, DOS (cp437).")).to_be_visible()
    expect(page.locator("[data-cell]").first).to_contain_text("кот".encode("cp866").decode("cp437"), timeout=WAIT_MS)
    expect(page.get_by_label("Names in")).to_have_value("cp437")
