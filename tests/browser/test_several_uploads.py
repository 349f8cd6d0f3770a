"""Several archives or folders at once, a dataset each: every one shows its own progress, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.barriers import barriers
from tests.browser.looks import wrong_with
from tests.browser.test_folders import drop
from tests.browser.world import WAIT_MS, archive_of, pictures

pytestmark = pytest.mark.browser


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    """Two small sets."""
    return [archive_of(tmp_path / f"{name}.zip", pictures(4)) for name in ("first_day", "second_day")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same as a folder, with one folder a colour."""
    root = tmp_path / "third day"
    for name, content in pictures(4):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Datasets to be made").get_by_role("listitem")


def without_look(page: Page) -> None:
    page.get_by_label("Show me first how it is understood").uncheck()


def test_archives_that_are_dropped_together_become_a_dataset_each(upload_page: Page, archives: list[Path], complaints: list[str]) -> None:
    drop(upload_page, *archives)
    expect(rows(upload_page)).to_have_count(2)
    expect(upload_page.get_by_label("Name of first_day.zip")).to_have_value("First day")
    upload_page.get_by_label("Name of second_day.zip").fill("Tuesday")
    without_look(upload_page)
    upload_page.get_by_role("button", name="Upload and import all 2").click()
    for row, name in ((0, "First day"), (1, "Tuesday")):
        expect(rows(upload_page).nth(row)).to_contain_text("Done", timeout=WAIT_MS)
        expect(rows(upload_page).nth(row)).to_contain_text("12 images · 3 classes")
        expect(rows(upload_page).nth(row).get_by_role("link", name=f"Open {name}")).to_be_visible()
    expect(upload_page.get_by_role("status").filter(has_text="All are on the server")).to_be_visible()
    assert complaints == []


def test_archives_that_are_chosen_together_are_sent_by_keyboard_and_wait_to_be_looked_at(upload_page: Page, archives: list[Path]) -> None:
    upload_page.locator("#id_archive").set_input_files(archives)
    expect(upload_page.get_by_role("button", name="Upload and import all 2")).to_be_focused()
    upload_page.keyboard.press("Enter")
    for row in (0, 1):
        expect(rows(upload_page).nth(row)).to_contain_text("Waits for you", timeout=WAIT_MS)
    upload_page.get_by_role("link", name="See how Second day is understood").click()
    expect(upload_page.get_by_role("button", name="Import these images")).to_be_visible()


def test_an_archive_and_a_folder_become_a_dataset_each(upload_page: Page, archives: list[Path], folder: Path) -> None:
    drop(upload_page, archives[0], folder)
    without_look(upload_page)
    upload_page.get_by_role("button", name="Upload and import all 2").click()
    for row in (0, 1):
        expect(rows(upload_page).nth(row)).to_contain_text("12 images · 3 classes", timeout=WAIT_MS)


def test_folders_that_are_dropped_together_are_classes_unless_one_says_otherwise(upload_page: Page, folder: Path, tmp_path: Path) -> None:
    (folder.rename(tmp_path / "monday")).joinpath("x").mkdir()
    other = tmp_path / "sunday"
    for name, content in pictures(4):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes(content)
    drop(upload_page, tmp_path / "monday", other)
    expect(upload_page.get_by_label("Name", exact=True)).to_have_value("Monday and 1 more")
    upload_page.get_by_text("a dataset each", exact=True).click()
    expect(upload_page.get_by_label("Name of monday")).to_have_value("Monday")
    upload_page.get_by_text("the classes of one dataset", exact=True).click()
    expect(rows(upload_page)).to_have_count(0)
    expect(upload_page.locator("[data-file-name]")).to_have_text("monday and 1 more.tar")
    upload_page.get_by_text("a dataset each", exact=True).click()
    without_look(upload_page)
    upload_page.get_by_role("button", name="Upload and import all 2").click()
    for row in (0, 1):
        expect(rows(upload_page).nth(row)).to_contain_text("12 images · 3 classes", timeout=WAIT_MS)


def test_each_shows_its_own_progress_and_one_that_waits_for_the_line_can_be_paused(upload_page: Page, archives: list[Path]) -> None:
    let = {"parts": False}

    def part(route: Route) -> None:
        if route.request.method == "PATCH" and not let["parts"]:
            return route.abort("internetdisconnected")
        return route.continue_()

    upload_page.route(re.compile(r"/datasets/uploads/\w+/$"), part)
    drop(upload_page, *archives)
    without_look(upload_page)
    upload_page.get_by_role("button", name="Upload and import all 2").click()
    one, two = rows(upload_page).nth(0), rows(upload_page).nth(1)
    expect(one.get_by_role("progressbar", name="Upload of first_day.zip")).to_be_visible()
    expect(one).to_contain_text("next try in", timeout=WAIT_MS)
    expect(two.get_by_role("progressbar")).to_have_count(0)
    one.get_by_role("button", name="Pause: first_day.zip").click()
    expect(one).to_contain_text("Paused; what came is kept.")
    expect(two).to_contain_text("next try in", timeout=WAIT_MS)  # it is its turn
    let["parts"] = True
    expect(two).to_contain_text("12 images · 3 classes", timeout=WAIT_MS)
    one.get_by_role("button", name="Go on: first_day.zip").click()
    expect(one).to_contain_text("12 images · 3 classes", timeout=WAIT_MS)


