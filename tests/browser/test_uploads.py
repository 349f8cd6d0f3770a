"""A large archive in parts: it survives a cut line, a pause and a closed page, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.world import WAIT_MS, archive_of, come_back, comes_to, discard_uploads, pictures

pytestmark = pytest.mark.browser
PARTS = 4  # of the archive, of 8 MB each


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of three colours and of 26 MB of litter, which an import ignores."""
    litter = iter([("__MACOSX/litter.bin", bytes(26_000_000))])
    path = tmp_path_factory.mktemp("large") / "large_colours.zip"
    return archive_of(path, (file for files in (pictures(4), litter) for file in files))


@pytest.fixture
def line(signed_in_page: Page) -> Iterator[dict[str, int]]:
    """On the upload page, whose parts are counted; "let" so many through, the rest find no connection."""
    counted = {"let": 1000, "sent": 0, "cut": 0}

    def part(route: Route) -> None:
        if route.request.method == "PATCH" and counted["sent"] >= counted["let"]:
            counted["cut"] += 1
            return route.abort("internetdisconnected")
        counted["sent"] += route.request.method == "PATCH"
        return route.continue_()

    signed_in_page.route(re.compile(r"/datasets/uploads/\w+/$"), part)
    signed_in_page.goto("/datasets/new/")
    yield counted
    signed_in_page.unroute_all()
    discard_uploads(signed_in_page)


def pick(page: Page, path: Path) -> None:
    page.get_by_label("Drop a zip or tar here").set_input_files(path)


def send(page: Page) -> None:
    look = page.get_by_label("Show me first how it is understood")
    if look.is_enabled():  # not where an upload goes on
        look.uncheck()
    page.get_by_role("button", name="Upload and import").click()


def expect_dataset(page: Page, name: str = "Large colours") -> None:
    """On its page, imported with all its images."""
    page.wait_for_url(re.compile(r"/datasets/0\w{19}/$"), timeout=WAIT_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("[data-tile]")).to_have_count(12, timeout=WAIT_MS)


def test_an_import_that_ends_before_the_page_is_whole_leads_to_the_dataset(signed_in_page: Page, tmp_path: Path) -> None:
    page, late = signed_in_page, list[Route]()
    page.goto("/datasets/new/")
    pick(page, archive_of(tmp_path / "few_colours.zip", pictures(4)))
    page.route("**/js/upload*.js", lambda route: late.append(route), times=1)
    send(page)
    page.wait_for_url(re.compile(r"/datasets/0\w{19}/$"), timeout=WAIT_MS, wait_until="commit")
    comes_to(page, lambda: 'id="import"' in page.request.get(page.url).text(), False, WAIT_MS)
    page.wait_for_timeout(1_500)  # whatever follows the job before the page is whole has seen its end by now
    late[0].continue_()
    expect_dataset(page, "Few colours")


