"""Charts by finger: two zoom and move them, one scrolls the page, a tap tells, two show all again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.world import PATIENCE_MS, WAIT_MS, come_back, comes_to, launch, touching
from tests.plugins.stack import Stack

pytestmark = pytest.mark.browser
STEPS = 6  # in which fingers come where they go
THIRD = "[x.d2p(3) / x._length, 1 - y.d2p(h.data[1].y[2]) / y._length]"  # where the validation after the third epoch is drawn


@pytest.fixture
def phone(browser: Browser, stack: Stack, complaints: list[str]) -> Iterator[Page]:
    """A page of a phone, signed in."""
    context = browser.new_context(base_url=stack.base, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield come_back(page)
    context.close()


class Chart(NamedTuple):
    """A chart that fingers are put on, with the places of its drawing area on the screen."""

    page: Page
    id: str
    fingers: Callable[..., None]

    def look(self, words: str) -> Any:
        """Something of its axes `x` and `y`, of its host `h`."""
        names = f"const h = document.getElementById('{self.id}'); const {{ xaxis: x, yaxis: y }} = h._fullLayout;"
        return self.page.evaluate(f"(() => {{ {names} return {words}; }})()")

    def range(self, axis: str) -> list[float]:
        """What it shows of an axis, in the axis's own numbers: powers of a logarithmic one, milliseconds of dates."""
        return self.look(f"{axis}.range.map((end) => {axis}.r2l(end))")

    def at(self, right: float, up: float) -> tuple[float, float]:
        """A place on the screen, by the shares of both axes."""
        words = f"(({{ left, top }}) => [left + x._offset + {right} * x._length, top + y._offset + {1 - up} * y._length])"
        left, top = self.look(f"{words}(h.getBoundingClientRect())")
        return (left, top)

    def two(self, began: list[tuple[float, float]], ended: list[tuple[float, float]]) -> None:
        """Two fingers go from places on the screen to others, in a few steps; one frame each."""
        self.fingers("Start", began[0])
        self.fingers("Start", *began)
        for step in range(1, STEPS + 1):
            pairs = zip(began, ended, strict=True)
            self.fingers("Move", *[(x + (to - x) * step / STEPS, y + (low - y) * step / STEPS) for (x, y), (to, low) in pairs])
            self.page.evaluate("new Promise((done) => requestAnimationFrame(() => done()))")
        self.fingers("End")

    def spread(self, right: float, up: float, across: tuple[float, float] = (0, 0), along: tuple[float, float] = (0, 0)) -> None:
        """From so many pixels beside their middle to so many, sideways and upwards."""
        x, y = self.at(right, up)
        began, ended = ([(x - wide, y - high), (x + wide, y + high)] for wide, high in zip(across, along, strict=True))
        self.two(began, ended)

    def tap(self, right: float = 0.5, up: float = 0.5, times: int = 1) -> None:
        place = self.at(right, up)
        for _ in range(times):  # with nothing asked between two, which would make them two single ones
            self.fingers("Start", place)
            self.fingers("End")


def chart_on(page: Page, id: str) -> Chart:
    """A chart in the middle of the screen, once it is drawn."""
    host = page.locator(f"#{id}")
    expect(host).to_have_attribute("data-drawn", "", timeout=WAIT_MS)
    host.evaluate("(host) => host.scrollIntoView({ block: 'center' })")
    return Chart(page, id, touching(page))


@pytest.fixture
def loss(phone: Page, training: str) -> Chart:
    """The loss of a finished training, on a phone."""
    phone.goto(training)
    return chart_on(phone, "loss-chart")


def width(ends: list[float]) -> float:
    return ends[1] - ends[0]


def under(ends: list[float], share: float) -> float:
    """What stands at a share of an axis."""
    return ends[0] + share * width(ends)


def test_fingers_that_spread_show_half_as_much_around_what_lies_between_them(loss: Chart, complaints: list[str]) -> None:
    before, upright = loss.range("x"), loss.range("y")
    x, y = loss.at(0.6, 0.5)
    loss.two([(x - 35, y), (x + 35, y)], [(x - 70, y - 14), (x + 70, y - 14)])  # which wander a bit up
    after = loss.range("x")
    assert width(after) == pytest.approx(width(before) / 2, rel=0.02)
    assert under(after, 0.6) == pytest.approx(under(before, 0.6), abs=0.01 * width(before))
    assert loss.range("y") == upright and loss.look("y.autorange") is True, "it still follows its values"
    loss.spread(0.6, 0.5, across=(70, 35))
    assert loss.range("x") == pytest.approx(before, abs=0.02 * width(before))
    assert complaints == []