def test_one_that_cannot_be_sent_says_why_and_holds_up_no_other(upload_page: Page, archives: list[Path], tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    drop(upload_page, tmp_path / "nothing", *archives)
    upload_page.get_by_role("button", name="Remove first_day.zip").click()
    without_look(upload_page)
    upload_page.get_by_role("button", name="Upload and import all 2").click()
    expect(rows(upload_page).nth(0)).to_contain_text("There are no files in this folder.")
    expect(rows(upload_page).nth(1)).to_contain_text("12 images · 3 classes", timeout=WAIT_MS)
    expect(upload_page.get_by_role("status").filter(has_text="1 of 2 are on the server; 1 waits for you.")).to_be_visible()


def test_one_that_is_removed_while_its_folder_is_read_is_not_sent(upload_page: Page, archives: list[Path], folder: Path) -> None:
    slow = """() => {
      const given = DataTransferItem.prototype.webkitGetAsEntry;
      DataTransferItem.prototype.webkitGetAsEntry = function () {
        const entry = given.call(this);
        if (!entry?.isDirectory) return entry;
        const made = entry.createReader.bind(entry);
        entry.createReader = () => {
          const reader = made();
          const read = reader.readEntries.bind(reader);
          reader.readEntries = (give, fail) => setTimeout(() => read(give, fail), 1500);
          return reader;
        };
        return entry;
      };
    }"""
    upload_page.evaluate(slow)
    begun: list[str] = []
    upload_page.on("request", lambda request: begun.append(request.url) if request.method == "POST" else None)
    drop(upload_page, folder, archives[0])
    without_look(upload_page)
    upload_page.get_by_role("button", name="Upload and import all 2").click()
    expect(rows(upload_page).nth(0)).to_contain_text("Reading the folder")
    expect(rows(upload_page).nth(0).get_by_role("button", name="Pause")).to_have_count(0)  # there is nothing to pause yet
    upload_page.get_by_role("button", name="Remove third day").click()
    expect(rows(upload_page)).to_have_count(1)
    expect(rows(upload_page)).to_contain_text("12 images · 3 classes", timeout=WAIT_MS)
    assert len([url for url in begun if re.search(r"/datasets/uploads/$", url)]) == 1


def test_a_wrong_choice_for_all_is_said_at_its_field_and_can_be_changed(upload_page: Page, archives: list[Path]) -> None:
    drop(upload_page, *archives)
    without_look(upload_page)
    upload_page.locator("summary", has_text="Split").first.click()
    split = upload_page.get_by_label("Train / validation / test")
    split.fill("70/70/70")
    upload_page.get_by_role("button", name="Upload and import all 2").click()
    expect(upload_page.get_by_role("button", name="Try again: second_day.zip")).to_be_visible()
    expect(split).to_have_attribute("aria-invalid", "true")
    split.fill("70/15/15")
    upload_page.get_by_role("button", name="Try again: first_day.zip").click()
    expect(rows(upload_page).nth(0)).to_contain_text("12 images · 3 classes", timeout=WAIT_MS)
    expect(split).not_to_have_attribute("aria-invalid", "true")


def test_without_a_row_left_the_form_takes_another_choice(upload_page: Page, archives: list[Path], tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    drop(upload_page, tmp_path / "nothing", *archives)
    for name in ("first_day.zip", "second_day.zip"):
        upload_page.get_by_role("button", name=f"Remove {name}").click()
    without_look(upload_page)
    upload_page.get_by_role("button", name="Upload and import").click()
    expect(rows(upload_page)).to_contain_text("There are no files in this folder.")
    upload_page.get_by_role("button", name="Remove nothing").click()
    expect(rows(upload_page)).to_have_count(0)
    drop(upload_page, archives[0])
    expect(upload_page.locator("[data-file-name]")).to_have_text("first_day.zip")
    upload_page.get_by_role("button", name="Upload and import").click()
    expect(upload_page.get_by_role("heading", level=1)).to_have_text("First day", timeout=WAIT_MS)


def test_rows_have_no_barrier_and_fit_every_width(upload_page: Page, archives: list[Path], folder: Path) -> None:
    drop(upload_page, *archives, folder)
    expect(rows(upload_page)).to_have_count(3)
    assert wrong_with(upload_page) == {}
    upload_page.set_viewport_size({"width": 1440, "height": 900})
    upload_page.get_by_role("button", name="Upload and import all 3").click()
    expect(rows(upload_page).nth(2)).to_contain_text("Waits for you", timeout=WAIT_MS)
    assert not barriers(upload_page)


def test_a_single_image_is_taken_as_one_and_its_look_offers_to_label_it_here(upload_page: Page, tmp_path: Path) -> None:
    _, content = next(iter(pictures(1)))
    (tmp_path / "cat.png").write_bytes(content)
    upload_page.locator("#id_archive").set_input_files(tmp_path / "cat.png")
    expect(upload_page.locator("[data-file-size]")).to_contain_text("1 file, ")
    upload_page.get_by_role("button", name="Upload and import").click()
    expect(upload_page.get_by_text("Nothing says what these images show")).to_be_visible(timeout=WAIT_MS)


def test_an_archive_that_no_import_reads_is_refused_before_it_is_sent(upload_page: Page, tmp_path: Path) -> None:
    (tmp_path / "pets.rar").write_bytes(b"Rar!")
    drop(upload_page, tmp_path / "pets.rar")
    expect(upload_page.get_by_role("alert")).to_contain_text("The archive pets.rar is of a kind that is not read. Unpack it")
    expect(upload_page.locator("[data-file-name]")).to_contain_text("Drop a zip or tar here")
