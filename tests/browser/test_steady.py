"""Nothing moves under the reader's eye while a training tells its values."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import TRAINING_MS, WAIT_MS, World, launch

MOST = 0.02  # cumulative layout shift, without what follows a key or a click
WATCH_MS = 12_000
SIZES = ((1100, 800), (390, 844))  # of more windows on it, beside the usual one
OBSERVE = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node }) => (node?.nodeType === 1 ? node : node?.parentElement)?.outerHTML.slice(0, 90));
    window.shifts.push([entry.value, ...moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# {chart: the heights that it had, from the first on}
HEIGHTS = """
window.heights = {};
const seen = new ResizeObserver((all) => {
  for (const { target, contentRect } of all) {
    if (contentRect.height) (window.heights[target.id] ??= []).push(Math.round(contentRect.height));
  }
});
new MutationObserver(() => { for (const host of document.querySelectorAll("[data-chart]")) seen.observe(host); })
  .observe(document, { childList: true, subtree: true });
"""
# {id: all words that it had}
SAID = """
window.said = { "live-epoch": [], "live-step": [] };
new MutationObserver((all) => {
  for (const { target, addedNodes } of all)
    if (target.id in window.said) window.said[target.id].push(...[...addedNodes].map((node) => node.textContent));
}).observe(document, { childList: true, subtree: true });
"""


def moved(page: Page) -> list[list[object]]:
    """What moved so far, with how much."""
    return page.evaluate("window.shifts")


def total(shifts: list[list[object]]) -> float:
    return sum(float(shift[0]) for shift in shifts)


@pytest.fixture
def watched(signed_in_page: Page, dataset: str) -> Page:
    """A signed-in page that counts what moves on it."""
    signed_in_page.add_init_script(OBSERVE)
    return signed_in_page


def in_window(page: Page, width: int, height: int) -> Page:
    """The same page in another window, watched too."""
    other = page.context.new_page()
    other.set_viewport_size({"width": width, "height": height})
    other.add_init_script(OBSERVE)
    other.goto(page.url)
    return other


def test_the_page_of_a_training_stands_still_to_its_end(watched: Page) -> None:
    launch(watched, "Steady", epochs=100)  # so many that one is seen between start and test
    expect(watched.locator("#live-epoch")).to_contain_text("of 100", timeout=WAIT_MS)
    watched.reload()
    windows = [watched, *(in_window(watched, *size) for size in SIZES)]
    for page in windows:
        expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
        page.wait_for_timeout(2_000)
    for page in windows:
        assert total(moved(page)) < MOST, (page.viewport_size, *moved(page))


def test_what_it_does_between_its_steps_takes_the_place_of_the_step(signed_in_page: Page, dataset: str) -> None:
    page = signed_in_page
    page.add_init_script(SAID)
    launch(page, "Places", epochs=20)
    expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    said = page.evaluate("window.said")
    places = said["live-epoch"]
    first = next(at for at, words in enumerate(places) if words.startswith("Epoch"))
    assert [words for words in places[first:] if not words.startswith("Epoch")] == []
    assert any(words.startswith("testing") for words in said["live-step"]), said


@pytest.mark.parametrize("path", ["/", "/queue/"])
def test_a_list_stands_still_while_its_jobs_move(watched: Page, path: str) -> None:
    launch(watched, "Longer", epochs=2_000)  # more than it can do while it is watched
    expect(watched.locator("#live-epoch")).to_contain_text("of 2", timeout=WAIT_MS)
    here = watched.url
    watched.goto(path)
    watched.wait_for_timeout(WATCH_MS)
    shifts = moved(watched)
    watched.goto(here)
    watched.get_by_role("button", name="Cancel").click()
    expect(watched.locator("[data-region=pill]")).to_have_text("Cancelled", timeout=WAIT_MS)
    assert total(shifts) < MOST, shifts


@pytest.mark.parametrize("path", ["/experiments/{0.experiment}/", "/reports/{0.report}/"])
def test_charts_of_few_classes_have_the_room_that_they_take_before_they_are_drawn(world: World, signed_in_page: Page, path: str) -> None:
    page = signed_in_page
    page.set_viewport_size({"width": 1440, "height": 2400})
    page.add_init_script(HEIGHTS)
    page.goto(path.format(world))
    expect(page.locator("#matrix-chart[data-drawn]")).to_be_visible()
    page.wait_for_timeout(1_000)
    heights = page.evaluate("window.heights")
    assert heights and {name: found for name, found in heights.items() if len(set(found)) > 1} == {}
