"""The confusion matrix as the place to work, in a real browser: from a cell to its images, labelled there, trained again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_labelling import discard_draft
from tests.browser.world import TRAINING_MS, WAIT_MS, World, comes_to, follow, touching, upload
from tests.plugins.stack import PERSON, Stack

pytestmark = pytest.mark.browser
# The greatest figure of each tone among very many cells, of which one is named rightly.
RECOLOUR = """async (count) => {
  const address = performance.getEntriesByType("resource").map(({ name }) => name).find((name) => /\\/matrix_view[.\\w]*\\.js$/.test(name));
  const { View } = await import(address);
  const view = new View(document.createElement("canvas"));
  view.now = { listed: () => Array.from({ length: count }, (_, at) => [0, at, 1, at, at === 7]) };
  view.recolour();
  return view.most;
}"""

# What is drawn from now on, by the canvas's own words.
COUNT = """() => {
  window.drawn = { fillRect: 0, strokeRect: 0 };
  for (const name of Object.keys(window.drawn)) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...place) { window.drawn[name] += 1; return own.apply(this, place); };
  }
}"""
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# In place of the page's matrix one of a hundred classes, six times as high as its box, and wider.
LARGE = """async () => {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  const of = (name) => import(files.find((file) => file.includes(`/${name}.`)));
  const [{ View }, { pointed }] = [await of("matrix_view"), await of("matrix_pointer")];
  const canvas = Object.assign(document.createElement("canvas"), { className: "matrix-canvas" });
  document.querySelector("[data-canvas]").replaceWith(canvas);
  const items = Array.from({ length: 100 }, (_, at) => ({ classes: [at], name: `class ${at}`, group: -1 }));
  const view = new View(canvas);
  view.axis = { items, groups: [], length: 100, listed: () => items.map((_, at) => [at, at, 1, 1, true]) };
  window.large = { view, picked: [] };
  pointed(view, { look() {}, pick: (place) => window.large.picked.push(place), open() {} });
  view.zoom(6);
}"""
# The names that stand beside all of it, by side; columns are written upright.
NAMES = """async () => {
  const { view } = window.large;
  const [said, write] = [{ rows: [], columns: [] }, view.context.fillText];
  view.context.fillText = function (words, ...place) { said[this.textAlign === "right" ? "rows" : "columns"].push(words); };
  view.fit();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  view.context.fillText = write;
  return said;
}"""
LOOKED = "() => [window.large.view.scale, window.large.view.left, window.large.view.top]"


@pytest.fixture
def matrix(signed_in_page: Page, world: World) -> Page:
    """On the matrix of the world's evaluation, drawn."""
    signed_in_page.goto(f"/evaluations/{world.evaluation}/matrix/")
    expect(signed_in_page.locator("[data-canvas][data-drawn]")).to_be_visible()
    return signed_in_page


@pytest.fixture
def images(signed_in_page: Page, world: World) -> Iterator[Page]:
    """On the images of the world's evaluation; what is changed in the draft is discarded afterwards."""
    signed_in_page.goto(f"/evaluations/{world.evaluation}/images/")
    expect(signed_in_page.locator("#gallery [data-cell]").first).to_be_visible()
    signed_in_page.wait_for_load_state()
    yield signed_in_page
    discard_draft(signed_in_page, f"/datasets/{world.dataset}/")


# Where the list of the commonest mistakes stands on the page.
LISTED = "() => Math.round(document.getElementById('pairs').getBoundingClientRect().top + scrollY)"


@pytest.mark.parametrize("width", [1440, 390])
def test_the_list_of_mistakes_stands_still(world: World, signed_in_page: Page, width: int) -> None:
    page, held = signed_in_page, list[Route]()
    page.set_viewport_size({"width": width, "height": 900})
    page.route(re.compile(r"/matrix/data/"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"/matrix/data/")):
        page.goto(f"/evaluations/{world.evaluation}/matrix/")
    expect(page.locator("#matrix-part img").first).to_be_visible()
    before = page.evaluate(LISTED)
    held[0].continue_()
    expect(page.locator("[data-order] option").nth(1)).to_be_attached()
    page.evaluate(FRAME)
    assert page.evaluate(LISTED) == before
    page.locator("[data-canvas]").focus()
    for key, shown in (("ArrowDown", "true=0&said=0"), ("ArrowRight", "true=0&said=1"), ("ArrowDown", "true=1&said=1")):
        page.keyboard.press(key)
        expect(page.locator("#matrix-part")).to_have_attribute("data-shown", shown)
        assert page.evaluate(LISTED) == before, shown


