"""A round of labelling in a real browser: one image at a time by keys, shared by two people, reviewed and settled."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_datasets import IMPORT_MS, upload, write_zip

pytestmark = pytest.mark.browser

LOOKS = 60  # at a page that does not renew itself


@pytest.fixture
def animals(signed_in_page: Page, tmp_path: Path) -> Page:
    """On the Label page of a fresh set of 24: cows, hens and pigs, eight of each."""
    upload(signed_in_page, write_zip(tmp_path / "to_label.zip", ("cow", "hen", "pig")))
    expect(signed_in_page.locator("#gallery")).to_be_visible(timeout=IMPORT_MS)
    signed_in_page.get_by_role("link", name="Label", exact=True).click()
    return signed_in_page


@pytest.fixture
def round_page(animals: Page) -> Page:
    """In a round over the cows."""
    animals.get_by_label("Class", exact=True).select_option("cow")
    animals.get_by_role("button", name="Begin a round").click()
    expect(path(animals)).to_have_text("cow/00.png")
    return animals


def path(page: Page) -> Locator:
    return page.locator("[data-path]")


def far(page: Page) -> Locator:
    return page.locator("[data-far-words]")


def to_rounds(page: Page) -> None:
    """Back to the Label page, by the way above the heading."""
    page.get_by_role("link", name="/Label", exact=True).click()  # with the stroke before it


def test_keys_label_one_image_after_the_other(round_page: Page, complaints: list[str]) -> None:
    round_page.keyboard.press("2")
    expect(path(round_page)).to_have_text("cow/01.png")
    round_page.keyboard.press("s")
    round_page.keyboard.press("x")
    expect(path(round_page)).to_have_text("cow/03.png")
    expect(far(round_page)).to_have_text("2 of 8 labelled, 1 skipped")
    round_page.get_by_role("link", name="See the draft").click()
    expect(round_page.locator("#draft")).to_contain_text("1 relabelled, 1 taken out")
    assert complaints == []


def test_keys_are_seen_and_pinned_in_a_round(round_page: Page, complaints: list[str]) -> None:
    round_page.get_by_role("button", name="Keys…").click()
    round_page.get_by_label("Class of key 1").fill("pi")
    round_page.get_by_label("Class of key 1").press("Enter")
    expect(round_page.get_by_label("Pinned to key 1")).to_be_checked()
    round_page.get_by_role("button", name="Done").click()
    expect(round_page.locator("[data-key='1'][data-pinned]")).to_contain_text("pig")
    round_page.keyboard.press("1")
    expect(far(round_page)).to_have_text("1 of 8 labelled")
    round_page.get_by_role("link", name="See the draft").click()
    expect(round_page.locator("#draft")).to_contain_text("1 relabelled")
    expect(round_page.locator("[data-key='1'][data-pinned]")).to_contain_text("pig")
    assert complaints == []


def test_u_brings_the_last_image_back(round_page: Page) -> None:
    round_page.keyboard.press("2")
    expect(far(round_page)).to_have_text("1 of 8 labelled")
    round_page.keyboard.press("u")
    expect(path(round_page)).to_have_text("cow/00.png")
    expect(far(round_page)).to_have_text("0 of 8 labelled")


def test_fast_keys_are_all_heard_in_their_order(round_page: Page) -> None:
    for key in "23232":
        round_page.keyboard.press(key)
    expect(far(round_page)).to_have_text("5 of 8 labelled")
    expect(path(round_page)).to_have_text("cow/05.png")


def test_answers_that_are_on_their_way_when_the_page_is_left_arrive(round_page: Page) -> None:
    for key in "23232":
        round_page.keyboard.press(key)
    round_page.goto(round_page.url.split("label/")[0] + "label/")
    for _ in range(LOOKS):
        if round_page.get_by_text("5 of 8 labelled").count():
            break
        round_page.reload()
    expect(round_page.get_by_text("5 of 8 labelled")).to_be_visible()


def test_a_new_class_is_named_twice_and_has_a_key_from_then_on(round_page: Page) -> None:
    round_page.keyboard.press("/")
    round_page.keyboard.type("owl")
    round_page.keyboard.press("Enter")
    expect(round_page.get_by_text("There is no class “owl” yet")).to_be_visible()
    round_page.keyboard.press("Enter")
    expect(round_page.locator("[data-classes] [data-key='4']")).to_contain_text("owl")
    expect(path(round_page)).to_have_text("cow/01.png")
    round_page.keyboard.press("4")
    expect(far(round_page)).to_have_text("2 of 8 labelled")


def test_at_the_end_what_was_skipped_can_be_gone_through(round_page: Page) -> None:
    for number in range(8):
        expect(path(round_page)).to_have_text(f"cow/{number:02}.png")
        round_page.keyboard.press("2" if number < 7 else "s")
    expect(round_page.get_by_text("Every image of this round was handed out.")).to_be_visible()
    round_page.get_by_role("button", name="Go through the skipped ones").click()
    expect(path(round_page)).to_have_text("cow/07.png")


def test_an_answer_that_is_refused_brings_its_image_back(round_page: Page) -> None:
    round_page.route("**/answer/", lambda route: route.abort())
    round_page.keyboard.press("2")
    expect(round_page.get_by_text("The server did not answer. Nothing was changed; try again.")).to_be_visible()
    expect(path(round_page)).to_have_text("cow/00.png")


def test_two_people_share_a_round_and_one_reviews_the_other(round_page: Page, somebody: Callable[..., Page], complaints: list[str]) -> None:
    second = somebody("robin", role="editor")
    second.goto(round_page.url)
    expect(path(second)).to_have_text("cow/05.png")
    expect(second.locator("[data-far-others]")).to_contain_text("with pat")
    for key in "12121":
        round_page.keyboard.press(key)
    expect(round_page.get_by_text("3 images are with others just now")).to_be_visible()
    to_rounds(round_page)
    round_page.get_by_label("Share to review").select_option("100")
    round_page.get_by_role("button", name=re.compile("^Review Labelling")).click()
    expect(round_page.get_by_text("are for others: whoever labelled an image does not review it")).to_be_visible()
    second.goto(round_page.url)
    expect(second.locator("[data-say]")).to_be_visible()
    expect(path(second)).to_have_text("")
    for key in "11111":
        second.keyboard.press(key)
    expect(far(second)).to_have_text("5 of 5 reviewed")
    to_rounds(round_page)
    round_page.get_by_role("link", name=re.compile("^Agreement of")).click()
    expect(round_page.get_by_text("3 of 5 images")).to_be_visible()
    round_page.get_by_role("button", name="It is cow").first.click()
    expect(round_page.get_by_text("Settled: cow.")).to_be_visible()
    assert complaints == []


def test_a_trained_network_suggests_and_a_accepts(trained: Page, dataset: str, complaints: list[str]) -> None:
    trained.goto(f"{dataset}label/")
    trained.get_by_role("button", name="Suggest labels").click()
    trained.get_by_role("button", name=re.compile("^Label what")).first.click(timeout=IMPORT_MS)
    expect(trained.locator("[data-suggested-words]")).to_contain_text("% sure")
    shown = path(trained).inner_text()
    trained.keyboard.press("a")
    expect(far(trained)).to_have_text(re.compile("^1 of 120 labelled"))
    expect(path(trained)).not_to_have_text(shown)
    trained.keyboard.press("u")
    expect(path(trained)).to_have_text(shown)
    assert complaints == []