def test_fingers_above_each_other_zoom_the_other_axis_and_aslant_both(loss: Chart) -> None:
    before, upright = loss.range("x"), loss.range("y")
    loss.spread(0.5, 0.4, along=(30, 60))
    assert loss.range("x") == before
    assert width(loss.range("y")) == pytest.approx(width(upright) / 2, rel=0.02)
    assert under(loss.range("y"), 0.4) == pytest.approx(under(upright, 0.4), abs=0.01 * width(upright))
    loss.spread(0.5, 0.5, across=(30, 60), along=(30, 60))
    assert width(loss.range("x")) == pytest.approx(width(before) / 2, rel=0.02)
    assert width(loss.range("y")) == pytest.approx(width(upright) / 4, rel=0.02)


def test_two_fingers_move_what_is_zoomed(loss: Chart) -> None:
    loss.spread(0.5, 0.5, across=(35, 70))
    before, scrolled = loss.range("x"), loss.page.evaluate("scrollY")
    (x, y), length = loss.at(0.5, 0.5), loss.look("x._length")
    loss.two([(x - 40, y), (x + 40, y)], [(x + 20, y), (x + 100, y)])
    gone = 60 / length * width(before)
    assert loss.range("x") == pytest.approx([end - gone for end in before], abs=0.01 * width(before))
    upright = loss.range("y")
    loss.two([(x - 40, y), (x + 40, y)], [(x - 40, y + 50), (x + 40, y + 50)])
    assert width(loss.range("y")) == pytest.approx(width(upright), rel=0.01) and loss.range("y")[0] > upright[0]
    assert loss.page.evaluate("[scrollY, visualViewport.scale]") == [scrolled, 1], "the page stays as it is"


# A computer with a mouse whose screen takes fingers too.
MOUSE = """const asked = window.matchMedia.bind(window);
window.matchMedia = (words) => asked(words.replace("(pointer: coarse)", "(pointer: fine)"));"""


@pytest.mark.parametrize("screen", ["a phone", "a mouse too"])
def test_one_finger_scrolls_the_page_and_leaves_the_chart_as_it_is(phone: Page, training: str, screen: str) -> None:
    if screen == "a mouse too":
        phone.add_init_script(MOUSE)
    phone.goto(training)
    loss = chart_on(phone, "loss-chart")
    assert loss.look("h.layout.dragmode === false") is (screen == "a phone")
    before, scrolled = [loss.range("x"), loss.range("y")], loss.page.evaluate("scrollY")
    x, y = loss.at(0.5, 0.5)
    loss.fingers("Start", (x, y))
    for step in range(1, 9):
        loss.fingers("Move", (x, y - 20 * step))
        loss.page.wait_for_timeout(20)
    loss.fingers("End")
    comes_to(loss.page, lambda: loss.page.evaluate("scrollY") > scrolled + 80, True)
    assert [loss.range("x"), loss.range("y")] == before
    assert loss.page.locator(f"#{loss.id} .zoombox").count() == 0


def test_a_scroll_that_begins_on_a_chart_is_no_click(loss: Chart) -> None:
    loss.page.evaluate("(window.clicks = [], document.getElementById('loss-chart').on('plotly_click', () => window.clicks.push(1)))")
    place = loss.look(THIRD)
    loss.tap(*place)
    comes_to(loss.page, lambda: loss.page.evaluate("window.clicks.length"), 1)
    x, y = loss.at(*place)
    loss.fingers("Start", (x, y))
    for step in range(1, 9):
        loss.fingers("Move", (x, y - 20 * step))
    loss.fingers("End")
    loss.page.wait_for_timeout(300)
    assert loss.page.evaluate("window.clicks.length") == 1


def test_a_tap_tells_keeps_the_zoom_and_two_show_all_again(loss: Chart) -> None:
    before = loss.range("x")
    loss.spread(0.5, 0.5, across=(35, 70))
    closer = loss.range("x")
    assert width(closer) < 0.6 * width(before)
    loss.page.wait_for_timeout(400)
    loss.tap(*loss.look(THIRD))
    expect(loss.page.locator(f"#{loss.id} .hoverlayer .legendtext").first).to_be_visible()
    loss.page.wait_for_timeout(400)
    assert loss.range("x") == closer
    loss.tap(times=2)
    comes_to(loss.page, lambda: loss.range("x"), before)


