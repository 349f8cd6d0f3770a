"""A report that is composed in a real browser: blocks added, moved by keys, buttons and the pointer, seen by others."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers, settle
from tests.plugins.stack import Stack

pytestmark = pytest.mark.browser
SOON_MS = 2_500
NONE_LEFT = """
from webapp.reports.models import Block
Block.everything.all().delete()
"""


@pytest.fixture
def composing(report: Page, stack: Stack) -> Iterator[Page]:
    """The page on which the report is composed; its blocks go afterwards."""
    report.get_by_role("link", name="Add blocks").click()
    yield report
    stack.desk.call("shell", "-c", NONE_LEFT)


def add(page: Page, kind: str, shows: str = "", title: str = "", text: str = "", **fields: str) -> None:
    """A block, by its form."""
    page.get_by_label("Kinds of blocks").get_by_role("link", name=re.compile(f"^{kind}")).click()
    form = page.locator("[data-block-form]")
    if shows:
        form.get_by_label("Shows").select_option(label=shows)
    for label, value in fields.items():
        form.locator(f"[name={label}]").fill(value)
    form.locator("[name=title]").fill(title)
    form.locator("[name=text]").fill(text)
    form.get_by_role("button", name="Add").click()
    page.wait_for_url(re.compile("#block-"))


def titles(page: Page) -> list[str]:
    return page.locator("[data-block] h2.card__title, [data-block] .prose h2").all_inner_texts()


@pytest.fixture
def three(composing: Page) -> Page:
    add(composing, "Text", title="First", text="What **we** say.")
    add(composing, "Chart", "Recall by class", title="Second")
    add(composing, "Images", "What it is least sure of", title="Third")
    return composing


def test_blocks_are_added_and_seen_on_the_report(three):
    assert titles(three) == ["First", "Second", "Third"]
    three.get_by_role("link", name="To the report").click()
    expect(three.locator("#block-1")).to_contain_text("What we say.")
    expect(three.locator("#block-2-chart[data-drawn]")).to_be_visible()
    picture = three.locator("#block-3 .shot img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_the_form_asks_for_what_the_part_needs(composing):
    composing.get_by_label("Kinds of blocks").get_by_role("link", name=re.compile("^Chart")).click()
    form = composing.locator("[data-block-form]")
    expect(form.get_by_label("Class", exact=True)).to_be_hidden()
    form.get_by_label("Shows").select_option(label="ROC curve of a class")
    expect(form.get_by_label("Class", exact=True)).to_be_visible()
    form.get_by_label("Shows").select_option(label="Recall by class")
    expect(form.locator("[data-ticks]")).to_be_hidden()
    form.get_by_label("Classes", exact=True).select_option("chosen")
    expect(form.locator("[data-ticks]")).to_be_visible()
    expect(form.get_by_label("How many")).to_be_hidden()


def test_keys_and_buttons_move_a_block_and_the_focus_stays(three):
    grip = three.locator("[data-grip]").first
    grip.focus()
    grip.press("ArrowDown")
    expect(three.locator("[data-moved]")).to_contain_text("place 2 of 3", timeout=SOON_MS)
    assert titles(three) == ["Second", "First", "Third"] and grip.page.evaluate("document.activeElement.matches('[data-grip]')")
    with three.expect_response(re.compile("/move/$")):  # the words are those of the move before
        three.get_by_role("button", name="Move block 3 up").click()
    expect(three.locator("[data-moved]")).to_contain_text("place 2 of 3", timeout=SOON_MS)
    three.reload()
    assert titles(three) == ["Second", "Third", "First"]


def test_the_pointer_drags_a_block(composing):
    for title in ("First", "Second", "Third"):  # short ones: a page that scrolls under Playwright's pointer begins no drag
        add(composing, "Text", title=title, text="Some words.")
    composing.goto(composing.url.split("#")[0])
    with composing.expect_response(re.compile("/move/$")):
        composing.locator("[data-grip]").nth(2).drag_to(composing.locator("[data-block]").first, target_position={"x": 40, "y": 4})
    composing.reload()
    assert titles(composing) == ["Third", "First", "Second"]


def test_a_block_is_changed_and_taken_out(three):
    three.get_by_role("link", name="Change block 1").click()
    three.locator("[name=title]").fill("Otherwise")
    three.get_by_role("button", name="Save").click()
    three.wait_for_url(re.compile("#block-"))
    assert titles(three)[0] == "Otherwise"
    three.get_by_role("button", name="Take block 2 out").click()
    three.get_by_role("button", name="Take it out").locator("visible=true").click()
    expect(three.locator("[data-block]")).to_have_count(2)
    assert titles(three) == ["Otherwise", "Third"]


def test_who_looks_at_the_report_is_told_that_its_blocks_changed(composing, another):
    theirs = another()
    theirs.context.add_cookies(composing.context.cookies())
    theirs.goto(composing.url.split("blocks/")[0])
    add(composing, "Text", title="New words", text="They are new.")
    expect(theirs.locator("#blocks-changed")).to_be_visible(timeout=SOON_MS)
    theirs.get_by_role("link", name="Show them").click()
    expect(theirs.get_by_role("heading", name="New words")).to_be_visible()


def test_a_stranger_sees_them_without_a_barrier(three, another):
    three.get_by_role("link", name="To the report").click()
    three.get_by_role("button", name="Make a link").click()
    stranger = another()
    stranger.goto(three.get_by_label("The new link, shown this once").input_value())
    expect(stranger.locator("#block-2-chart[data-drawn]")).to_be_visible()
    expect(stranger.locator("#block-3 .shot img").first).to_be_visible()
    settle(stranger)
    assert not barriers(stranger)
