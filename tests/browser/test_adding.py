"""Loose images dropped onto a class of a dataset, in a real browser: they come into the draft, and into the next version."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_folders import drop
from tests.browser.world import COLOURS, WAIT_MS, archive_of, picture, pictures, upload

pytestmark = pytest.mark.browser


@pytest.fixture
def classes_page(signed_in_page: Page, tmp_path: Path) -> Page:
    """The classes of a dataset of its own."""
    upload(signed_in_page, archive_of(tmp_path / "added_to.zip", pictures(5)), "Added to")
    expect(signed_in_page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    signed_in_page.goto(f"{signed_in_page.url}classes/")
    return signed_in_page


@pytest.fixture
def reds(tmp_path: Path) -> list[Path]:
    """Two pictures that the dataset has not, and one that it has."""
    files = [tmp_path / f"new {shade}.png" for shade in (30, 31, 2)]
    for file, shade in zip(files, (30, 31, 2), strict=True):
        file.write_bytes(picture(COLOURS["red"], shade))
    return files


def test_images_that_are_dropped_on_a_class_are_in_the_next_version(classes_page: Page, reds: list[Path], complaints: list[str]) -> None:
    drop(classes_page, *reds, onto='[data-drop-class="red"]')
    expect(classes_page.get_by_label("Class", exact=True).first).to_have_value("red")
    expect(classes_page.locator("[data-file-size]")).to_contain_text("3 files, ")
    classes_page.get_by_role("button", name="Add to the draft").click()
    expect(classes_page.get_by_label("Draft", exact=True)).to_contain_text("images of 1 upload to add", timeout=WAIT_MS)
    classes_page.get_by_role("button", name="Seal as version 2").click()
    expect(classes_page.locator("#facts").get_by_text("17 images", exact=True)).to_be_visible(timeout=WAIT_MS)
    classes_page.get_by_role("link", name="1 problem").click()
    expect(classes_page.get_by_text("the dataset has already")).to_be_visible()
    assert complaints == []


def test_images_without_a_class_are_asked_for_it_at_its_field_and_stay_chosen(classes_page: Page, reds: list[Path]) -> None:
    drop(classes_page, *reds)
    expect(classes_page.locator("[data-file-size]")).to_contain_text("3 files, ")
    classes_page.get_by_role("button", name="Add to the draft").click()
    field = classes_page.get_by_label("Class", exact=True).first
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Say of which class these images are: no folder and no table says it.")
    expect(classes_page.locator("[data-file-size]")).to_contain_text("3 files, ")
    field.select_option("red")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    classes_page.get_by_role("button", name="Add to the draft").click()
    expect(classes_page.get_by_label("Draft", exact=True)).to_contain_text("images of 1 upload to add", timeout=WAIT_MS)


def test_images_with_a_table_or_in_a_folder_need_no_class_of_their_own(classes_page: Page, reds: list[Path], tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("file,label\n" + "".join(f"{file.name},blue\n" for file in reds))
    drop(classes_page, *reds, table)
    classes_page.get_by_role("button", name="Add to the draft").click()
    expect(classes_page.get_by_label("Draft", exact=True)).to_contain_text("images of 1 upload to add", timeout=WAIT_MS)


def test_several_archives_that_are_dropped_are_refused(classes_page: Page, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(b"PK")
    drop(classes_page, tmp_path / "a.zip", tmp_path / "b.zip")
    expect(classes_page.get_by_role("alert")).to_contain_text("One archive at a time")


def test_a_single_image_is_added_too_and_can_be_taken_back(classes_page: Page, reds: list[Path]) -> None:
    classes_page.get_by_label("Drop images here").set_input_files(reds[0])
    classes_page.get_by_label("Class", exact=True).first.select_option("blue")
    classes_page.get_by_role("button", name="Add to the draft").click()
    expect(classes_page.get_by_label("Draft", exact=True)).to_contain_text("images of 1 upload to add", timeout=WAIT_MS)
    classes_page.get_by_role("button", name="Undo").click()
    expect(classes_page.get_by_label("Draft", exact=True)).to_be_hidden()
