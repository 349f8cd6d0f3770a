"""The gallery as the place to label, in a real browser: chosen by box, range and frame, labelled by keys, undone, sealed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_datasets import IMPORT_MS, upload, write_zip

pytestmark = pytest.mark.browser
ON_ITS_WAY = "[data-palette][aria-busy], .htmx-request"  # a change that was not answered yet


@pytest.fixture(scope="module")
def to_label(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 images: cows, hens and pigs, eight of each."""
    return write_zip(tmp_path_factory.mktemp("zips") / "to_label.zip", ("cow", "hen", "pig"))


@pytest.fixture
def fresh(signed_in_page: Page, to_label: Path) -> Page:
    """On the images of a set that nobody else has."""
    upload(signed_in_page, to_label)
    expect(signed_in_page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    signed_in_page.wait_for_load_state()
    return signed_in_page


def discard_draft(page: Page, address: str) -> None:
    """As the next test wants to find the set."""
    expect(page.locator(ON_ITS_WAY)).to_have_count(0)
    page.goto(address)
    discard = page.locator("#draft").get_by_role("button", name="Discard")
    if discard.is_visible():
        discard.click()
        page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        expect(page.locator("#draft")).to_be_hidden()


@pytest.fixture
def labelling(signed_in_page: Page, to_label: Path, made: dict[str, str]) -> Iterator[Page]:
    """On the images of a set without a draft; the first test that asks uploads it."""
    if "to_label" not in made:
        upload(signed_in_page, to_label)
        made["to_label"] = signed_in_page.url
    signed_in_page.goto(made["to_label"])
    expect(signed_in_page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    signed_in_page.wait_for_load_state()
    yield signed_in_page
    discard_draft(signed_in_page, made["to_label"])


def cell(page: Page, position: int) -> Locator:
    return page.locator(f"[data-position='{position}']")


def tick(page: Page, position: int, **how: object) -> None:
    cell(page, position).hover()
    cell(page, position).locator("[data-pick]").click(**how)


def test_a_key_labels_the_chosen_images_and_u_takes_it_back(labelling: Page, complaints: list[str]) -> None:
    tick(labelling, 0)
    tick(labelling, 2, modifiers=["Shift"])
    expect(labelling.locator("[data-chosen]")).to_have_text("3 chosen")
    labelling.keyboard.press("2")
    expect(labelling.locator(".cell--changed")).to_have_count(3)
    expect(cell(labelling, 1)).to_contain_text("hen")
    expect(labelling.locator("#draft")).to_contain_text("3 relabelled")
    labelling.keyboard.press("u")
    expect(labelling.locator(".cell--changed")).to_have_count(0)
    expect(labelling.locator("#draft")).to_be_hidden()
    assert complaints == []


def test_the_arrows_and_a_key_label_one_image_after_the_other(labelling: Page) -> None:
    cell(labelling, 0).locator("a").focus()
    labelling.keyboard.press("3")
    expect(cell(labelling, 0)).to_contain_text("pig")
    expect(cell(labelling, 0).locator("a")).to_be_focused()
    labelling.keyboard.press("ArrowRight")
    labelling.keyboard.press("3")
    expect(cell(labelling, 1)).to_contain_text("pig")


def test_a_frame_chooses_what_it_touches_and_opens_no_picture(labelling: Page) -> None:
    first, third = (cell(labelling, position).bounding_box() for position in (0, 2))
    assert first and third
    labelling.mouse.move(first["x"] + 40, first["y"] + 40)
    labelling.mouse.down()
    labelling.mouse.move(third["x"] + 40, third["y"] + 60, steps=5)
    labelling.mouse.up()
    expect(labelling.locator("[data-chosen]")).to_have_text("3 chosen")
    expect(labelling.locator("#zoom")).to_be_hidden()
    labelling.keyboard.press("x")
    expect(labelling.locator(".cell--removed")).to_have_count(3)


def test_shift_and_space_choose_a_range_from_the_keyboard(labelling: Page) -> None:
    cell(labelling, 1).locator("a").focus()
    labelling.keyboard.press("Space")
    cell(labelling, 4).locator("a").focus()
    labelling.keyboard.press("Shift+Space")
    expect(labelling.locator("[data-chosen]")).to_have_text("4 chosen")


def test_control_a_chooses_all_and_escape_lets_go(labelling: Page) -> None:
    cell(labelling, 0).locator("a").focus()
    labelling.keyboard.press("Control+a")
    expect(labelling.locator("[data-chosen]")).to_have_text("24 chosen")
    labelling.keyboard.press("Escape")
    expect(labelling.locator("[data-chosen]")).to_have_text("Nothing chosen")


def test_a_key_labels_the_open_picture_and_its_history_tells_it(labelling: Page) -> None:
    cell(labelling, 0).locator("a").click()
    labelling.keyboard.press("2")
    expect(labelling.locator("[data-zoom-name]")).to_contain_text("hen")
    expect(labelling.locator("[data-zoom-history]")).to_contain_text("called it hen")


def test_the_newest_edit_is_taken_back_under_versions_and_then_the_one_before(labelling: Page, complaints: list[str]) -> None:
    for position, key, label in ((0, "2", "hen"), (1, "3", "pig")):
        cell(labelling, position).locator("a").focus()
        labelling.keyboard.press(key)
        expect(cell(labelling, position)).to_contain_text(label)
    labelling.get_by_role("link", name="Versions").click()
    edits = labelling.locator("#edits")
    expect(edits.get_by_role("button", name="Take back")).to_have_count(1)
    edits.get_by_role("button", name="Take back: 1 image labelled pig.").click()
    expect(labelling.locator("#toasts")).to_contain_text("Taken back: 1 image labelled pig.")
    expect(edits.locator("tr", has_text="labelled pig")).to_contain_text("taken back")
    expect(edits.get_by_role("button", name="Take back: 1 image labelled hen.")).to_be_visible()
    labelling.get_by_role("link", name="Images").click()
    expect(cell(labelling, 0)).to_contain_text("hen")
    expect(cell(labelling, 1)).to_contain_text("cow")
    assert complaints == []


def test_a_new_class_is_made_by_its_name(labelling: Page) -> None:
    tick(labelling, 0)
    labelling.get_by_role("button", name="New class").click()
    labelling.get_by_label("Name", exact=True).fill("owl")
    labelling.get_by_role("dialog").get_by_role("button", name="Label").click()
    expect(cell(labelling, 0)).to_contain_text("owl")
    expect(labelling.locator("[data-key='4']")).to_contain_text("owl")


def test_a_class_without_a_key_is_typed_and_has_one_from_then_on(signed_in_page: Page, tmp_path: Path, complaints: list[str]) -> None:
    page = signed_in_page
    upload(page, write_zip(tmp_path / "twelve.zip", tuple(f"kind{number:02}" for number in range(12))))
    expect(page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    page.wait_for_load_state()  # its keys are heard
    cell(page, 0).locator("a").focus()
    page.keyboard.press("c")
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    expect(cell(page, 0)).to_contain_text("kind11")
    expect(cell(page, 0).locator("a")).to_be_focused()
    expect(page.locator("[data-key='9']")).to_contain_text("kind11")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("9")
    expect(cell(page, 1)).to_contain_text("kind11")
    page.reload()
    expect(page.locator("[data-key='9']")).to_contain_text("kind11")
    assert complaints == []


def test_a_pinned_class_keeps_its_key(signed_in_page: Page, tmp_path: Path, complaints: list[str]) -> None:
    page = signed_in_page
    upload(page, write_zip(tmp_path / "eleven.zip", tuple(f"kind{number:02}" for number in range(11)), each=3))
    expect(page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    page.wait_for_load_state()  # its keys are heard
    page.get_by_role("button", name="Keys…").click()
    page.get_by_label("Class of key 9").fill("10")
    page.get_by_label("Class of key 9").press("Enter")
    expect(page.get_by_label("Pinned to key 9")).to_be_checked()
    page.get_by_role("button", name="Done").click()
    pinned = page.locator("[data-key='9']")
    expect(pinned).to_contain_text("kind10")
    expect(pinned).to_have_attribute("title", "kind10, pinned to this key")
    cell(page, 0).locator("a").focus()
    page.keyboard.press("c")
    page.keyboard.type("08")
    page.keyboard.press("Enter")
    expect(cell(page, 0)).to_contain_text("kind08")
    expect(page.locator("[data-key='8']")).to_contain_text("kind08")
    expect(pinned).to_contain_text("kind10")
    page.reload()
    expect(page.locator("[data-key='9'][data-pinned]")).to_contain_text("kind10")
    assert complaints == []


def test_tab_goes_on_from_a_key_that_got_another_class(labelling: Page) -> None:
    labelling.get_by_role("button", name="Keys…").click()
    labelling.get_by_label("Class of key 3").fill("cow")
    labelling.keyboard.press("Tab")
    expect(labelling.get_by_label("Pinned to key 3")).to_be_checked()
    expect(labelling.get_by_label("Pinned to key 3")).to_be_focused()
    expect(labelling.get_by_label("Class of key 3")).to_have_value("cow")
    labelling.evaluate("localStorage.clear()")  # other tests know the first order


def test_on_a_phone_any_class_is_named_in_part_under_the_thumb(labelling: Page) -> None:
    labelling.set_viewport_size({"width": 390, "height": 844})
    labelling.reload()
    cell(labelling, 20).scroll_into_view_if_needed()
    cell(labelling, 20).locator("[data-pick]").check(force=True)
    field = labelling.get_by_label("Label as another class")
    expect(field).to_be_in_viewport()
    field.fill("he")
    labelling.get_by_role("toolbar").get_by_role("button", name="Label", exact=True).click()
    expect(cell(labelling, 20)).to_contain_text("hen")
    expect(cell(labelling, 20)).to_be_in_viewport()


def test_on_a_phone_a_message_lies_over_no_button_of_the_bar(labelling: Page) -> None:
    labelling.set_viewport_size({"width": 390, "height": 844})
    labelling.reload()
    cell(labelling, 0).locator("[data-pick]").check(force=True)
    labelling.get_by_label("Label as another class").fill("no such class")
    bar = labelling.get_by_role("toolbar")
    bar.get_by_role("button", name="Label", exact=True).click()
    message = labelling.locator("[data-toast]").filter(has_text="is no class")
    expect(message).to_be_visible()
    over, under = message.bounding_box(), bar.bounding_box()
    assert over and under and over["y"] + over["height"] <= under["y"]


def test_the_open_picture_is_labelled_without_keys(labelling: Page) -> None:
    labelling.set_viewport_size({"width": 390, "height": 844})
    cell(labelling, 0).locator("a").click()
    dialog = labelling.get_by_role("dialog", name="One image")
    dialog.get_by_label("Label this image as").fill("pi")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(labelling.locator("[data-zoom-name]")).to_contain_text("pig")
    dialog.get_by_role("button", name="Undo").click()
    expect(labelling.locator("[data-zoom-name]")).to_contain_text("cow")
    labelling.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_draft_is_sealed_as_version_2_and_compared(fresh: Page, complaints: list[str]) -> None:
    tick(fresh, 0)
    fresh.keyboard.press("2")
    fresh.get_by_role("button", name="Seal as version 2").click()
    expect(fresh.get_by_text("v2, sealed")).to_be_visible(timeout=IMPORT_MS)
    fresh.get_by_role("link", name="Versions").click()
    fresh.get_by_role("link", name="1 relabelled").click()
    expect(fresh.get_by_role("link", name=re.compile("Relabelled 1"))).to_be_visible()
    expect(fresh.locator(".tile")).to_have_count(1)
    fresh.goto(fresh.url.split("versions/")[0] + "?version=1")
    expect(cell(fresh, 0)).to_contain_text("cow")
    assert complaints == []