def test_a_click_on_a_cell_shows_its_images_and_a_key_goes_on(matrix: Page, complaints: list[str]) -> None:
    box = matrix.locator("[data-canvas]").bounding_box()
    assert box
    matrix.mouse.click(box["x"] + 132 + 5, box["y"] + 104 + 5)  # the first cell, behind the names
    expect(matrix.locator(".matrix-part__title")).to_have_text("Blue named rightly")
    matrix.locator("[data-canvas]").focus()
    matrix.keyboard.press("ArrowDown")
    expect(matrix.locator(".matrix-part__title")).to_have_text("Green taken for blue")
    expect(matrix.locator("[data-told]")).to_contain_text("green taken for blue")
    expect(matrix).to_have_url(re.compile(r"true=1&said=0"))
    assert complaints == []


def test_the_place_of_the_images_is_not_empty_before_a_cell_is_chosen(matrix: Page) -> None:
    expect(matrix.locator("#matrix-part .matrix-part__title")).to_have_text(re.compile("^(Mistakes|All images)$"))
    expect(matrix.locator("#matrix-part img").first).to_be_visible()
    expect(matrix.locator("#matrix-part")).to_contain_text("Choose a cell")


def test_a_name_takes_a_whole_row_and_enter_opens_its_images(matrix: Page) -> None:
    box = matrix.locator("[data-canvas]").bounding_box()
    assert box
    matrix.mouse.click(box["x"] + 60, box["y"] + 104 + 5)
    expect(matrix.locator("#matrix-part")).to_contain_text("images of blue are named rightly")
    matrix.locator("[data-canvas]").focus()
    matrix.keyboard.press("Enter")
    matrix.wait_for_url(re.compile(r"/images/\?true=0$"))
    expect(matrix.locator("#true")).to_have_value("0")


def test_search_order_shares_and_zoom_work_by_keyboard(matrix: Page) -> None:
    matrix.keyboard.press("/")
    matrix.keyboard.type("gre")
    matrix.keyboard.press("Enter")
    expect(matrix.locator(".matrix-part__title")).to_have_text("Green")
    matrix.get_by_role("button", name="by row").click()
    expect(matrix.get_by_role("button", name="by row")).to_have_attribute("aria-pressed", "true")
    matrix.get_by_label("Order of the classes").select_option("name")
    expect(matrix).to_have_url(re.compile("order=name"))
    matrix.reload()
    expect(matrix.get_by_label("Order of the classes")).to_have_value("name")


def test_a_window_of_another_width_shows_the_whole_matrix_again(matrix: Page) -> None:
    canvas = matrix.locator("[data-canvas]")
    wide = canvas.bounding_box()
    assert wide
    matrix.set_viewport_size({"width": 600, "height": 900})
    comes_to(matrix, lambda: (canvas.bounding_box() or wide)["width"] < wide["width"] - 50, True)
    box = canvas.bounding_box()
    assert box
    matrix.mouse.click(box["x"] + 132 + 160, box["y"] + 104 + 32)  # the third cell of the first row, each of 64 pixels
    expect(matrix.locator(".matrix-part__title")).to_have_text("Blue taken for red")


def test_a_matrix_without_room_is_no_error(matrix: Page, complaints: list[str]) -> None:
    for height in ("0px", ""):
        matrix.evaluate("(height) => { document.querySelector('.matrix-box').style.height = height; }", height)
        matrix.set_viewport_size({"width": 1400 if height else 1440, "height": 900})
        matrix.wait_for_timeout(200)
    assert complaints == []


