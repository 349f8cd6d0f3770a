"""Rows that are ticked go to the trash together, and come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import WAIT_MS, upload


@pytest.fixture
def passing(signed_in_page: Page, archive: Path) -> Page:
    """On the list of datasets, one of which nothing uses."""
    upload(signed_in_page, archive, "Passing")
    expect(signed_in_page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    signed_in_page.goto("/datasets/")
    return signed_in_page


def test_what_is_ticked_goes_to_the_trash_and_comes_back(passing: Page) -> None:
    card, delete = passing.locator(".dataset-card", has_text="Passing"), passing.get_by_role("button", name="Delete")
    expect(delete).to_be_hidden()  # nothing is ticked
    card.locator("[name=dataset]").check()
    expect(passing.get_by_text("1 chosen")).to_be_visible()
    delete.click()
    expect(card).to_have_count(0)
    passing.get_by_role("button", name="Undo").click()
    expect(card).to_have_count(1)