def test_an_upload_goes_on_by_itself_when_the_line_is_back(signed_in_page: Page, line: dict[str, int], large: Path) -> None:
    line["let"] = 2
    pick(signed_in_page, large)
    send(signed_in_page)
    expect(signed_in_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    expect(signed_in_page.get_by_role("status").filter(has_text="cannot be reached")).to_be_visible()
    line["let"] = 1000
    expect_dataset(signed_in_page)
    assert (line["sent"], line["cut"] > 0) == (PARTS, True)


def test_a_browser_that_was_offline_goes_on_at_once(signed_in_page: Page, line: dict[str, int], large: Path) -> None:
    line["let"] = 1
    pick(signed_in_page, large)
    send(signed_in_page)
    expect(signed_in_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    signed_in_page.context.set_offline(True)
    line["let"] = 1000
    signed_in_page.context.set_offline(False)
    expect_dataset(signed_in_page)


def test_the_same_file_goes_on_where_a_closed_page_stopped(signed_in_page: Page, line: dict[str, int], large: Path) -> None:
    line["let"] = 2
    pick(signed_in_page, large)
    signed_in_page.get_by_label("Name", exact=True).fill("Kept name")
    send(signed_in_page)
    expect(signed_in_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    signed_in_page.on("dialog", lambda dialog: dialog.accept())  # one is asked whether to leave
    signed_in_page.goto("/datasets/new/")
    row = signed_in_page.locator("[data-unfinished]")
    expect(row).to_contain_text("large_colours.zip")
    expect(row).to_contain_text("17 MB of 26 MB")
    line["let"] = 1000
    with signed_in_page.expect_file_chooser() as chooser:
        row.get_by_role("button", name="Pick the file again").click()
    chooser.value.set_files(large)
    expect(signed_in_page.get_by_label("Name", exact=True)).to_have_value("Kept name")
    expect(signed_in_page.get_by_label("Name", exact=True)).to_be_disabled()
    signed_in_page.get_by_role("button", name="Go on with the upload").click()
    expect_dataset(signed_in_page, "Kept name")
    assert line["sent"] == PARTS


def test_another_file_is_told_apart_from_the_one_that_was_begun(
    signed_in_page: Page, line: dict[str, int], large: Path, archive: Path
) -> None:
    line["let"] = 1
    pick(signed_in_page, large)
    send(signed_in_page)
    expect(signed_in_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    signed_in_page.get_by_role("button", name="Pause").click()
    signed_in_page.goto("/datasets/new/")
    with signed_in_page.expect_file_chooser() as chooser:
        signed_in_page.get_by_role("button", name="Pick the file again").click()
    chooser.value.set_files(archive)
    expect(signed_in_page.get_by_role("alert")).to_contain_text("That is another file: large_colours.zip")


def test_a_pause_keeps_what_came_and_goes_on_by_keyboard(signed_in_page: Page, line: dict[str, int], large: Path) -> None:
    line["let"] = 2
    pick(signed_in_page, large)
    send(signed_in_page)
    expect(signed_in_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    expect(signed_in_page.get_by_role("button", name="Pause")).to_be_focused()
    signed_in_page.keyboard.press("Enter")
    expect(signed_in_page.get_by_role("status").filter(has_text="Paused.")).to_be_visible()
    line["let"] = 1000
    signed_in_page.keyboard.press("Enter")
    expect_dataset(signed_in_page)
    assert line["sent"] == PARTS


def test_a_cancelled_upload_leaves_nothing_unfinished(signed_in_page: Page, line: dict[str, int], large: Path) -> None:
    line["let"] = 1
    pick(signed_in_page, large)
    send(signed_in_page)
    expect(signed_in_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    signed_in_page.get_by_role("button", name="Cancel").click()
    signed_in_page.get_by_role("dialog").get_by_role("button", name="Cancel and discard").click()
    expect(signed_in_page.get_by_role("button", name="Upload and import")).to_be_enabled()
    signed_in_page.goto("/datasets/new/")
    expect(signed_in_page.locator("[data-unfinished]")).to_have_count(0)


@pytest.mark.parametrize(("reached", "said"), [(True, "what came of it is discarded"), (False, "The server could not be told yet")])
def test_a_cancelled_upload_is_said_to_be_discarded_once_it_is(
    signed_in_page: Page, line: dict[str, int], large: Path, reached: bool, said: str
) -> None:
    page, held = signed_in_page, list[Route]()
    line["let"] = 1
    pick(page, large)
    send(page)
    expect(page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    page.route(
        re.compile(r"/datasets/uploads/\w+/$"), lambda route: held.append(route) if route.request.method == "DELETE" else route.abort()
    )
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel and discard").click()
    expect(page.locator("[data-left]")).to_have_text("discarding what came")
    comes_to(page, lambda: len(held), 1)
    expect(page.locator("[data-said]")).not_to_contain_text("cancelled")
    expect(page.get_by_role("button", name="Upload and import")).to_be_hidden()
    held[0].continue_() if reached else held[0].abort()
    expect(page.locator("[data-said]")).to_contain_text(said)
    expect(page.get_by_role("button", name="Upload and import")).to_be_enabled()


def test_who_is_signed_out_in_the_middle_signs_in_and_goes_on(signed_in_page: Page, line: dict[str, int], large: Path) -> None:
    line["let"] = 2
    pick(signed_in_page, large)
    send(signed_in_page)
    expect(signed_in_page.locator("[data-left]")).to_contain_text("next try in", timeout=WAIT_MS)
    signed_in_page.context.clear_cookies()
    line["let"] = 1000
    expect(signed_in_page.get_by_role("alert")).to_contain_text("You were signed out", timeout=WAIT_MS)
    come_back(signed_in_page)  # in another tab
    signed_in_page.get_by_role("button", name="Go on").click()
    expect_dataset(signed_in_page)
    assert line["sent"] == PARTS


def test_a_disk_without_room_is_said_at_the_field_and_the_upload_can_go_on(signed_in_page: Page, line: dict[str, int], large: Path) -> None:
    full = '{"error": {"code": "storage_full", "message": "The server\'s disk is full.", "fields": {}}}'
    is_full = {"now": True}
    signed_in_page.route(
        re.compile(r"/datasets/uploads/\w+/$"),
        lambda route: (
            route.fulfill(status=507, content_type="application/json", body=full)
            if is_full["now"] and route.request.method == "PATCH"
            else route.fallback()
        ),
    )
    pick(signed_in_page, large)
    send(signed_in_page)
    expect(signed_in_page.get_by_role("alert")).to_have_text("The server's disk is full.", timeout=WAIT_MS)
    is_full["now"] = False
    signed_in_page.get_by_role("button", name="Go on").click()
    expect_dataset(signed_in_page)
