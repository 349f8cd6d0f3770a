"""Images dropped on the gallery, in a real browser: they are of the class that it shows alone, and wait in the draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_folders import drop
from tests.browser.world import COLOURS, WAIT_MS, archive_of, picture, pictures, upload

pytestmark = pytest.mark.browser


@pytest.fixture
def gallery(signed_in_page: Page, tmp_path: Path) -> Page:
    """On the images of a dataset of its own."""
    upload(signed_in_page, archive_of(tmp_path / "dropped_on.zip", pictures(5)), "Dropped on")
    expect(signed_in_page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    signed_in_page.wait_for_load_state()
    return signed_in_page


@pytest.fixture
def reds(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"new {shade}.png" for shade in (30, 31)]
    for file, shade in zip(files, (30, 31), strict=True):
        file.write_bytes(picture(COLOURS["red"], shade))
    return files


def test_images_dropped_on_the_gallery_of_a_class_wait_in_the_draft_and_are_taken_back(
    gallery: Page, reds: list[Path], complaints: list[str]
) -> None:
    gallery.get_by_label("Class", exact=True).select_option("red")
    expect(gallery.locator("#matching")).to_have_attribute("data-class", "red", timeout=WAIT_MS)
    drop(gallery, *reds, onto="#gallery")
    dialog = gallery.get_by_role("dialog", name="Add images")
    expect(dialog.get_by_label("Class of these images")).to_have_value("red")
    expect(dialog.locator("[data-file-size]")).to_contain_text("2 files, ", timeout=WAIT_MS)
    dialog.get_by_role("button", name="Add to the draft").click()
    expect(gallery.get_by_label("Draft", exact=True)).to_contain_text("images of 1 upload to add", timeout=WAIT_MS)
    expect(gallery.locator("#matching")).to_have_attribute("data-class", "red", timeout=WAIT_MS)  # the gallery as it was filtered
    gallery.wait_for_load_state()
    gallery.get_by_role("button", name="Add images", exact=True).click()
    dialog.get_by_role("button", name="Take ", exact=False).click()
    expect(gallery.get_by_label("Draft", exact=True)).to_be_hidden(timeout=WAIT_MS)
    assert complaints == []
