"""Rows of a classification that are put right, by a real browser: one, several that are ticked, and who may not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.barriers import DESK
from tests.browser.looks import wrong_with
from tests.browser.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def answers(signed_in_page: Page, world: World) -> Iterator[Page]:
    """The answers of the world, of pictures that its dataset has; what is put right is undone afterwards."""
    page, done = signed_in_page, list[str]()
    page.on("response", lambda answer: done.append(answer.url) if answer.url.endswith("/correct/") and answer.ok else None)
    page.set_viewport_size(DESK)
    page.goto(f"/classify/{world.classification}/")
    yield page
    told = json.loads(page.locator("body").get_attribute("hx-headers") or "{}")
    for _ in done:
        answer = page.request.post(f"/datasets/{world.dataset}/draft/undo/", headers={**told, "Accept": "application/json"})
        assert "Taken back" in answer.text()


def row_of(page: Page, file: str) -> Locator:
    return page.locator("#answers tbody tr").filter(has=page.get_by_role("checkbox", name=f"Choose {file}"))


def test_a_row_is_put_right_by_keys_and_says_so(answers: Page, world: World, complaints: list[str]) -> None:
    page, row = answers, row_of(answers, "red/2.png")
    row.get_by_role("button", name="This is wrong…").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("It is a", exact=True)).to_be_focused()
    expect(dialog.get_by_label("In the draft of")).to_have_value(world.dataset)
    expect(dialog).to_contain_text("red/2.png")
    expect(dialog.locator("img")).to_have_js_property("naturalWidth", 16)
    page.keyboard.type("blu")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("1 image that it had already is labelled blue in the draft of Colours.")
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("Put right: blue.")
    expect(row.get_by_role("button", name="This is wrong…")).to_be_focused()
    page.reload()
    expect(row).to_contain_text("Put right: blue. Colours")
    row.get_by_role("link", name="Colours").click()
    expect(page.locator("#facts")).to_be_visible()
    assert complaints == []


def test_what_it_thought_of_next_is_one_click_away(answers: Page) -> None:
    row = row_of(answers, "green/1.png")
    second = row.locator("[data-guess]").first.get_attribute("data-guess") or ""
    row.get_by_role("button", name="This is wrong…").click()
    answers.locator("[data-wrong-guesses]").get_by_role("button", name=second).click()
    expect(row).to_contain_text(f"Put right: {second}.")
    row.get_by_role("link", name="Look at the draft").click()
    expect(answers.locator(".cell", has_text="was green").first).to_be_visible()


def test_rows_that_are_ticked_are_put_right_at_once(answers: Page) -> None:
    files = ("blue/0.png", "blue/1.png", "blue/3.png")
    for file in files:
        row_of(answers, file).get_by_role("checkbox").check()
    expect(answers.locator("[data-bulk-words]")).to_have_text("3 chosen")
    answers.get_by_role("button", name="These are wrong…").click()
    expect(answers.get_by_role("dialog")).to_contain_text("3 images")
    answers.get_by_label("It is a", exact=True).fill("green")
    answers.get_by_role("button", name="Put it right").click()
    expect(answers.locator("#toasts")).to_contain_text("3 images that it had already are labelled green in the draft of Colours.")
    expect(answers.locator(".answer__put:visible")).to_have_count(3)
    for file in files:
        expect(row_of(answers, file)).to_contain_text("Put right: green.")
        expect(row_of(answers, file).get_by_role("checkbox")).not_to_be_checked()
    expect(answers.get_by_role("button", name="These are wrong…")).to_be_hidden()


def test_what_the_server_refuses_stands_in_the_dialog_and_nothing_is_marked(answers: Page) -> None:
    row_of(answers, "blue/0.png").get_by_role("button", name="This is wrong…").click()
    answers.get_by_label("It is a", exact=True).fill("blue")
    answers.keyboard.press("Enter")
    expect(answers.get_by_role("alert")).to_contain_text("is in Colours already, as blue. Nothing was changed.")
    expect(answers.locator(".answer__put:visible")).to_have_count(0)


def test_a_viewer_reads_the_answers_and_puts_nothing_right(onlooker: Page, world: World) -> None:
    onlooker.goto(f"/classify/{world.classification}/")
    expect(onlooker.locator("#answers tbody tr")).to_have_count(12)
    assert onlooker.get_by_role("button", name=re.compile("wrong")).count() == 0 == onlooker.get_by_role("checkbox").count()


@pytest.mark.parametrize("state", ["ticked", "asked"])
def test_each_state_fits_every_width_and_has_no_barrier(answers: Page, state: str) -> None:
    row_of(answers, "blue/0.png").get_by_role("checkbox").check()
    if state == "asked":
        answers.get_by_role("button", name="These are wrong…").click()
        expect(answers.locator("[data-wrong-guesses] button").first).to_be_visible()
    assert wrong_with(answers) == {}