# Another figure in the host of the loss: of dates, and of powers of ten.
DATES = """async () => {
  const charts = performance.getEntriesByType("resource").map(({ name }) => name).find((name) => name.includes("/js/charts."));
  const { put, show } = await import(charts);
  const data = [{ type: "scatter", mode: "lines", x: ["2026-01-01", "2026-03-01"], y: [0.01, 100] }];
  const xaxis = { type: "date", range: ["2026-01-01", "2026-03-01"] };
  put("figure-dates", { data, layout: { uirevision: "dates", xaxis, yaxis: { type: "log", range: [-2, 2] } } });
  await show(document.getElementById("loss-chart"), "figure-dates");
}"""


def test_axes_of_dates_and_of_powers_zoom_too(loss: Chart) -> None:
    loss.page.evaluate(DATES)
    before, upright = loss.range("x"), loss.range("y")
    loss.spread(0.4, 0.5, across=(35, 70))
    assert width(loss.range("x")) == pytest.approx(width(before) / 2, rel=0.02)
    assert under(loss.range("x"), 0.4) == pytest.approx(under(before, 0.4), abs=0.01 * width(before))
    loss.spread(0.5, 0.5, along=(30, 60))
    assert upright == [-2, 2] and loss.range("y") == pytest.approx([-1, 1], abs=0.05)


def test_a_zoom_by_fingers_asks_for_detail_and_stays_while_points_come(dataset: str, phone: Page, complaints: list[str]) -> None:
    launch(phone, "Pinched while it learns", epochs=2_000)  # more than it can do while it is looked at
    expect(phone.locator(".scrub__value")).not_to_be_empty(timeout=WAIT_MS)
    phone.get_by_role("button", name="step", exact=True).click()
    chart = chart_on(phone, "loss-chart")
    comes_to(phone, lambda: chart.look("h.data[0].x.length > 20"), True, WAIT_MS)
    whole = chart.range("x")
    chart.spread(0.1, 0.5, across=(20, 160))
    closer = chart.range("x")
    assert width(closer) < 0.2 * width(whole)
    comes_to(phone, lambda: chart.look("h.data[0].x.at(-1) <= Math.ceil(x.range[1])"), True, WAIT_MS)  # of that part there is no more
    part = re.escape(urlencode({"from": closer[0], "to": closer[1]}))
    with phone.expect_response(re.compile(f"steps/.*{part}"), timeout=WAIT_MS):  # more steps came, and it is asked again
        pass
    phone.wait_for_timeout(300)
    assert chart.range("x") == closer
    chart.tap(times=2)
    comes_to(phone, lambda: chart.range("x"), whole)
    phone.get_by_role("button", name="Cancel").click()
    expect(phone.locator("[data-region=pill]")).to_contain_text("Cancel", timeout=WAIT_MS)
    assert complaints == []


def test_the_page_itself_zooms_on_charts_that_do_not(loss: Chart) -> None:
    expect(loss.page.locator("#loss-chart")).to_have_css("touch-action", "pan-x pan-y")
    bars = chart_on(loss.page, "class-chart")
    expect(loss.page.locator("#class-chart")).to_have_css("touch-action", "auto")
    before = bars.range("x")
    bars.spread(0.5, 0.5, across=(30, 90))
    comes_to(loss.page, lambda: loss.page.evaluate("visualViewport.scale > 1.2"), True)
    assert bars.range("x") == before


def test_the_file_that_stands_alone_is_zoomed_too(phone: Page, report: Page, tmp_path: Path, complaints: list[str]) -> None:
    with report.expect_download() as download:
        report.get_by_role("link", name=re.compile("^HTML")).first.click()
    download.value.save_as(tmp_path / "report.html")
    phone.context.set_offline(True)
    phone.goto((tmp_path / "report.html").as_uri())
    matrix = chart_on(phone, "matrix-chart")
    phone.evaluate("Plotly.relayout('matrix-chart', {'xaxis.fixedrange': false})")  # as it is of many classes
    expect(phone.locator("#matrix-chart")).to_have_attribute("data-pinch", "")
    before = matrix.range("x")
    matrix.spread(0.5, 0.5, across=(35, 70))
    assert width(matrix.range("x")) == pytest.approx(width(before) / 2, rel=0.02)
    assert complaints == []


def test_who_has_a_finger_is_told_what_two_do(loss: Chart, trained: Page) -> None:
    words = re.compile("Two fingers zoom")
    expect(loss.page.get_by_text(words)).to_be_visible()
    expect(trained.get_by_text(words)).to_be_hidden()
