"""The overview of an evaluation in a real browser: curves of a class, sliders, a threshold that Classify heeds."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from classifier.metrics import wilson_f1
from tests.browser.world import COLOURS, PATIENCE_MS, WAIT_MS, World, comes_to, picture
from webapp.core import contrast
from webapp.experiments.matrix_charts import confusion

pytestmark = pytest.mark.browser
# Draws a figure beside the page's own and gives the colour of the number in each cell, by what it says.
NUMBERS = """async (figure) => {
  const host = document.body.appendChild(document.createElement("div"));
  await window.Plotly.newPlot(host, figure.data, { width: 1200, height: 900 });
  const seen = [...host.querySelectorAll(".heatmap-label text")].map((text) => [text.textContent, getComputedStyle(text).fill]);
  host.remove();
  return Object.fromEntries(seen);
}"""

# All that was said of the time left, a line each; it may stand there for less than a second, and the page is loaded anew behind it.
LEFT = """new MutationObserver(() => {
  const words = document.querySelector("[data-left]")?.textContent ?? "";
  const before = sessionStorage.getItem("left") ?? "";
  if (words && !before.endsWith(`${words}\\n`)) sessionStorage.setItem("left", `${before}${words}\\n`);
}).observe(document, { childList: true, characterData: true, subtree: true });"""


@pytest.fixture
def overview(signed_in_page: Page, world: World) -> Page:
    """On the overview of the second evaluation, drawn."""
    page = signed_in_page
    page.goto(f"/evaluations/{world.evaluation}/")
    expect(page.locator("#coverage-chart[data-drawn]")).to_be_visible(timeout=PATIENCE_MS)
    return page


def slide(page: Page, slider: str, place: int) -> None:
    """Moves a slider as a hand would: its input event follows."""
    page.locator(slider).evaluate(
        "(range, place) => { range.value = place; range.dispatchEvent(new Event('input', {bubbles: true})); }", place
    )


def test_a_class_is_chosen_by_keyboard_and_its_curves_follow(overview, complaints):
    buttons = overview.locator("#class-list button[data-class]")
    last = buttons.last
    name = last.inner_text()
    expect(overview.locator("#class-list button[data-class][tabindex='0']")).to_have_count(1)  # a thousand classes are one stop of Tab
    buttons.first.focus()
    overview.keyboard.press("End")
    expect(last).to_be_focused()
    overview.keyboard.press("Enter")
    expect(overview.locator("#curves-name")).to_have_text(name)
    expect(last).to_have_attribute("aria-pressed", "true")
    assert buttons.count() == 3 and complaints == []


def test_the_threshold_of_a_class_moves_its_words_and_the_marks_of_both_curves(overview, complaints):
    slide(overview, "#class-range", 0)
    overview.locator("#roc-chart").scroll_into_view_if_needed()
    expect(overview.locator("#class-words")).to_contain_text(re.compile("^Said of 18 images, 6 of them rightly: precision 33.3 %"))
    low, high = wilson_f1(6, 18)
    expect(overview.locator("#class-words")).to_contain_text(f"F1 0.50 ({low:.2f} to {high:.2f})")  # as the live page has it
    comes_to(overview, lambda: overview.evaluate("document.getElementById('roc-chart').data.at(-1).x[0]"), 1)
    overview.get_by_role("button", name="Best F1").click()
    expect(overview.locator("#class-words")).to_contain_text("Said of 6 images, 6 of them rightly")
    comes_to(overview, lambda: overview.evaluate("document.getElementById('pr-chart').data.at(-1).y[0]"), 1)
    assert complaints == []


@pytest.mark.parametrize("width", [390, 1000, 1440])
def test_the_table_by_class_is_seen_whole(overview, width):
    overview.set_viewport_size({"width": width, "height": 900})
    box = overview.locator(".by-class .table-box")
    comes_to(overview, lambda: box.evaluate("box => box.scrollWidth - box.clientWidth"), 0)


def test_any_k_is_read_off_at_once(overview):
    overview.select_option("#top-k", "1")
    first = overview.locator("#top-k-value").inner_text()
    assert re.fullmatch(r"[\d.]+ %", first) and overview.locator("#top-k-span").inner_text()


def test_a_threshold_that_is_kept_makes_classify_unsure(overview, world, tmp_path, complaints):
    page = overview
    slide(page, "#coverage-range", page.locator("#coverage-range").evaluate("range => Number(range.max) - 1"))
    expect(page.locator("#coverage-value")).to_have_text("99.9 %")
    page.get_by_role("button", name="Keep for this network").click()
    expect(page.get_by_text("says that it is unsure below 99.9 %")).to_be_visible()
    (tmp_path / "between.png").write_bytes(
        picture(tuple((one + other) // 2 for one, other in zip(COLOURS["red"], COLOURS["green"], strict=True)))
    )
    page.goto(f"/classify/?experiment={world.experiment}")
    page.set_input_files("#images", tmp_path / "between.png")
    expect(page.locator("[data-answered=unsure]")).to_contain_text("Unsure", timeout=WAIT_MS)
    page.goto(f"/evaluations/{world.evaluation}/")
    page.get_by_role("button", name="Always answer").click()
    expect(page.get_by_text("answers always")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plotly_writes_numbers_in_the_colour_that_contrast_reckons_with(overview, theme):
    values = contrast.read()[theme]
    counts = np.diag(np.arange(1, 21))  # the diagonal takes each twentieth of its scale
    figure = json.dumps(confusion(counts, [f"c{at}" for at in range(20)]))
    seen = overview.evaluate(NUMBERS, json.loads(re.sub(r"var\(--([\w-]+)\)", lambda token: values[token[1]], figure)))
    halves = {share: contrast.shades("matrix", values, 10)[share + (share >= 10)] for share in range(1, 21)}
    expected = {str(share): contrast.number_colour(shade) for share, shade in halves.items()}
    assert {share: "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", fill)) for share, fill in seen.items()} == expected


def test_another_evaluation_is_asked_for_from_the_page(overview, world):
    page = overview
    page.add_init_script(LEFT)
    page.get_by_role("link", name="Evaluate…").first.click()
    expect(page.get_by_label("Checkpoint")).to_contain_text(re.compile("best, epoch \\d+: validation"))
    page.get_by_label("Split").select_option("train")
    page.get_by_label("Views of each image").select_option("flip")
    page.get_by_role("button", name="Evaluate").click()
    expect(page.locator("[data-pill]")).to_have_text("Evaluating", timeout=WAIT_MS)
    expect(page.get_by_role("heading", name="By class")).to_be_visible(timeout=WAIT_MS)
    assert re.search(r"^\d+ s left$", page.evaluate("sessionStorage.getItem('left') ?? ''"), re.M)
    expect(page.get_by_text("with its mirror image").first).to_be_visible()
