"""A gallery of many images in a real browser: few tiles in the page, every place reached, filters, and all that match changed."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_datasets import IMPORT_MS, upload
from tests.browser.world import comes_to

pytestmark = pytest.mark.browser

EACH, LABELS = 400, ("cow", "hen", "pig")
MOST_TILES = 600  # in the page at a time


def many(path: Path) -> Path:
    """Classes of tiny pictures, with a table that tells who took each."""
    with zipfile.ZipFile(path, "w") as archive:
        rows = ["file,label,camera"]
        for label_number, label in enumerate(LABELS):
            for number in range(EACH):
                stream = BytesIO()
                colour = (80 * label_number, number % 256, number // 256 * 100)
                Image.new("RGB", (16 + 8 * (number % 2), 16), colour).save(stream, "PNG")
                archive.writestr(f"{label}/{number:03}.png", stream.getvalue())
                rows.append(f"{label}/{number:03}.png,{label},{('Canon', 'Nikon')[number % 2]}")
        archive.writestr("table.csv", "\n".join(rows))
    return path


@pytest.fixture
def gallery(signed_in_page: Page, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """On the images of a set of 1,200, which the first caller uploads."""
    signed_in_page.goto("/datasets/")
    link = signed_in_page.get_by_role("link", name="Many animals", exact=True)
    if link.count():
        link.first.click()
    else:
        upload(signed_in_page, many(tmp_path_factory.mktemp("many") / "many_animals.zip"))
    expect(signed_in_page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    signed_in_page.wait_for_load_state()
    return signed_in_page


def cell(page: Page, position: int) -> Locator:
    return page.locator(f"#gallery [data-position='{position}']")


def tiles(page: Page) -> int:
    return page.locator("#gallery > .cell").count()


def test_the_end_of_the_list_is_scrolled_to_with_few_tiles_in_the_page(gallery: Page, complaints: list[str]) -> None:
    gallery.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(cell(gallery, 3 * EACH - 1)).to_be_in_viewport()
    expect(cell(gallery, 0)).to_have_count(0)
    assert tiles(gallery) < MOST_TILES
    gallery.evaluate("scrollTo(0, 0)")
    expect(cell(gallery, 0)).to_be_attached()
    assert complaints == []


def test_on_a_phone_the_first_images_are_there_before_one_scrolls_to_them(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 390, "height": 844})
    gallery.reload()
    expect(cell(gallery, 0)).to_be_attached()
    expect(cell(gallery, 0)).not_to_be_in_viewport()
    cell(gallery, 0).locator("a").focus()
    gallery.keyboard.press("ArrowRight")
    expect(cell(gallery, 1).locator("a")).to_be_focused()


def test_on_a_phone_the_bar_covers_no_image_that_is_gone_to(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 390, "height": 844})
    gallery.get_by_label("Place in the list").fill(str(EACH))
    expect(cell(gallery, EACH)).to_be_in_viewport()
    shown, bar = cell(gallery, EACH).bounding_box(), gallery.locator("#matching").bounding_box()
    assert shown and bar and shown["y"] >= bar["y"] + bar["height"] - 3


def test_the_address_leads_back_to_the_same_images(gallery: Page) -> None:
    gallery.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
    expect(gallery).to_have_url(re.compile(r"[?&]at=\d+"))
    place = int(re.search(r"at=(\d+)", gallery.url)[1])  # type: ignore[index]
    gallery.reload()
    expect(cell(gallery, place)).to_be_in_viewport()
    expect(cell(gallery, 0)).to_have_count(0)


def test_a_class_and_a_share_of_the_way_are_gone_to(gallery: Page) -> None:
    gallery.get_by_label("Go to a class").focus()
    gallery.get_by_label("Go to a class").select_option(label="pig")
    expect(cell(gallery, 2 * EACH)).to_be_in_viewport()
    gallery.get_by_label("Place in the list").fill(str(EACH))
    expect(cell(gallery, EACH)).to_be_in_viewport()


def test_the_arrows_of_the_open_picture_go_beyond_what_was_loaded(gallery: Page) -> None:
    gallery.get_by_label("Place in the list").fill("600")
    cell(gallery, 600).locator("a").click()
    expect(gallery.locator("[data-zoom-path]")).to_have_text("hen/200.png")
    for _ in range(3):
        gallery.keyboard.press("ArrowLeft")
    expect(gallery.locator("[data-zoom-path]")).to_have_text("hen/197.png")
    expect(gallery.locator("[data-zoom-history]")).to_contain_text("Nikon")


def test_a_chosen_image_stays_chosen_out_of_sight(gallery: Page) -> None:
    cell(gallery, 1).hover()
    cell(gallery, 1).locator("[data-pick]").click()
    gallery.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(cell(gallery, 1)).to_have_count(0)
    expect(gallery.locator("[data-chosen]")).to_have_text("1 chosen")
    gallery.evaluate("scrollTo(0, 0)")
    expect(cell(gallery, 1).locator("[data-pick]")).to_be_checked()


def test_a_range_takes_the_images_between_that_never_came(gallery: Page, complaints: list[str]) -> None:
    cell(gallery, 1).hover()
    cell(gallery, 1).locator("[data-pick]").click()
    gallery.get_by_label("Place in the list").fill("1100")
    cell(gallery, 1100).hover()
    cell(gallery, 1100).locator("[data-pick]").click(modifiers=["Shift"])
    expect(gallery.locator("[data-chosen]")).to_have_text("1,100 chosen")
    gallery.get_by_label("Place in the list").fill("600")
    expect(cell(gallery, 600).locator("[data-pick]")).to_be_checked()
    cell(gallery, 600).locator("a").focus()
    gallery.keyboard.press("Escape")
    expect(gallery.locator("[data-chosen]")).to_have_text("Nothing chosen")
    gallery.keyboard.press("Control+a")
    expect(gallery.locator("[data-chosen]")).to_have_text("1,200 chosen")
    assert complaints == []


def test_a_frame_at_the_edge_of_the_window_scrolls_on(gallery: Page) -> None:
    first, height = cell(gallery, 1).bounding_box(), gallery.viewport_size["height"]  # type: ignore[index]
    assert first
    gallery.mouse.move(first["x"] - 4, first["y"] + 20)
    gallery.mouse.down()
    gallery.mouse.move(first["x"] + 20, height - 5, steps=4)
    comes_to(gallery, lambda: gallery.evaluate("scrollY > 300"), True)
    gallery.mouse.up()
    gallery.evaluate("scrollTo(0, 0)")
    expect(cell(gallery, 1).locator("[data-pick]")).to_be_checked()
    expect(cell(gallery, 0).locator("[data-pick]")).not_to_be_checked()


def test_filters_of_metadata_size_and_order_stand_in_the_address(gallery: Page, complaints: list[str]) -> None:
    gallery.get_by_label("Order").select_option(label="widest first")
    expect(gallery.locator("#gallery [data-cell]").first).to_have_attribute("data-position", "1")
    gallery.get_by_label("camera").select_option(label=f"Nikon ({EACH * 3 // 2})")
    expect(gallery.locator("#matching")).to_contain_text("600 images of 1,200 match")
    gallery.get_by_label("Class", exact=True).select_option(label="hen")
    expect(gallery.locator("#matching")).to_contain_text("200 images of 1,200 match")
    expect(gallery).to_have_url(re.compile("label=1.*is=.*Nikon.*sort=wide"))
    gallery.reload()
    expect(gallery.locator("#matching")).to_contain_text("200 images of 1,200 match")
    gallery.get_by_role("link", name="Show all").click()
    expect(gallery.locator("#matching")).to_contain_text("1,200 images")
    assert complaints == []


def test_all_that_match_change_at_once_and_one_undo_takes_it_back(gallery: Page, complaints: list[str]) -> None:
    gallery.get_by_label("Search by path").fill("cow/0")
    expect(gallery.locator("#matching")).to_contain_text("100 images of 1,200 match")
    gallery.get_by_role("button", name="Change all 100").click()
    dialog = gallery.get_by_role("dialog")
    expect(dialog).to_contain_text("100 images of 1,200")
    dialog.get_by_label("Label as").focus()
    dialog.get_by_label("Label as").select_option(label="pig")
    dialog.get_by_role("button", name="Change them").click()
    expect(gallery.locator("#draft")).to_contain_text("100 relabelled")
    expect(gallery.get_by_text("100 images labelled pig.")).to_be_visible()
    expect(cell(gallery, 0)).to_contain_text("pig")
    gallery.get_by_role("button", name="Undo").click()
    expect(gallery.locator("#draft")).to_be_hidden()
    assert complaints == []


def top_of_images(page: Page) -> float:
    return float(page.locator("#gallery").evaluate("images => images.getBoundingClientRect().top + scrollY"))


def test_on_a_phone_the_images_stand_before_chart_and_filters(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 390, "height": 844})
    gallery.reload()
    expect(gallery.locator("#filters")).to_be_hidden()
    folded = top_of_images(gallery)
    button = gallery.get_by_role("button", name="Filters and chart")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("Enter")
    expect(gallery.locator("#filters")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert top_of_images(gallery) > folded + 300  # they stand above the images, who wanted them
    assert gallery.locator("#class-chart").evaluate("chart => chart.getBoundingClientRect().width") > 200
    button.press("Enter")
    expect(gallery.locator("#filters")).to_be_hidden()
    gallery.set_viewport_size({"width": 1280, "height": 900})
    expect(gallery.locator("#filters")).to_be_visible()
    expect(button).to_be_hidden()
