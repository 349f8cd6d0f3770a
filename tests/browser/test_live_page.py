"""The live page closely looked at: smoothing, steps, the same images, the log."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import WAIT_MS, comes_to, launch

pytestmark = pytest.mark.browser

# What comes and what is taken, in order, of answers that take so many milliseconds each.
TAKEN = """async (waits) => {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  const { together } = await import(files.find((file) => /\\/together[.\\w]*\\.js$/.test(file)));
  const said = [];
  const coming = (ms) => new Promise((resolve) => setTimeout(() => { said.push(`${ms} came`); resolve(ms); }, ms));
  await Promise.all(waits.map((ms) => together(coming(ms)).then(() => said.push(`${ms} taken`))));
  return said;
}"""


def names(page: Page, chart: str) -> list[str]:
    """What the curves of a chart are called."""
    return page.evaluate(f"(document.getElementById('{chart}').data ?? []).map((trace) => trace.name)")


def shown(page: Page, chart: str) -> list[float]:
    """The steps or epochs of its first curve."""
    return page.evaluate(f"Array.from(document.getElementById('{chart}').data?.[0]?.x ?? [])")


def smooth(page: Page, share: int) -> None:
    page.get_by_label("Smoothing").fill(str(share))


def test_curves_are_smoothed_by_a_slider_that_is_remembered(trained, complaints):
    page = trained
    comes_to(page, lambda: names(page, "loss-chart"), ["train", "validation"])
    smooth(page, 30)
    expect(page.locator("#smoothing-words")).to_have_text("30 % of the run")
    page.get_by_role("button", name="step", exact=True).click()
    comes_to(page, lambda: names(page, "loss-chart"), ["training loss", "validation", "training loss, smoothed"])
    page.reload()
    page.locator("#learning-chart").scroll_into_view_if_needed()
    comes_to(page, lambda: names(page, "learning-chart"), ["learning rate", "learning rate, smoothed"])
    expect(page.get_by_label("Smoothing")).to_have_value("30")
    smooth(page, 0)
    expect(page.locator("#smoothing-words")).to_have_text("off")
    comes_to(page, lambda: names(page, "learning-chart"), ["learning rate"])
    smooth(page, 2)
    assert complaints == []


def test_the_sliders_arrows_are_its_own(trained):
    page = trained
    expect(page.locator(".scrub__value")).to_have_text("4")
    page.get_by_label("Smoothing").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#smoothing-words")).to_have_text("1 % of the run")
    expect(page.locator(".scrub__value")).to_have_text("4")


def test_each_step_tells_rate_norm_speed_waiting_and_use(trained, complaints):
    page = trained
    for chart, button in (("learning-chart", "gradient norm"), ("speed-chart", "waiting for data"), ("speed-chart", "device use")):
        page.get_by_role("button", name=button, exact=True).click()
        comes_to(page, lambda chart=chart: len(shown(page, chart)) > 10, True)
        assert page.evaluate(f"document.getElementById('{chart}').data[0].y.every(Number.isFinite)")
    assert complaints == []


def test_a_closer_look_asks_for_its_part_and_stays_while_points_come(dataset, signed_in_page, complaints):
    page = signed_in_page
    launch(page, "Looked at closely", epochs=2_000)  # more than it can do while it is looked at
    expect(page.locator(".scrub__value")).not_to_be_empty(timeout=WAIT_MS)
    page.get_by_role("button", name="step", exact=True).click()
    comes_to(page, lambda: len(shown(page, "loss-chart")) > 20, True, WAIT_MS)
    with page.expect_response(re.compile(r"steps/.*from=5&to=9")) as answered:
        page.evaluate("Plotly.relayout('loss-chart', {'xaxis.range': [5, 9]})")
    assert answered.value.json()["steps"]["data"][0]["x"] == list(range(4, 11))
    with page.expect_response(re.compile(r"steps/.*from=5&to=9"), timeout=WAIT_MS):  # more steps came, and it is asked again
        pass
    assert page.evaluate("document.getElementById('loss-chart').layout.xaxis.range") == [5, 9]
    page.locator("#loss-chart .nsewdrag").dblclick()
    comes_to(page, lambda: len(shown(page, "loss-chart")) > 20, True, WAIT_MS)
    assert page.evaluate("document.getElementById('loss-chart').layout.xaxis.range[0]") == 0
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-region=pill]")).to_contain_text("Cancel", timeout=WAIT_MS)
    assert complaints == []


def test_what_curves_say_in_words_grows_with_them(dataset, signed_in_page, complaints):
    page = signed_in_page
    launch(page, "Told as it goes", epochs=3)
    loss, accuracy = page.locator("#loss-chart"), page.locator("#accuracy-chart")
    expect(loss).to_have_attribute("aria-label", re.compile(r"^Loss over 3 of 3 epochs; newest: train \d"), timeout=WAIT_MS)
    expect(accuracy).to_have_attribute("aria-label", re.compile(r"^Accuracy over 3 of 3 epochs; newest validation top-1 [\d.]+ %\.$"))
    grown = loss.get_attribute("aria-label")
    page.reload()
    expect(loss).to_have_attribute("data-drawn", "")
    expect(loss).to_have_attribute("aria-label", grown)
    assert complaints == []


# Names the charts that are drawn from now on.
PAINTS = """() => {
  const { react } = Plotly;
  window.painted = [];
  Plotly.react = (host, ...more) => { window.painted.push(host.id); return react(host, ...more); };
}"""


def test_a_chart_out_of_sight_is_drawn_anew_once_it_is_seen(trained):
    page = trained
    page.set_viewport_size({"width": 1440, "height": 500})
    page.reload()
    expect(page.locator("#matrix-chart")).to_have_attribute("data-drawn", "")  # at first all are
    page.evaluate(PAINTS)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".watched__head")).to_contain_text("after epoch 3")
    assert page.evaluate("window.painted") == []
    page.locator("#matrix-chart").scroll_into_view_if_needed()
    comes_to(page, lambda: "matrix-chart" in page.evaluate("window.painted"), True)


# Names the charts whose size is asked of the page's layout from now on.
ASKED = """() => {
  const { getComputedStyle } = window;
  window.measured = [];
  window.getComputedStyle = (element, ...more) => { window.measured.push(element.id); return getComputedStyle(element, ...more); };
}"""
WIDE = "((svg) => svg.width.baseVal.value - svg.closest('[data-chart]').clientWidth)(document.querySelector('#class-chart .main-svg'))"


def test_a_chart_is_drawn_anew_in_the_size_that_it_has_and_goes_on_to_follow_the_window(trained):
    page = trained
    page.locator("#class-chart").scroll_into_view_if_needed()
    page.evaluate(PAINTS)
    page.evaluate(ASKED)
    page.keyboard.press("ArrowLeft")
    comes_to(page, lambda: "class-chart" in page.evaluate("window.painted"), True)
    assert "class-chart" not in page.evaluate("window.measured")  # else the whole page is laid out in the middle of an update
    before = page.evaluate("document.getElementById('class-chart').clientWidth")
    page.set_viewport_size({"width": 1024, "height": 900})
    comes_to(page, lambda: page.evaluate("document.getElementById('class-chart').clientWidth") < before, True)
    comes_to(page, lambda: abs(page.evaluate(WIDE)) < 1, True)


# Names what Plotly is called for from its first call on, and by which chart.
CALLS = """
let plotly;
window.calls = [];
Object.defineProperty(window, "Plotly", { configurable: true, get: () => plotly, set: (value) => {
  plotly = value;
  for (const name of ["react", "relayout"]) {
    const own = value[name];
    value[name] = (host, ...more) => { window.calls.push(`${name} ${host.id}`); return own(host, ...more); };
  }
} });
"""
# From now on counts how often a chart is painted, whoever asked for it.
PAINTED = """() => {
  window.calls = [];
  window.painted = 0;
  document.getElementById("loss-chart").on("plotly_afterplot", () => { window.painted += 1; });
}"""
LOSS_FITS = """() => {
  const [svg, { clientWidth }] = [document.querySelector("#loss-chart .main-svg"), document.getElementById("loss-chart")];
  return Math.abs(svg.width.baseVal.value - clientWidth) <= 1;
}"""
NARROW = "document.getElementById('loss-chart').closest('.card').style.width = '320px'"  # as a panel does that opens beside it


def test_charts_are_drawn_once_at_first_and_follow_their_card(trained, complaints):
    page = trained
    page.add_init_script(CALLS)
    page.reload()
    expect(page.locator("#matrix-chart")).to_have_attribute("data-drawn", "")
    page.wait_for_timeout(1_000)
    ids = page.evaluate("[...document.querySelectorAll('[data-chart]')].map(({ id }) => id)")
    calls = page.evaluate("window.calls")
    assert [call for call in calls if call.startswith("relayout")] == [] and {call.split()[1] for call in calls} == set(ids)
    page.evaluate(PAINTED)
    page.evaluate(NARROW)
    comes_to(page, lambda: page.evaluate(LOSS_FITS), True)
    assert page.evaluate("[window.calls, window.painted]") == [["relayout loss-chart"], 1]
    page.evaluate("document.getElementById('loss-chart').closest('.card').style.width = ''")
    comes_to(page, lambda: page.evaluate(LOSS_FITS), True)
    page.wait_for_timeout(200)
    page.evaluate("window.painted = 0")
    page.set_viewport_size({"width": 1100, "height": 900})
    comes_to(page, lambda: page.evaluate(LOSS_FITS), True)
    page.wait_for_timeout(500)  # by then Plotly's own would have followed the window
    assert page.evaluate("window.painted") == 1
    assert complaints == []


# Adds a point to the curve of the validation loss, by the page's own module.
ADDS = """async ([x, y]) => {
  const charts = performance.getEntriesByType("resource").map(({ name }) => name).find((name) => name.includes("/js/charts."));
  (await import(charts)).append("figure-loss", { 1: [x, y] });
}"""
# Counts what is drawn anew on the axes from now on.
AXES = """() => {
  window.onAxes = 0;
  const observer = new MutationObserver((records) => { window.onAxes += records.length; });
  for (const layer of document.querySelectorAll("#loss-chart :is(.xaxislayer-above, .yaxislayer-above)")) {
    observer.observe(layer, { subtree: true, childList: true, attributes: true });
  }
}"""
LINE = "document.querySelector('#loss-chart .scatterlayer .trace:nth-child(2) .js-line').getAttribute('d')"


def test_points_that_come_are_drawn_without_the_axes_while_these_stay_the_same(trained, complaints):
    page = trained
    smooth(page, 0)
    highest = page.evaluate("Math.max(...document.getElementById('loss-chart').data.flatMap(({ y }) => y))")
    points = "document.getElementById('loss-chart').data[1].x.length"
    before = page.evaluate(points)
    page.evaluate(ADDS, [4.01, highest / 2])  # from here on with the margins that the labels need
    comes_to(page, lambda: page.evaluate(points), before + 1)
    page.wait_for_timeout(200)
    line, reach = page.evaluate(LINE), page.evaluate("document.getElementById('loss-chart').layout.yaxis.range")
    page.evaluate(AXES)
    page.evaluate(ADDS, [4.02, highest / 3])
    comes_to(page, lambda: page.evaluate(points), before + 2)
    comes_to(page, lambda: page.evaluate(LINE) != line, True)
    assert page.evaluate("window.onAxes") == 0
    page.evaluate(ADDS, [4.03, 3 * highest])  # beyond the axis
    comes_to(page, lambda: page.evaluate("window.onAxes") > 0, True)
    assert page.evaluate("document.getElementById('loss-chart').layout.yaxis.range[1]") > 3 * highest > reach[1]
    smooth(page, 2)
    assert complaints == []


# Of each chart: how often Plotly began anew for want of room, and how far its leftmost label reaches beyond it.
ROOM = """(ids) => ids.map((id) => {
  const host = document.getElementById(id);
  const labels = [...host.querySelectorAll(".ytick text")].map((label) => label.getBoundingClientRect().left);
  return [host._fullLayout._redrawFromAutoMarginCount ?? null, Math.min(...labels) >= host.getBoundingClientRect().left];
})"""


def test_charts_are_drawn_once_with_room_for_their_labels(trained):
    page = trained
    page.reload()
    expect(page.locator("#matrix-chart")).to_have_attribute("data-drawn", "")
    assert page.evaluate(ROOM, ["loss-chart", "accuracy-chart", "class-chart", "matrix-chart"]) == [[None, True]] * 4
    assert page.evaluate("document.getElementById('class-chart').layout.yaxis.automargin") is False  # each name would be measured


def test_while_it_is_followed_only_what_is_in_sight_is_asked_for(dataset, signed_in_page, complaints):
    page = signed_in_page
    page.set_viewport_size({"width": 1440, "height": 400})
    launch(page, "Followed at its top", epochs=2_000)  # more than it can do while it is looked at
    expect(page.locator("#matrix-chart")).to_have_attribute("data-drawn", "", timeout=WAIT_MS)  # at first all is drawn
    expect(page.locator("[data-watched]").first).to_be_attached(timeout=WAIT_MS)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    place = page.locator(".scrub__value").inner_text()
    comes_to(page, lambda: page.locator(".scrub__value").inner_text() not in (place, str(int(float(place)) + 1)), True, WAIT_MS)
    matrices = [url for url in asked if "/matrix/" in url]
    assert matrices and all(url.endswith("?of=") for url in matrices)
    assert not [url for url in asked if "/log/" in url or "/steps/" in url]
    with page.expect_request(re.compile(r"/matrix/\?(epoch=[\d.]+&)?of=recall%2Ccounts")):
        page.locator("#class-chart").scroll_into_view_if_needed()
    with page.expect_request(re.compile(r"/steps/.*of=rate%2Cspeed")):
        page.locator("#learning-chart").scroll_into_view_if_needed()
    with page.expect_request(re.compile("/log/")):
        page.locator("#log").scroll_into_view_if_needed()
    expect(page.locator("#log")).to_contain_text("epoch", timeout=WAIT_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-region=pill]")).to_contain_text("Cancel", timeout=WAIT_MS)
    assert complaints == []


def test_answers_that_are_asked_for_together_are_taken_together_but_wait_for_no_late_one(trained):
    *came, one, other = trained.evaluate(TAKEN, [1, 90])
    assert came == ["1 came", "90 came"] and {one, other} == {"1 taken", "90 taken"}
    assert trained.evaluate(TAKEN, [1, 3_000])[:2] == ["1 came", "1 taken"]


def test_the_same_images_are_seen_as_they_were_named_after_each_epoch(trained, complaints):
    page = trained
    images = page.locator("[data-watched]")
    expect(page.locator(".watched__head")).to_contain_text("after epoch 4")
    first = images.first.locator("img").get_attribute("src")
    assert images.count() > 3 and page.evaluate("document.querySelector('[data-watched] img').complete")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".watched__head")).to_contain_text("after epoch 3")
    expect(images.first.locator("img")).to_have_attribute("src", first)
    assert complaints == []
    images.first.get_by_role("link").click()
    page.wait_for_url(re.compile(r"/images/\d+$"))  # the picture itself, in the browser's own viewer


def test_what_is_not_seen_at_first_comes_when_it_is_asked_for(trained):
    page = trained
    page.get_by_role("button", name="precision", exact=True).click()
    comes_to(page, lambda: page.evaluate("document.getElementById('class-chart').layout.uirevision"), "class-precision")
    page.get_by_role("button", name="by row", exact=True).click()
    comes_to(page, lambda: page.evaluate("document.getElementById('matrix-chart').data[1].texttemplate"), "%{z:.0%}")


def test_the_log_is_searched_as_one_types(trained, complaints):
    page = trained
    page.keyboard.press("/")
    page.keyboard.type("BEST SO far")
    expect(page.locator("#log-found")).to_contain_text("line")
    comes_to(page, lambda: page.locator("#log mark").count() > 0, True)
    assert all("best so far" in line for line in page.locator("#log").inner_text().splitlines())
    page.get_by_label("Search the log").fill("(nothing[like it")
    expect(page.locator("#log-found")).to_have_text("No line has this.")
    page.get_by_label("Search the log").fill("")
    expect(page.locator("#log")).to_contain_text("queued")
    assert complaints == []
