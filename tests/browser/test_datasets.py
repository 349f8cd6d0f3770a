"""From a zip on a desk to pictures in a gallery, in a real browser."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.widths import misfits

pytestmark = pytest.mark.browser

IMPORT_MS = 90_000


def write_zip(path: Path, labels: tuple[str, ...], each: int = 8, side: int = 16) -> Path:
    """Classes of plain noise, with one file that is no image."""
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for label in labels:
            for number in range(each):
                stream = BytesIO()
                Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(stream, "PNG")
                archive.writestr(f"{label}/{number:02d}.png", stream.getvalue())
        archive.writestr(f"{labels[0]}/notes.png", b"these are not the pixels you are looking for")
    return path


def upload(page: Page, path: Path) -> None:
    """Chooses the file and sends it."""
    page.goto("/datasets/new/")
    page.get_by_label("Drop a zip or tar here").set_input_files(path)
    page.get_by_label("Show me first how it is understood").uncheck()
    page.get_by_role("button", name="Upload and import").click()
    page.wait_for_url(re.compile(r"/datasets/[0-9a-z]{20}/$"))


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zip(tmp_path_factory.mktemp("zips") / "farm_animals.zip", ("cow", "hen", "pig"))


@pytest.fixture
def dataset_page(signed_in_page: Page, animals: Path) -> Page:
    """The page of an imported dataset, uploaded by the first test that asks."""
    signed_in_page.goto("/datasets/")
    if signed_in_page.get_by_role("link", name="Farm animals", exact=True).count():
        signed_in_page.get_by_role("link", name="Farm animals", exact=True).first.click()
    else:
        upload(signed_in_page, animals)
    expect(signed_in_page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    signed_in_page.wait_for_load_state()  # the scripts listen
    return signed_in_page


def test_a_zip_is_uploaded_watched_and_seen(dataset_page: Page, complaints: list[str]) -> None:
    expect(dataset_page.get_by_role("heading", level=1)).to_have_text("Farm animals")
    expect(dataset_page.locator("[data-tile]")).to_have_count(24)
    expect(dataset_page.locator("[data-chart]")).to_have_attribute("data-drawn", "", timeout=IMPORT_MS)
    assert complaints == []


def test_filters_keep_their_place_in_the_address(dataset_page: Page) -> None:
    dataset_page.get_by_label("Class", exact=True).select_option(label="hen")
    expect(dataset_page.locator("[data-tile]")).to_have_count(8)
    dataset_page.reload()
    expect(dataset_page.locator("[data-tile]")).to_have_count(8)


def test_a_picture_opens_and_arrows_go_on(dataset_page: Page) -> None:
    dataset_page.locator("[data-tile]").first.click()
    expect(dataset_page.locator("[data-zoom-path]")).to_have_text("cow/00.png")
    dataset_page.keyboard.press("ArrowRight")
    expect(dataset_page.locator("[data-zoom-path]")).to_have_text("cow/01.png")


def test_a_problem_names_its_file_and_what_to_do(dataset_page: Page) -> None:
    dataset_page.get_by_role("link", name="Problems 1").click()
    expect(dataset_page.get_by_role("row").filter(has_text="cow/notes.png")).to_contain_text("left out")


def test_an_archive_is_shown_corrected_and_imported(signed_in_page: Page, tmp_path: Path, complaints: list[str]) -> None:
    signed_in_page.goto("/datasets/new/")
    signed_in_page.get_by_label("Drop a zip or tar here").set_input_files(write_zip(tmp_path / "birds.zip", ("owl", "tit", "junk")))
    signed_in_page.get_by_role("button", name="Upload and import").click()
    expect(signed_in_page.get_by_text("Each class is a folder; 3 classes")).to_be_visible(timeout=IMPORT_MS)
    signed_in_page.get_by_label("Leave junk out").check()
    signed_in_page.get_by_role("button", name="Look again with these corrections").click()
    expect(signed_in_page.get_by_text("Each class is a folder; 2 classes")).to_be_visible(timeout=IMPORT_MS)
    signed_in_page.get_by_role("button", name="Import these images").click()
    expect(signed_in_page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    assert signed_in_page.get_by_text("junk/").count() == 0 and complaints == []


def test_a_failed_import_can_be_replaced(signed_in_page: Page, animals: Path, tmp_path: Path) -> None:
    upload(signed_in_page, write_zip(tmp_path / "alone.zip", ("cow",)))
    expect(signed_in_page.get_by_text("The import failed")).to_be_visible(timeout=IMPORT_MS)
    expect(signed_in_page.get_by_text("Only one class in alone.zip")).to_be_visible()
    signed_in_page.get_by_label("Drop a zip or tar here").set_input_files(animals)
    signed_in_page.get_by_role("button", name="Replace the archive").click()
    signed_in_page.get_by_role("button", name="Import these images").click(timeout=IMPORT_MS)
    expect(signed_in_page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)


def test_each_wrong_option_is_told_at_its_field(signed_in_page: Page, animals: Path) -> None:
    signed_in_page.goto("/datasets/new/")
    signed_in_page.get_by_label("Drop a zip or tar here").set_input_files(animals)
    signed_in_page.get_by_text("70 % train").click()
    signed_in_page.get_by_label("Train / validation / test").fill("70/15/25")
    signed_in_page.get_by_role("button", name="Upload and import").click()
    expect(signed_in_page.locator("[data-field=split]")).to_contain_text("The shares must add up to 100")


def test_a_form_without_a_file_says_so(signed_in_page: Page) -> None:
    signed_in_page.goto("/datasets/new/")
    signed_in_page.get_by_role("button", name="Upload and import").click()
    expect(signed_in_page.get_by_role("alert")).to_have_text("Choose a zip or tar, or a folder of images, first.")


def test_an_upload_can_be_cancelled(signed_in_page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.zip"
    large.write_bytes(b"PK" + bytes(30_000_000))
    signed_in_page.goto("/datasets/new/")
    devtools = signed_in_page.context.new_cdp_session(signed_in_page)
    devtools.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    devtools.send("Network.emulateNetworkConditions", slow)
    signed_in_page.get_by_label("Drop a zip or tar here").set_input_files(large)
    signed_in_page.get_by_role("button", name="Upload and import").click()
    expect(signed_in_page.locator("[data-sent]")).to_contain_text("of 30 MB")
    signed_in_page.get_by_role("button", name="Cancel").click()
    expect(signed_in_page.get_by_role("button", name="Upload and import")).to_be_enabled()


def test_the_chosen_theme_stays(signed_in_page: Page) -> None:
    signed_in_page.goto("/")
    signed_in_page.locator("summary.who").click()
    signed_in_page.get_by_role("button", name="Dark", exact=True).click()
    signed_in_page.goto("/datasets/")
    expect(signed_in_page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_question_mark_lists_the_keys(signed_in_page: Page) -> None:
    signed_in_page.goto("/datasets/new/")
    signed_in_page.keyboard.press("?")
    expect(signed_in_page.get_by_role("dialog")).to_contain_text("Upload")


@pytest.mark.parametrize("part", ["", "classes/", "problems/"])
def test_a_dataset_in_which_something_was_left_out_fits_every_width(part: str, dataset_page: Page) -> None:
    if part:
        dataset_page.goto(dataset_page.url + part)
    assert not misfits(dataset_page)


def test_the_first_tab_stop_skips_to_the_content(signed_in_page: Page) -> None:
    signed_in_page.goto("/datasets/")
    signed_in_page.keyboard.press("Tab")
    expect(signed_in_page.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_a_dataset_is_deleted_after_asking(dataset_page: Page) -> None:
    dataset_page.get_by_role("button", name="Delete").click()
    dataset_page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(dataset_page.locator("#toasts")).to_contain_text("Farm animals is in the trash.")


def test_the_tab_one_is_on_is_seen_on_a_phone(signed_in_page: Page, dataset: str) -> None:
    signed_in_page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("versions/1/card", "problems", "quality"):
        signed_in_page.goto(f"{dataset}{tab}/")
        expect(signed_in_page.locator(".tabs > [aria-current]")).to_be_in_viewport(ratio=0.95)  # but for its line, which lies on the edge
