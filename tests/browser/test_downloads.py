"""A version is taken along, and its card written and read, in a real browser."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import follow

pytestmark = pytest.mark.browser


@pytest.fixture
def dataset_page(signed_in_page: Page, dataset: str) -> Page:
    signed_in_page.goto(dataset)
    return signed_in_page


def test_the_menu_of_a_dataset_gives_its_newest_version_as_a_zip(dataset_page: Page, tmp_path: Path) -> None:
    dataset_page.locator("summary", has_text="Download").click()
    with dataset_page.expect_download() as download:
        dataset_page.get_by_role("link", name="Class folders (zip)").click()
    download.value.save_as(tmp_path / "set.zip")
    with zipfile.ZipFile(tmp_path / "set.zip") as archive:
        assert archive.testzip() is None and archive.namelist()[0] == "README.md"


def test_a_version_offers_all_ways_to_take_it_along(dataset_page: Page) -> None:
    follow(dataset_page, dataset_page.get_by_role("link", name="Versions"))
    dataset_page.get_by_role("button", name="Download").click()
    dialog = dataset_page.get_by_role("dialog", name="Download version 1")
    with dataset_page.expect_download() as download:
        dialog.get_by_role("link", name="Table (CSV)").click()
    assert download.value.suggested_filename.endswith("-v1.csv")
    expect(dialog.get_by_role("link")).to_have_count(4)


def test_what_is_written_on_the_card_stands_there_and_in_its_file(dataset_page: Page, tmp_path: Path) -> None:
    dataset_page.get_by_role("link", name="Data card").click()
    dataset_page.get_by_text("Describe this dataset").click()
    dataset_page.get_by_label("Description").fill("**Plain** colours.")
    dataset_page.get_by_label("Licence").fill("CC0")
    dataset_page.get_by_role("button", name="Save").click()
    expect(dataset_page.locator(".prose strong")).to_have_text("Plain")
    with dataset_page.expect_download() as download:
        dataset_page.get_by_role("link", name="Download the card as Markdown").click()
    download.value.save_as(tmp_path / "card.md")
    assert "**Plain** colours." in (tmp_path / "card.md").read_text() and "Licence: CC0" in (tmp_path / "card.md").read_text()
