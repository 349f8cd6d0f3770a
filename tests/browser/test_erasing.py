"""An owner erases an image, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_datasets import IMPORT_MS, upload, write_zip

pytestmark = pytest.mark.browser


def test_an_image_is_erased_from_its_large_view_and_the_versions_tell(signed_in_page: Page, tmp_path: Path) -> None:
    page = signed_in_page
    # of a size of their own: an image is looked for in every dataset of the team, by its bytes
    upload(page, write_zip(tmp_path / "erasing_here.zip", ("ewe", "ram"), side=18))
    expect(page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    page.wait_for_load_state()
    page.locator("[data-tile]").first.click()
    page.get_by_role("link", name="Erase this image for good…").click()
    expect(page.get_by_text("No training has learnt from it")).to_be_visible()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("#erasures")).to_contain_text("Done", timeout=IMPORT_MS)
    expect(page.locator("#versions")).to_contain_text("1 image erased")
    page.get_by_role("link", name="Images").click()
    expect(page.locator(".tile__erased")).to_have_count(1)