def test_a_link_leads_back_to_the_cell(matrix: Page) -> None:
    matrix.goto(f"{matrix.url.split('?')[0]}?true=2&said=2")
    expect(matrix.locator(".matrix-part__title")).to_have_text("Red named rightly")


def test_a_link_leads_back_to_the_images_of_a_group(matrix: Page) -> None:
    matrix.goto(f"{matrix.url.split('?')[0]}?true=0-1&said=2")
    expect(matrix.locator("#matrix-part")).to_have_attribute("data-shown", "true=0-1&said=2")
    expect(matrix.locator("#matrix-part")).to_contain_text("images of blue, green are called red")


def test_a_class_that_there_is_not_chooses_nothing(matrix: Page, complaints: list[str]) -> None:
    matrix.goto(f"{matrix.url.split('?')[0]}?true=99")
    expect(matrix.locator("[data-canvas][data-drawn]")).to_be_visible()
    expect(matrix.locator("#matrix-part")).to_contain_text("Choose a cell")
    assert complaints == []


def test_what_is_pointed_at_is_marked_over_cells_that_are_not_drawn_again(matrix: Page) -> None:
    box = matrix.locator("[data-canvas]").bounding_box()
    assert box
    matrix.mouse.move(box["x"] + 132 + 5, box["y"] + 104 + 5)
    expect(matrix.locator("[data-told]")).to_contain_text("blue, named rightly")
    matrix.evaluate(FRAME)
    matrix.evaluate(COUNT)
    matrix.mouse.move(box["x"] + 132 + 70, box["y"] + 104 + 5)
    expect(matrix.locator("[data-told]")).to_contain_text("blue taken for green")
    matrix.evaluate(FRAME)
    assert matrix.evaluate("window.drawn") == {"fillRect": 0, "strokeRect": 1}


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_keeps_the_room_of_the_matrix_free_until_it_comes(signed_in_page: Page, world: World, width: int) -> None:
    page, late = signed_in_page, list[Route]()
    page.set_viewport_size({"width": width, "height": 900})
    page.route("**/matrix/data/", lambda route: late.append(route))
    page.goto(f"/evaluations/{world.evaluation}/matrix/")
    comes_to(page, lambda: len(late), 1)
    before = page.locator("[data-told]").bounding_box()
    late[0].continue_()
    expect(page.locator("[data-canvas][data-drawn]")).to_be_visible()
    assert page.locator("[data-told]").bounding_box() == before
    canvas, room = page.locator("[data-canvas]").bounding_box(), page.locator(".matrix-box").bounding_box()
    assert canvas and room and (canvas["width"], canvas["height"]) == pytest.approx((room["width"], room["height"]), abs=1)
    assert room["height"] == pytest.approx(304, abs=1)  # three cells of 64 pixels with their names


def test_a_finger_moves_an_enlarged_matrix_and_two_zoom_it(matrix: Page, complaints: list[str]) -> None:
    matrix.evaluate(LARGE)
    matrix.evaluate(FRAME)
    scale, left, top = matrix.evaluate(LOOKED)
    box = matrix.locator(".matrix-canvas").bounding_box()
    assert box
    x, y, fingers = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, touching(matrix)
    fingers("Start", (x, y))
    fingers("Move", (x + 20, y - 30))
    fingers("Move", (x + 40, y - 60))
    fingers("End")
    assert matrix.evaluate(LOOKED) == pytest.approx([scale, left - 40, top + 60])
    fingers("Start", (x - 50, y))
    fingers("Start", (x - 50, y), (x + 50, y))
    fingers("Move", (x - 60, y), (x + 60, y))
    fingers("Move", (x - 100, y), (x + 100, y))
    fingers("End")
    assert matrix.evaluate(LOOKED)[0] == pytest.approx(2 * scale, rel=0.05)
    assert matrix.evaluate("window.large.picked") == []
    fingers("Start", (x, y))
    fingers("End")
    assert len(matrix.evaluate("window.large.picked")) == 1 and complaints == []


