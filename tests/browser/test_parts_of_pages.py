"""An address that answers with a part of a page, opened in a tab, leads to its page; Back and reload find the page too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PARTS = {  # of a dataset: its address, and of the page that it leads to
    "gallery/?label=1": r"\?label=1$",
    "gallery/?split=0&between=1,2": r"\?split=0$",
    "history/0/": "/$",
    "status/": "/$",
    "line/": "/$",
    "quality/status/": "quality/$",
    "label/suggest/status/": "label/$",
    "draft/sealing/": "/$",
    "draft/waiting/status/": "draft/waiting/$",
    "draft/waiting/tiles/": "draft/waiting/$",
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_opened_leads_to_its_page(part: str, dataset: str, signed_in_page: Page) -> None:
    signed_in_page.goto(f"{dataset}{part}")
    expect(signed_in_page.get_by_role("heading", level=1)).to_have_text("Colours")
    expect(signed_in_page).to_have_url(re.compile(PARTS[part]))


def test_the_device_of_the_side_bar_is_shown_by_home(signed_in_page: Page) -> None:
    signed_in_page.goto("/device/")
    expect(signed_in_page.get_by_role("navigation").first).to_be_visible()
    expect(signed_in_page).to_have_url(re.compile("//[^/]+/$"))


def test_back_from_a_picture_finds_the_gallery_with_its_filters(dataset: str, signed_in_page: Page) -> None:
    signed_in_page.goto(dataset)
    signed_in_page.get_by_label("Class", exact=True).select_option(label="green")
    expect(signed_in_page).to_have_url(re.compile("label=1"))
    expect(signed_in_page.locator("#matching")).to_contain_text("40 images of 120 match")
    signed_in_page.get_by_role("link", name="Quality", exact=True).click()
    signed_in_page.go_back()
    expect(signed_in_page.get_by_role("heading", level=1)).to_have_text("Colours")
    expect(signed_in_page.locator("#matching")).to_contain_text("40 images of 120 match")
