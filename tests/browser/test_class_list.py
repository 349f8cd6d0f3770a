"""The list of classes in a real browser: searched, sorted and changed by keyboard and on a phone, without a page that loads anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.barriers import PHONE
from tests.browser.looks import wrong_with
from tests.browser.test_folders import drop
from tests.browser.test_labelling import discard_draft
from tests.browser.world import WAIT_MS, archive_of, picture, upload

pytestmark = pytest.mark.browser
MANY = 30


def birds() -> Iterator[tuple[str, bytes]]:
    """Classes of different sizes; the last one has the most images."""
    for number in range(MANY):
        for shade in range(2 + number % 5 + 4 * (number == MANY - 1)):
            yield f"bird {number:02}/{shade}.png", picture((8 * number, 8 * shade, 90))


@pytest.fixture
def classes(signed_in_page: Page, tmp_path: Path, made: dict[str, str]) -> Iterator[Page]:
    """The classes of a set without a draft; the first test that asks uploads it."""
    page = signed_in_page
    if "birds" not in made:
        upload(page, archive_of(tmp_path / "birds.zip", birds()), "Birds")
        expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
        made["birds"] = page.url
    page.goto(f"{made['birds']}classes/")
    page.evaluate("window.stays = true")
    yield page
    discard_draft(page, made["birds"])


def rows(page: Page) -> Locator:
    return page.locator("#class-table tbody tr")


def counts(page: Page) -> list[int]:
    return [int(text) for text in page.locator('#class-table td[data-label="All"]').all_inner_texts()]


def test_a_part_of_a_name_finds_classes_while_one_types(classes: Page, complaints: list[str]) -> None:
    classes.keyboard.press("/")
    classes.keyboard.type("RD 1")
    expect(rows(classes)).to_have_count(10)
    expect(classes.locator("#class-count")).to_have_text(f"10 of {MANY} classes")
    expect(classes.get_by_label("Search classes")).to_be_focused()
    expect(classes).to_have_url(re.compile(r"classes/\?q=RD"))
    classes.keyboard.type("zzz")
    expect(classes.get_by_text("No such class")).to_be_visible()
    assert classes.evaluate("window.stays") and complaints == []
    classes.get_by_label("Search classes").fill("RD 1")
    expect(rows(classes)).to_have_count(10)
    classes.reload()
    expect(rows(classes)).to_have_count(10)


def test_heads_sort_by_key_and_keep_the_focus(classes: Page) -> None:
    head = classes.get_by_role("link", name="All", exact=True)
    head.focus()
    classes.keyboard.press("Enter")
    expect(rows(classes).first).to_contain_text(f"bird {MANY - 1}")
    assert counts(classes) == sorted(counts(classes), reverse=True)
    expect(head).to_be_focused()
    expect(classes.locator("#by-all")).to_have_attribute("aria-sort", "descending")
    classes.keyboard.press("Enter")
    expect(classes.locator("#by-all")).to_have_attribute("aria-sort", "ascending")
    assert counts(classes) == sorted(counts(classes))
    classes.get_by_label("Search classes").fill("bird 2")
    expect(rows(classes)).to_have_count(10)
    assert counts(classes) == sorted(counts(classes)) and classes.evaluate("window.stays")


def test_a_class_is_renamed_by_keyboard_and_its_row_says_so(classes: Page, complaints: list[str]) -> None:
    button = classes.get_by_role("button", name="Change bird 07")
    button.focus()
    classes.keyboard.press("Enter")
    dialog = classes.get_by_role("dialog", name="Change a class")
    expect(dialog.get_by_label("New name")).to_be_focused()
    classes.keyboard.type("wren")
    classes.keyboard.press("Enter")
    expect(classes.get_by_role("row", name=re.compile("^Choose bird 07"))).to_contain_text("is renamed wren")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    expect(classes.locator("#draft")).to_contain_text("1 class changed")
    expect(classes.locator("#class-becoming")).to_contain_text("bird 07 is renamed wren")
    assert classes.evaluate("window.stays") and complaints == []


def test_a_class_is_merged_into_one_that_was_just_renamed(classes: Page) -> None:
    dialog = classes.get_by_role("dialog", name="Change a class")
    classes.get_by_role("button", name="Change bird 07").click()
    dialog.get_by_label("New name").fill("wren")
    classes.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    classes.get_by_role("button", name="Change bird 08").click()
    dialog.get_by_text("Merge", exact=True).click()
    dialog.get_by_label("Into the class").fill("wre")
    classes.keyboard.press("Enter")
    expect(classes.get_by_role("row", name=re.compile("^Choose bird 08"))).to_contain_text("goes into wren")
    assert classes.evaluate("window.stays")


def test_classes_that_are_ticked_in_several_searches_are_merged_at_once(classes: Page, complaints: list[str]) -> None:
    search = classes.get_by_label("Search classes")
    for name in ("bird 11", "bird 12"):
        search.fill(name)
        expect(rows(classes)).to_have_count(1)
        classes.get_by_label(f"Choose {name}").check()
    search.fill("no such bird")
    expect(classes.get_by_text("No such class")).to_be_visible()
    search.fill("")
    expect(rows(classes)).to_have_count(MANY)
    expect(classes.locator("[data-bulk-words]")).to_have_text("2 chosen")
    expect(classes.get_by_label("Choose bird 11")).to_be_checked()
    classes.get_by_label("Merge into").fill("small bird")
    classes.set_viewport_size(PHONE)  # a row's name beside its button, both above its counts
    name, button = (classes.locator(f"#class-table tbody tr:first-child {part}").bounding_box() for part in (".row__title", ".act button"))
    assert name and button and abs(name["y"] - button["y"]) < 30
    assert wrong_with(classes) == {}
    classes.get_by_role("button", name="Merge", exact=True).click()
    expect(classes.locator("#class-becoming")).to_contain_text("small bird")
    expect(classes.locator('[name="classes"]:checked')).to_have_count(0)
    expect(search).to_be_focused()
    classes.get_by_role("button", name="Change bird 13").click()  # the class that was just made can be merged into
    dialog = classes.get_by_role("dialog", name="Change a class")
    dialog.get_by_text("Merge", exact=True).click()
    dialog.get_by_label("Into the class").fill("small bird")
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(classes.get_by_role("row", name=re.compile("bird 13"))).to_contain_text("goes into small bird")
    assert classes.evaluate("window.stays") and complaints == []


def test_on_a_phone_a_class_is_merged_into_one_that_is_named_in_part(classes: Page) -> None:
    classes.set_viewport_size(PHONE)
    classes.get_by_role("button", name="Change bird 05").click()
    dialog = classes.get_by_role("dialog", name="Change a class")
    dialog.get_by_text("Merge", exact=True).click()
    dialog.get_by_label("Into the class").fill("bird")
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Into the class")).to_be_focused()
    dialog.get_by_label("Into the class").fill("d 06")
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(classes.get_by_role("row", name=re.compile("^Choose bird 05"))).to_contain_text("goes into bird 06")


def test_an_answer_to_a_search_closes_no_dialog(classes: Page) -> None:
    held: list[Route] = []
    classes.route(re.compile(r"/classes/\?q="), lambda route: held.append(route))
    with classes.expect_request(re.compile(r"/classes/\?q=")):
        classes.get_by_label("Search classes").fill("bird 2")
    classes.get_by_role("button", name="Change bird 21").click()
    dialog = classes.get_by_role("dialog", name="Change a class")
    expect(dialog).to_be_visible()
    held[0].continue_()
    expect(rows(classes)).to_have_count(10)
    dialog.get_by_label("New name").fill("wren")
    classes.keyboard.press("Enter")
    expect(classes.get_by_role("row", name=re.compile("^Choose bird 21"))).to_contain_text("is renamed wren")
    expect(classes.get_by_role("button", name="Change bird 21")).to_be_focused()
    classes.unroute_all()


def test_back_from_the_tools_of_a_searched_list_is_a_whole_page(classes: Page) -> None:
    classes.set_viewport_size(PHONE)
    classes.get_by_label("Search classes").fill("bird 2")
    expect(classes).to_have_url(re.compile(r"classes/\?q=bird"))
    classes.locator(".class-jump").click()
    expect(classes).to_have_url(re.compile("#add-images$"))
    classes.evaluate("document.documentElement.dataset.stays = ''")
    classes.go_back()
    expect(classes.locator("html[data-stays]")).to_have_count(0)  # loaded anew: a part of a page would stand in place of all of it
    expect(classes.get_by_role("heading", level=1)).to_have_text("Birds")
    expect(rows(classes)).to_have_count(10)


def test_what_cannot_be_is_said_in_the_dialog(classes: Page) -> None:
    classes.get_by_role("button", name="Change bird 05").click()
    dialog = classes.get_by_role("dialog", name="Change a class")
    dialog.get_by_label("New name").fill("bird 06")
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is a class bird 06 already.")
    dialog.get_by_text("Take out", exact=True).click()
    dialog.get_by_role("button", name="Put into the draft").click()
    expect(classes.get_by_role("row", name=re.compile("^Choose bird 05"))).to_contain_text("is taken out")
    classes.get_by_role("button", name="Undo").click()
    expect(classes.get_by_text("is taken out")).to_have_count(0)


def test_images_are_dropped_on_a_class_that_was_searched_for(classes: Page, tmp_path: Path) -> None:
    file = tmp_path / "new.png"
    file.write_bytes(picture((9, 9, 9)))
    classes.get_by_label("Search classes").fill("21")
    expect(rows(classes)).to_have_count(1)
    drop(classes, file, onto='[data-drop-class="bird 21"]')
    expect(classes.get_by_label("Class", exact=True).first).to_have_value("bird 21")


def test_the_dialog_and_a_changed_list_have_no_barrier(classes: Page) -> None:
    classes.get_by_role("button", name="Change bird 07").click()
    classes.get_by_label("New name").fill("wren")
    assert wrong_with(classes) == {}
    classes.keyboard.press("Enter")
    expect(classes.get_by_text("bird 07 is renamed wren")).to_be_visible()
    assert wrong_with(classes) == {}
