"""An archive as it is understood, and its corrections, in a real browser: a thousand classes, names in any script, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import wrong_with
from tests.browser.world import WAIT_MS, archive_of, picture, pictures
from tests.classifier.server import Served, serving

pytestmark = pytest.mark.browser
LONG = "a_class_whose_name_somebody_made_of_everything_that_is_known_of_it_" * 2
NAMES = ("قطة (صغيرة)", "ねこ・いぬ", "кошка и собака", "חתול 12", LONG)
Opened = Callable[[dict[str, bytes]], Page]


@pytest.fixture
def preview(signed_in_page: Page, tmp_path: Path) -> Iterator[Opened]:
    """Shows how an archive of these files is understood; it is not imported in the end."""

    def show(files: dict[str, bytes]) -> Page:
        signed_in_page.goto("/datasets/new/")
        signed_in_page.set_input_files("#id_archive", archive_of(tmp_path / "shown.zip", iter(files.items())))
        signed_in_page.get_by_role("button", name="Upload and import").click()
        expect(signed_in_page.locator("#preview")).to_be_visible(timeout=WAIT_MS)
        signed_in_page.wait_for_load_state()  # its scripts listen
        return signed_in_page

    yield show
    if signed_in_page.get_by_role("button", name="Do not import it").count():
        signed_in_page.get_by_role("button", name="Do not import it").click()
        expect(signed_in_page.get_by_text("The import was cancelled")).to_be_visible(timeout=WAIT_MS)


def thousand() -> dict[str, bytes]:
    """Names alone: a preview decodes nothing."""
    return {f"set/c{number:03d}/{place}.png": b"" for number in range(1000) for place in range(2)}


def of_all_scripts() -> dict[str, bytes]:
    return {f"{name}/{place}.png": picture((40 * number, 9, 9), place) for number, name in enumerate(NAMES) for place in range(3)}


def test_a_thousand_classes_leave_the_rest_of_the_page_within_reach(preview: Opened, complaints: list[str]) -> None:
    page = preview(thousand())
    expect(page.locator("#preview-classes tbody tr")).to_have_count(1000)
    expect(page.locator("#preview-folders tbody tr")).to_have_count(1001)
    assert page.evaluate("document.documentElement.scrollHeight") < 4_000
    page.get_by_label("Find a class").fill("c99")
    expect(page.locator("#preview-classes tbody tr:visible")).to_have_count(10)
    page.get_by_label("Find a class").fill("zebra")
    expect(page.get_by_text("Nothing has “zebra” in it.")).to_be_visible()
    page.get_by_label("Find a class").fill("c99")
    expect(page.get_by_text("in it. A part of the name is enough.")).to_have_count(0)
    assert complaints == []


def test_a_thousand_folders_are_one_stop_of_tab_and_are_walked_by_arrows(preview: Opened) -> None:
    page = preview(thousand())
    page.get_by_label("Find a folder").focus()
    page.get_by_label("Find a folder").fill("c99")
    page.keyboard.press("Enter")  # decides nothing
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Leave out these 10 folders")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the box that scrolls
    first = page.get_by_label("Leave set/c990 out")
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Leave set/c991 out")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_label("Leave set/c991 out")).to_be_checked()
    expect(page.locator("[name=leave][tabindex='0']:visible")).to_have_count(1)


def test_what_is_found_is_left_out_together(preview: Opened) -> None:
    page = preview(thousand())
    page.get_by_label("Find a folder").fill("c1")
    page.get_by_role("button", name="Leave out these 100 folders").click()
    expect(page.locator("[data-left-count]")).to_have_text("100 left out in all")
    expect(page.get_by_role("status").filter(has_text="Changed. Look again")).to_be_visible()
    page.get_by_role("button", name="Take these 100 folders after all").click()
    page.get_by_label("Find a folder").fill("set/c99")
    page.get_by_label("Leave set/c990 out").check()
    page.get_by_label("Leave set/c994 out").click(modifiers=["Shift"])
    expect(page.locator("[name=leave]:checked")).to_have_count(5)
    page.get_by_role("button", name="Look again with these corrections").click()
    expect(page.locator("#understood-classes")).to_contain_text("995 classes", timeout=WAIT_MS)
    expect(page.locator("#understood-left")).to_contain_text("left out")


def test_enter_in_a_field_looks_again_and_imports_nothing(preview: Opened) -> None:
    page = preview({**dict(pictures(4)), "README.md": b"x"})
    field = page.get_by_label("Group pattern")
    field.fill(r"/\d")
    field.press("Enter")
    expect(page.locator("#understood-groups")).to_contain_text("12 images in 4 groups", timeout=WAIT_MS)
    expect(page.get_by_role("button", name="Import these images")).to_be_visible()
    expect(page.locator("#understood-left")).to_contain_text("1 side file that nobody misses")
    expect(page.locator("#understood-left")).to_contain_text("README.md")


def test_a_level_is_corrected_and_imported_by_keyboard_alone(preview: Opened) -> None:
    files = {
        f"{kind}/{sort}/{n}.png": picture((60 * place, 90, 9), n)
        for place, (kind, sort) in enumerate((("fruit", "apple"), ("fruit", "pear"), ("herb", "dill")))
        for n in range(4)
    }
    page = preview(files)
    field = page.get_by_label("Class folder")
    expect(field.get_by_role("option")).to_have_text(["as found", "level 1, the topmost: fruit, herb", "level 2: apple, dill, pear"])
    field.focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(field).to_have_value("2")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Shown")
    expect(page.locator("[data-tile]")).to_have_count(12, timeout=WAIT_MS)
    expect(page.locator("#facts")).to_contain_text("3 classes")


def test_a_column_is_chosen_by_what_stands_in_it(preview: Opened) -> None:
    table = "file,breed,fur\n" + "".join(f"{n}.png,{'ab'[n % 2]},{('short', 'long')[n // 4]}\n" for n in range(8))
    page = preview({**{f"{n}.png": picture((20 * n, 9, 9)) for n in range(8)}, "pets.csv": table.encode()})
    field = page.get_by_label("Class", exact=True)
    field.select_option(label="fur: short, long")
    page.get_by_role("button", name="Look again with these corrections").click()
    expect(page.locator("#understood-classes")).to_contain_text("short", timeout=WAIT_MS)


def test_long_and_foreign_names_fit_and_have_no_barrier(preview: Opened) -> None:
    page = preview({**of_all_scripts(), "notes/readme.md": b"x", f"{LONG}.mp4": b"x"})
    expect(page.locator("#preview-classes")).to_contain_text("قطة (صغيرة)")
    assert page.locator("#preview-classes tbody td:first-child bdi").first.evaluate("(e) => e.textContent === e.textContent.trim()")
    assert wrong_with(page) == {}


def test_a_look_in_progress_has_no_barrier_and_says_how_far_it_is(signed_in_page: Page, tmp_path: Path) -> None:
    files = [*pictures(40), ("__MACOSX/litter.bin", bytes(3_000_000))]  # so large that no line counts as too slow
    content = archive_of(tmp_path / "slow.zip", iter(files)).read_bytes()
    with serving(Served(content, slow_seconds=600.0)) as served:  # longer than it is looked at
        signed_in_page.goto("/datasets/new/address/")
        signed_in_page.get_by_label("Address", exact=True).fill(served.address)
        signed_in_page.get_by_role("button", name="Download and import").click()
        signed_in_page.wait_for_url(re.compile(r"/datasets/0\w{19}/$"))
        expect(signed_in_page.locator("#import")).to_contain_text("Downloading", timeout=WAIT_MS)
        expect(signed_in_page.locator("#import")).to_contain_text(" left", timeout=WAIT_MS)
        assert wrong_with(signed_in_page) == {}
        signed_in_page.get_by_role("button", name="Cancel").click()
        expect(signed_in_page.get_by_text("The import was cancelled")).to_be_visible(timeout=WAIT_MS)