def test_of_more_classes_than_there_is_room_for_some_are_named_on_either_side(matrix: Page) -> None:
    matrix.evaluate(LARGE)
    matrix.evaluate(FRAME)
    named = matrix.evaluate(NAMES)
    assert named["rows"][0] == "class 0" and 5 < len(named["rows"]) < 20, "one a 22 pixels"
    assert named["columns"][:2] == named["rows"][:2] and len(named["columns"]) > 5


def test_cells_of_a_million_predictions_are_coloured(matrix: Page) -> None:
    assert matrix.evaluate(RECOLOUR, 400_000) == {"right": 7, "wrong": 399_999}


def test_a_key_labels_the_chosen_images_and_u_takes_it_back(images: Page, complaints: list[str]) -> None:
    first = images.locator("#gallery [data-cell]").first
    said = "green" if "green" not in first.inner_text().split("\n")[0] else "blue"
    first.locator("a.tile").focus()
    key = images.locator(f".palette__class[data-label='{said}']").get_attribute("data-key")
    assert key
    images.keyboard.press(key)
    expect(first).to_contain_text(f"now {said}")
    expect(images.locator("#draft")).to_contain_text("1 relabelled")
    expect(images.get_by_role("button", name=re.compile("Seal as version . and train again"))).to_be_visible()
    expect(first.locator("a.tile")).to_be_focused()
    images.keyboard.press("u")
    expect(images.locator("#draft")).to_be_hidden()
    images.keyboard.press("x")
    expect(first).to_contain_text("taken out")
    assert complaints == []


def test_filters_change_what_is_shown_and_the_address_with_it(images: Page) -> None:
    images.get_by_label("Is", exact=True).select_option("red")
    expect(images.locator("#matching")).to_contain_text(re.compile(r"of \d+: red"))
    expect(images).to_have_url(re.compile("true=2"))
    images.get_by_label("Order").select_option("sure")
    expect(images).to_have_url(re.compile("sort=sure"))
    assert all("red" in words for words in images.locator("#gallery .tile__words:first-of-type").all_inner_texts())


def test_the_open_picture_shows_the_best_classes_and_leads_to_its_page(images: Page) -> None:
    images.locator("#gallery a.tile").first.click()
    expect(images.locator("#zoom .bests tr")).to_have_count(3)
    images.get_by_role("link", name="all about this image").click()
    images.wait_for_url(re.compile(r"/images/\d+/$"))
    expect(images.get_by_role("heading", name="What the model says")).to_be_visible()


@pytest.fixture
def own(signed_in_page: Page, stack: Stack, archive: Path) -> Page:
    """On the images of an evaluation whose dataset and training nobody else has."""
    token = stack.desk.call("create_token", PERSON, "--scope", "write")
    dataset = upload(signed_in_page, archive, "Put right")
    expect(signed_in_page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    config = {"model": "small_cnn", "epochs": 1, "image_size": 16, "batch_size": 8}
    training = stack.api(token, "POST", "/experiments", {"dataset": dataset, "name": "Puts right", "config": config})
    signed_in_page.goto(f"/experiments/{training['id']}/")
    expect(signed_in_page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    made = stack.api(token, "POST", f"/experiments/{training['id']}/evaluations", {"split": "validation"})
    signed_in_page.goto(f"/evaluations/{made['id']}/")
    expect(signed_in_page.get_by_role("link", name="Images", exact=True)).to_be_visible(timeout=WAIT_MS)
    follow(signed_in_page, signed_in_page.get_by_role("link", name="Images", exact=True))
    return signed_in_page


def test_one_click_seals_and_trains_again_and_the_two_are_compared(own: Page) -> None:
    own.locator("#gallery a.tile").first.focus()
    own.keyboard.press("x")
    own.get_by_role("button", name="Seal as version 2 and train again").click()
    expect(own.locator("#draft")).to_contain_text(re.compile("Trained again as|begins as soon as it is sealed"))
    expect(own.get_by_role("link", name="Puts right, on v2")).to_be_visible(timeout=WAIT_MS)
    own.get_by_role("link", name="Puts right, on v2").click()
    expect(own.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    expect(own.locator("#again")).to_contain_text("test images of both", timeout=WAIT_MS)
