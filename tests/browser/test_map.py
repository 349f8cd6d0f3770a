"""The map of an evaluation's images: lassoed, opened, relabelled, and by keyboard, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.world import PATIENCE_MS, TRAINING_MS, World, comes_to

pytestmark = pytest.mark.browser
# What is drawn from now on, by the canvas's own words.
COUNT = """() => {
  window.drawn = 0;
  const own = CanvasRenderingContext2D.prototype.fillRect;
  CanvasRenderingContext2D.prototype.fillRect = function (...place) { window.drawn += 1; return own.apply(this, place); };
}"""
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# How many pixels of the map have which colour, of those that are not its ground.
COLOURS = """() => {
  const canvas = document.querySelector("canvas");
  const found = {};
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (const pixel of new Uint32Array(data.buffer)) found[pixel] = (found[pixel] ?? 0) + 1;
  const ground = Object.keys(found).sort((one, other) => found[other] - found[one])[0];
  return Object.fromEntries(Object.entries(found).filter(([pixel]) => pixel !== ground));
}"""
# Two points, red and blue, on white; the blue one is in front.
DOTS = """async (changed) => {
  const address = performance.getEntriesByType("resource").map(({ name }) => name).find((name) => /\\/plane_dots[.\\w]*\\.js$/.test(name));
  const { Dots } = await import(address);
  const dots = new Dots();
  dots.sized(20, 10);
  dots.colour({ colours: ["#ff0000", "#0000ff"], ground: "#ffffff" });
  const paint = { of: [0, 1], front: 1 };
  const points = { x: [2, 10], y: [5, 5], hidden: [0, 0], chosen: [0, 0], order: [0, 1], paint, lit: null };
  const sizeOf = (count) => (changed.large ? 2 + 2 / count : 2);
  dots.paint({ ...points, sizeOf, size: 2, ratio: 1, zoom: 1, left: 0, top: 0, ...changed });
  const { data } = dots.canvas.getContext("2d").getImageData(0, 0, 20, 10);
  const found = {};
  for (let at = 0; at < data.length; at += 4) {
    const colour = data.slice(at, at + 3).join(" ");
    found[colour] = (found[colour] ?? 0) + 1;
  }
  delete found["255 255 255"];
  return found;
}"""


@pytest.fixture
def mapped(world: World, signed_in_page: Page) -> Page:
    """The page with its points drawn."""
    signed_in_page.goto(f"/evaluations/{world.evaluation}/map/")
    expect(signed_in_page.locator("canvas[data-drawn]:not([data-drawn='0'])")).to_be_visible(timeout=PATIENCE_MS)
    return signed_in_page


def drawn_around(page: Page) -> None:
    """A line around all of the map."""
    box = page.locator("canvas").bounding_box()
    assert box
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    for across, down in corners:
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=4)
    page.mouse.up()


def test_a_lasso_brings_the_images_and_a_click_opens_one(mapped: Page) -> None:
    drawn_around(mapped)
    expect(mapped.locator("[data-map-count]")).to_have_text(re.compile(r"^\d+ images, "))
    images = int(mapped.locator("canvas").get_attribute("data-drawn") or 0)
    expect(mapped.locator("[data-tile]")).to_have_count(min(images, 60))
    mapped.locator("[data-open]").first.click()
    expect(mapped.locator("[data-shown]")).to_contain_text("sure of")
    expect(mapped.locator("#map-one")).to_contain_text("Nearest training images")
    mapped.get_by_role("button", name="Let go").click()
    expect(mapped.locator("[data-tile]")).to_have_count(0)


def test_a_map_without_room_is_drawn_once_it_has_some(mapped: Page, complaints: list[str]) -> None:
    for height in ("0px", ""):
        mapped.evaluate("(height) => { document.querySelector('canvas').style.height = height; }", height)
        mapped.evaluate(FRAME)
    comes_to(mapped, lambda: mapped.evaluate("document.querySelector('canvas').height > 0"), True)
    assert sum(mapped.evaluate(COLOURS).values()) > 0 and complaints == []


def test_a_picture_that_cannot_be_had_says_so(mapped: Page) -> None:
    """As of a dataset that went to the trash meanwhile, whose images are found by nobody."""
    mapped.route(re.compile(r"/images/\d+(/thumb)?$"), lambda route: route.fulfill(status=404))
    drawn_around(mapped)
    frame = mapped.locator("[data-open]").first
    expect(frame).to_have_text("no image")
    expect(frame.locator("[title*='its dataset lies in the trash']")).to_be_visible()
    frame.click()
    expect(mapped.locator(".map-point__frame")).to_have_text("no image")


def test_images_that_nobody_looks_at_any_more_are_not_fetched_to_the_end(mapped: Page) -> None:
    mapped.route(re.compile(r"/thumb$"), lambda route: None)  # they are on their way for ever
    drawn_around(mapped)
    expect(mapped.locator("[data-tile] img[src]").first).to_be_attached()
    mapped.evaluate("() => { window.left = [...document.querySelectorAll('[data-map-tiles] img')]; }")
    mapped.get_by_role("button", name="Let go").click()
    expect(mapped.locator("[data-tile]")).to_have_count(0)
    sources = mapped.evaluate("window.left.map((image) => image.getAttribute('src'))")
    assert sources and set(sources) == {None}


def test_the_image_that_was_clicked_last_stays_however_late_another_comes(mapped: Page) -> None:
    drawn_around(mapped)
    tiles = mapped.locator("[data-open]")
    expect(tiles.nth(1)).to_be_visible()
    first, second = (tiles.nth(place).get_attribute("data-open") for place in (0, 1))
    late: list[Route] = []
    mapped.route(re.compile(rf"/map/point/.*point={first}$"), lambda route: late.append(route))
    with mapped.expect_request(re.compile(rf"point={first}$")):
        tiles.nth(0).click()
    tiles.nth(1).click()
    expect(mapped.locator(f"[data-shown='{second}']")).to_be_visible()
    with mapped.expect_response(re.compile(rf"point={first}$")):
        late[0].continue_()
    mapped.evaluate("() => new Promise((done) => setTimeout(done, 200))")
    expect(mapped.locator(f"[data-shown='{second}']")).to_be_visible()


@pytest.mark.parametrize(
    ("changed", "colours"),
    [
        ({}, {"255 37 37": 4, "0 0 255": 9}),  # red over some of the white; what is in front is whole, and larger
        ({"chosen": [0, 1]}, {"255 204 204": 4, "0 0 255": 9}),  # who is not chosen is faint
        ({"chosen": [0, 1], "large": True}, {"255 204 204": 4, "0 0 255": 25}),  # few are larger, so that they are found among many
        ({"hidden": [1, 0]}, {"0 0 255": 9}),
        ({"size": 1, "ratio": 2, "zoom": 0.5}, {"255 37 37": 4, "0 0 255": 9}),  # of a finer screen twice as many pixels
        ({"left": -3, "top": -5}, {"255 37 37": 0, "0 0 255": 6}),  # what lies outside is cut at the edge
    ],
)
def test_points_are_squares_of_whole_pixels_blended_over_the_ground(mapped: Page, changed: dict, colours: dict) -> None:
    assert mapped.evaluate(DOTS, changed) == {colour: count for colour, count in colours.items() if count}


def test_points_are_painted_without_a_rectangle_each(mapped: Page) -> None:
    mapped.evaluate(COUNT)
    before = mapped.evaluate(COLOURS)
    assert len(before) > 1
    mapped.get_by_role("button", name="Zoom in").click()
    mapped.evaluate(FRAME)
    assert mapped.evaluate("window.drawn") == 0
    assert sum(mapped.evaluate(COLOURS).values()) != sum(before.values())


def test_a_line_of_the_legend_that_is_pointed_at_or_stood_on_lights_its_points(mapped: Page) -> None:
    before = mapped.evaluate(COLOURS)
    line = mapped.locator(".map-legend__line").first
    line.hover()
    mapped.evaluate(FRAME)
    lit = mapped.evaluate(COLOURS)
    assert lit != before
    mapped.mouse.move(2, 2)
    mapped.evaluate(FRAME)
    assert mapped.evaluate(COLOURS) == before
    line.focus()
    mapped.evaluate(FRAME)
    assert mapped.evaluate(COLOURS) == lit


def test_a_line_of_the_legend_chooses_its_images(mapped: Page) -> None:
    mapped.get_by_role("button", name="right or wrong").click()
    line = mapped.locator(".map-legend__line", has_text="right")
    expect(mapped.locator(".map-legend__line[tabindex='0']")).to_have_count(1)
    count = line.locator(".map-legend__count").inner_text()
    line.click()
    expect(mapped.locator("[data-map-count]")).to_have_text(f"{count} images, all named rightly.")


# Where on the page stands what is below the legend, or below what is said of the map.
PLACES = """() => ["#map-keys", "#map-one", "#map-chosen", "#map-chosen > :nth-child(2)"].map((name) => {
  const { left, top } = document.querySelector(name).getBoundingClientRect();
  return [name, Math.round(left), Math.round(top + scrollY)];
})"""


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_as_the_legend_comes_or_changes(world: World, signed_in_page: Page, width: int) -> None:
    page, held = signed_in_page, list[Route]()
    page.set_viewport_size({"width": width, "height": 900})
    page.route(re.compile(r"/map/points/"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"/map/points/")):
        page.goto(f"/evaluations/{world.evaluation}/map/")
    expect(page.locator(".map-legend__line")).to_have_count(0)
    before = page.evaluate(PLACES)
    held[0].continue_()
    expect(page.locator(".map-legend__line").first).to_be_visible()
    assert page.evaluate(PLACES) == before
    for colours in ("right or wrong", "split", "how sure", "class"):
        page.get_by_role("button", name=colours, exact=True).click()
        assert page.evaluate(PLACES) == before, colours
    page.locator(".map-legend__line:visible").first.click()
    expect(page.locator("[data-tile]").first).to_be_visible()
    assert page.evaluate(PLACES)[:3] == before[:3]
    if width < 1000:  # the image stands above the chosen ones there
        return
    page.locator("[data-open]").first.click()
    expect(page.locator("#map-one [data-shown]")).to_be_visible()
    assert page.evaluate(PLACES)[:3] == before[:3]


def test_the_map_is_walked_by_keyboard(mapped: Page) -> None:
    canvas = mapped.locator("canvas")
    canvas.focus()
    mapped.keyboard.press("0")
    mapped.keyboard.press(" ")  # around the point nearest to the middle
    expect(mapped.locator("[data-map-count]")).to_have_text(re.compile(r"^\d+ images?, "))
    mapped.keyboard.press("ArrowRight")
    mapped.keyboard.press("ArrowLeft")
    expect(mapped.locator("[data-map-hint]")).to_contain_text("% sure")
    mapped.keyboard.press("Enter")
    expect(mapped.locator("[data-shown]")).to_be_visible()
    mapped.keyboard.press("Escape")
    expect(mapped.locator("[data-map-count]")).to_be_hidden()


@pytest.mark.parametrize(("across", "down"), [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_what_is_said_of_a_point_stands_whole_within_the_map(mapped: Page, across: int, down: int) -> None:
    found = mapped.evaluate(
        """([across, down]) => {
          const canvas = document.querySelector("canvas"), hint = document.querySelector("[data-map-hint]");
          const { width, height } = canvas.getBoundingClientRect();
          const detail = { point: 0, x: 4 + across * (width - 8), y: 4 + down * (height - 8) };
          canvas.dispatchEvent(new CustomEvent("synset:hover", { detail }));
          const frame = canvas.parentElement.getBoundingClientRect(), box = hint.getBoundingClientRect();
          return { left: box.left - frame.left, top: box.top - frame.top, right: frame.right - box.right, bottom: frame.bottom - box.bottom,
            lines: Math.round(box.height / parseFloat(getComputedStyle(hint).lineHeight)), text: hint.textContent };
        }""",
        [across, down],
    )
    assert min(found[side] for side in ("left", "top", "right", "bottom")) >= 0 and "% sure" in found["text"], found
    assert found["lines"] <= 2, found  # as wide as its words, wherever it stands


def test_the_training_images_come_by_a_job_and_each_image_has_its_nearest(mapped: Page) -> None:
    mapped.locator("#map-compute").get_by_role("button", name="Look at the training images").click()
    tsne = mapped.get_by_role("button", name="t-SNE")
    expect(tsne).to_be_visible(timeout=TRAINING_MS)  # the page loads anew when the job has ended
    expect(tsne).to_have_attribute("aria-pressed", "true")
    expect(mapped.locator("[data-map-parts] label")).to_have_count(2)  # train and validation, which was evaluated: no test image
    expect(mapped.locator("canvas[data-drawn]:not([data-drawn='0'])")).to_be_visible(timeout=PATIENCE_MS)  # the labels come with the page
    drawn_around(mapped)
    mapped.locator("[data-open]").first.click()
    expect(mapped.locator("#map-one .shots--near .shot")).to_have_count(8)
    mapped.get_by_role("button", name="Principal components").click()
    expect(mapped.locator("#map-words")).to_be_visible()
