"""Pictures that are classified, looked into, held against a second network and put right, with the real workers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import DESK
from tests.browser.looks import wrong_with
from tests.browser.world import COLOURS, WAIT_MS, World, picture

pytestmark = pytest.mark.browser
SOON_MS = 30_000
NEW = 47  # a shade that no picture of the dataset has: those it has are labelled anew, and wait nowhere
PUBLISHED = "published:efficientnet_lite0"
Rgb = tuple[int, int, int]


def drop(page: Page, files: dict[str, Rgb]) -> Page:
    """Pictures of those colours, each answered by every network."""
    sent = [{"name": name, "mimeType": "image/png", "buffer": picture(colour, NEW)} for name, colour in files.items()]
    page.set_input_files("#images", sent)  # type: ignore[arg-type]
    sides = 2 if page.get_by_label("Beside it").input_value() else 1
    expect(page.locator(".guess:first-child")).to_have_count(len(files) * sides, timeout=WAIT_MS)
    return page


@pytest.fixture
def classify(signed_in_page: Page, world: World) -> Page:
    """The page with the network of the world."""
    signed_in_page.set_viewport_size(DESK)
    signed_in_page.goto(f"/classify/?experiment={world.experiment}")
    return signed_in_page


@pytest.fixture
def red(classify: Page) -> Page:
    return drop(classify, {"cup.png": COLOURS["red"]})


@pytest.fixture
def editing(red: Page, world: World) -> Iterator[Page]:
    """The same; what is put right is undone afterwards, and the draft stays as others want to find it."""
    done = list[str]()
    red.on("response", lambda answer: done.append(answer.url) if answer.url.endswith("/classify/correct/") and answer.ok else None)
    yield red
    told = json.loads(red.locator("body").get_attribute("hx-headers") or "{}")
    for _ in done:
        answer = red.request.post(f"/datasets/{world.dataset}/draft/undo/", headers={**told, "Accept": "application/json"})
        assert "Taken back" in answer.text()


def opened_why(page: Page) -> Page:
    page.get_by_role("button", name="Why…").click()
    expect(page.locator(".why__over")).to_have_count(1, timeout=WAIT_MS)
    return page


def test_why_is_asked_by_keys_and_gives_the_focus_back(red: Page, complaints: list[str]) -> None:
    opened_why(red)
    field = red.get_by_label("Class", exact=True)
    field.fill("gre")
    field.press("Enter")
    expect(red.locator(".why__said")).to_contain_text("green", timeout=SOON_MS)
    red.keyboard.press("Escape")
    expect(red.get_by_role("dialog")).to_be_hidden()
    expect(red.get_by_role("button", name="Why…")).to_be_focused()
    assert complaints == []


def test_another_method_and_the_strength_of_its_colours_are_chosen(red: Page) -> None:
    opened_why(red)
    red.locator("#why label", has_text="Occlusion").click()
    expect(red.locator(".why__side")).to_contain_text("Of 49 covers", timeout=SOON_MS)
    red.get_by_label("Strength of the colours").press("Home")
    expect(red.locator(".why__over")).to_have_css("opacity", "0")


def test_a_class_that_the_network_does_not_know_is_said(red: Page) -> None:
    opened_why(red)
    red.get_by_label("Class", exact=True).fill("pink")
    red.keyboard.press("Enter")
    expect(red.locator("#why-shown")).to_contain_text("does not know the class 'pink'", timeout=SOON_MS)


def test_two_networks_stand_side_by_side_and_where_they_differ_is_marked(classify: Page, world: World, complaints: list[str]) -> None:
    page = classify
    page.get_by_label("Beside it").select_option(world.experiment)
    drop(page, {"cup.png": COLOURS["red"], "leaf.png": COLOURS["green"]})
    words = "Both name the same class on 2 of 2 pictures: 100.0 % (95 % interval 34.2 to 100.0)."
    expect(page.locator("#agreement-words")).to_have_text(words, timeout=WAIT_MS)
    assert page.locator("[data-differs]:visible").count() == 0
    page.get_by_label("Beside it").select_option(PUBLISHED)
    expect(page.locator("#agreement-words")).to_contain_text("0 of 2 pictures", timeout=WAIT_MS)
    expect(page.locator("[data-differs]:visible")).to_have_count(2)
    expect(page.locator(".answer__network").nth(1)).to_have_text("efficientnet_lite0")
    assert f"experiment={world.experiment}" in page.url and "beside=published" in page.url
    page.reload()
    expect(page.get_by_label("Beside it")).to_have_value(PUBLISHED)
    assert complaints == []


def test_pictures_on_which_both_agree_are_put_aside(classify: Page, world: World) -> None:
    classify.get_by_label("Beside it").select_option(world.experiment)
    drop(classify, {"cup.png": COLOURS["red"]})
    classify.get_by_label("Only where they differ").check()
    expect(classify.locator(".answer")).to_be_hidden()
    classify.get_by_label("Beside it").select_option("")
    expect(classify.locator(".answer")).to_be_visible()
    expect(classify.locator("#agreement")).to_be_hidden()


def test_both_networks_say_why(classify: Page) -> None:
    classify.get_by_label("Beside it").select_option(PUBLISHED)
    drop(classify, {"cup.png": COLOURS["red"]})
    classify.get_by_role("button", name="Why…").click()
    expect(classify.locator(".why__over")).to_have_count(2, timeout=WAIT_MS)


def test_what_is_wrong_is_put_right_by_keys_and_waits_in_the_draft(editing: Page, world: World, complaints: list[str]) -> None:
    page = editing
    page.get_by_role("button", name="This is wrong…").press("Enter")
    expect(page.get_by_label("It is a", exact=True)).to_be_focused()
    expect(page.get_by_label("In the draft of")).to_have_value(world.dataset)
    page.keyboard.type("blu")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("1 image waits as blue in the draft of Colours.")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".answer__put")).to_contain_text("Put right: blue.")
    page.locator(".answer__put").get_by_role("link", name="Look at the draft").click()
    expect(page.locator(".cell")).to_contain_text("blue", timeout=WAIT_MS)
    assert complaints == []


def test_what_the_network_thought_of_next_is_one_click_away(editing: Page) -> None:
    editing.get_by_role("button", name="This is wrong…").click()
    second = editing.locator(".guess .cut").nth(1).inner_text()
    editing.locator("[data-wrong-guesses]").get_by_role("button", name=second).click()
    expect(editing.locator(".answer__put")).to_contain_text(f"Put right: {second}.")


def test_a_class_that_there_is_not_and_one_that_it_is_already_are_said(editing: Page) -> None:
    editing.get_by_role("button", name="This is wrong…").click()
    field = editing.get_by_label("It is a", exact=True)
    for text, words in (("", "Say what it is"), ("pink", "“pink” is no class of this dataset")):
        field.fill(text)
        field.press("Enter")
        expect(editing.get_by_role("alert")).to_contain_text(words)
    field.fill("blue")
    field.press("Enter")
    expect(editing.locator(".answer__put")).to_be_visible()
    editing.get_by_role("button", name="This is wrong…").click()
    field.fill("blue")
    field.press("Enter")
    expect(editing.get_by_role("alert")).to_contain_text("is in Colours already, as blue. Nothing was changed.")


def test_a_viewer_asks_why_and_puts_nothing_right(onlooker: Page, world: World) -> None:
    page = onlooker
    page.goto(f"/classify/?experiment={world.experiment}")
    drop(page, {"cup.png": COLOURS["red"]})
    expect(page.get_by_role("button", name="Why…")).to_be_visible()
    assert page.get_by_role("button", name="This is wrong…").count() == 0


@pytest.mark.parametrize("state", ["beside", "why", "wrong"])
def test_each_state_fits_every_width_and_has_no_barrier(classify: Page, state: str) -> None:
    if state == "beside":
        classify.get_by_label("Beside it").select_option(PUBLISHED)
    drop(classify, {"cup.png": COLOURS["red"], "a-long-name-of-a-file-as-a-telephone-gives-them_20260102.png": COLOURS["green"]})
    if state == "why":
        classify.get_by_role("button", name="Why…").first.click()
        expect(classify.locator(".why__over")).to_have_count(1, timeout=WAIT_MS)
    if state == "wrong":
        classify.get_by_role("button", name="This is wrong…").first.click()
        expect(classify.locator("[data-wrong-guesses] button").first).to_be_visible()
    assert wrong_with(classify) == {}
