"""Why a network said so, and what is inside of it, in a real browser with the real worker."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from playwright.sync_api import Page, Route, expect

from tests.browser.barriers import DESK
from tests.browser.looks import wrong_with
from tests.browser.world import TRAINING_MS, WAIT_MS, World, comes_to
from tests.plugins.stack import PERSON, Stack, processes_of
from webapp.core.resident import ALIVE

pytestmark = pytest.mark.browser
SOON_MS = 30_000


@pytest.fixture
def why(signed_in_page: Page, world: World) -> Page:
    """The explanation of an image, its map drawn."""
    signed_in_page.set_viewport_size(DESK)
    signed_in_page.goto(f"/evaluations/{world.evaluation}/images/0/explain/")
    expect(signed_in_page.locator(".why__over")).to_have_count(1, timeout=WAIT_MS)
    return signed_in_page


@pytest.fixture
def layers(signed_in_page: Page, world: World) -> Page:
    """The layers of a network, the first of them shown."""
    signed_in_page.set_viewport_size(DESK)
    signed_in_page.goto(f"/experiments/{world.experiment}/layers/")
    expect(signed_in_page.locator(".layers__picture").first).to_be_visible(timeout=WAIT_MS)
    return signed_in_page


def test_a_method_a_class_and_a_network_beside_it_are_chosen_by_mouse(why):
    for method, words in (("Integrated gradients", "the pixels add up to"), ("Occlusion", "Of 49 covers")):
        why.locator("label", has_text=method).click()
        expect(why.locator(".why__side")).to_contain_text(words, timeout=SOON_MS)
    for name in ("blue", "red"):
        why.get_by_label("Class", exact=True).fill(name)
        expect(why.locator(".why__said")).to_contain_text(name, timeout=SOON_MS)


def test_a_class_is_found_by_typing_and_a_part_of_one_asks_nothing(why):
    field = why.get_by_label("Class", exact=True)
    assert why.locator("#why-labels option").count() == 3 and why.locator("#why-labels option").first.inner_text().endswith("its label")
    said = why.locator(".why__said").inner_text()
    asked = []
    why.on("request", lambda request: asked.append(request.url) if "/explain/" in request.url else None)
    field.press_sequentially("re")
    expect(why.get_by_role("button", name="Explain")).to_be_visible()
    assert not asked and why.locator(".why__said").inner_text() == said
    field.press("Enter")
    expect(why.locator("#why-shown")).to_contain_text("does not know the class", timeout=SOON_MS)
    field.press_sequentially("d")
    expect(why.locator(".why__said")).to_contain_text("red", timeout=SOON_MS)
    field.fill("")
    expect(why.locator(".why__said")).to_have_text(said, timeout=SOON_MS)


def test_by_keys_a_choice_waits_for_enter(why):
    why.get_by_label("Grad-CAM").focus()
    why.keyboard.press("ArrowRight")
    expect(why.get_by_role("button", name="Explain")).to_be_visible()
    why.wait_for_timeout(1_500)  # by then an answer would be there
    assert "Grad-CAM" not in why.locator(".why__words").inner_text() and "Of layer" in why.locator(".why__side").inner_text()
    why.keyboard.press("Enter")
    expect(why.locator(".why__side")).to_contain_text("the pixels add up to", timeout=SOON_MS)


def test_the_slider_covers_the_image_and_is_kept_for_the_next_one(why):
    slider = why.get_by_label("Strength of the colours")
    slider.focus()
    slider.press("Home")
    expect(why.locator(".why__over")).to_have_css("opacity", "0")
    slider.press("ArrowRight")
    expect(why.locator(".why__strength output")).to_have_text("5 %")
    why.goto(re.sub(r"/images/0/", "/images/1/", why.url))
    expect(why.locator(".why__over")).to_have_css("opacity", "0.05", timeout=WAIT_MS)


def test_the_next_image_is_one_key_away_but_not_from_the_slider(why):
    why.get_by_label("Strength of the colours").press("ArrowLeft")
    expect(why.locator(".why__strength output")).to_have_text("70 %")
    assert "/images/0/" in why.url
    why.locator("h1").click()
    why.keyboard.press("ArrowRight")
    why.wait_for_url(re.compile("/images/1/"))


def test_the_explanation_fits_every_width_and_has_no_barrier(why):
    assert wrong_with(why) == {}


def test_from_an_image_to_the_layers_at_work_on_it(why):
    path = why.locator(".facts span").first.inner_text()
    why.get_by_role("link", name="Every layer of this network").click()
    expect(why.locator(".layers__about")).to_contain_text(path)
    expect(why.locator(".layers__picture").first).to_be_visible(timeout=WAIT_MS)


def test_a_layer_is_found_by_its_name_and_chosen_by_keys(layers):
    layers.get_by_label("Find a layer").fill("head")
    expect(layers.locator("[data-layer]:visible")).to_have_count(1)
    layers.get_by_label("Find a layer").fill("")
    layers.locator("[data-layer]").first.focus()
    layers.keyboard.press("ArrowDown")
    layers.keyboard.press("Enter")
    second = layers.locator("[data-layer]").nth(1)
    name = second.get_attribute("data-layer")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(layers.locator("#layer-shown .card__title")).to_have_text(name, timeout=SOON_MS)
    layers.reload()
    expect(layers.locator("#layer-shown .card__title")).to_have_text(name, timeout=WAIT_MS)


def test_what_a_filter_looks_for_is_shown_and_one_that_is_not_there_is_said(layers):
    layers.get_by_label("Filter", exact=True).fill("1")
    layers.get_by_role("button", name="Look for it").click()
    expect(layers.locator(".layers__looked")).to_contain_text("Filter 1 of", timeout=SOON_MS)
    layers.get_by_label("Filter", exact=True).fill("999")
    layers.get_by_role("button", name="Look for it").click()
    expect(layers.locator("#filter-shown")).to_contain_text("999 came", timeout=SOON_MS)


def test_the_images_that_excite_a_filter_come_by_a_job_and_lead_to_the_layer_at_work_on_them(layers):
    shown = layers.locator("#filter-images")
    button = shown.get_by_role("button", name="Look at the validation images")
    expect(button.or_(shown.locator(".excite__tile").first)).to_be_visible(timeout=SOON_MS)
    if button.is_visible():
        button.click()
    tiles = shown.locator(".excite__tile")
    expect(tiles.first).to_be_visible(timeout=TRAINING_MS)
    assert 1 <= tiles.count() <= 9 and shown.locator(".excite__mark").count() == tiles.count()
    layers.get_by_label("Filter", exact=True).fill("2")
    expect(shown).to_contain_text("Filter 2, strongest first", timeout=SOON_MS)
    layers.get_by_label("Filter", exact=True).fill("999")
    expect(shown).to_contain_text("999 came", timeout=SOON_MS)
    layers.get_by_label("Filter", exact=True).fill("1")
    expect(shown).to_contain_text("Filter 1, strongest first", timeout=SOON_MS)
    assert wrong_with(layers) == {}
    name = layers.locator("#layer-shown .card__title").inner_text()
    path = tiles.nth(2).locator("a").get_attribute("title")
    tiles.nth(2).locator("a").click()
    expect(layers.locator(".layers__about")).to_contain_text(path)
    expect(layers.locator("#layer-shown .card__title")).to_have_text(name, timeout=WAIT_MS)


def test_another_image_to_watch_is_one_key_away(layers):
    before = layers.locator(".layers__about").inner_text()
    layers.locator("body").press("ArrowRight")
    expect(layers.locator(".layers__about")).not_to_have_text(before, timeout=SOON_MS)


def test_the_layers_fit_every_width_and_have_no_barrier(layers):
    assert wrong_with(layers) == {}


@contextmanager
def away(stack: Stack) -> Iterator[None]:
    """The worker that looks into networks does not listen, as just after a start."""
    workers = [pid for pid, command in processes_of(stack.home).items() if "worker.interactive" in command]
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        redis.Redis.from_url(stack.redis_url).delete(ALIVE)
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def hide(page: Page, is_hidden: bool) -> None:
    """As if another tab were looked at."""
    page.evaluate(
        """(is) => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => is });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


@pytest.mark.parametrize(
    ("path", "part", "answer"),
    [
        ("/evaluations/{0.evaluation}/images/0/explain/", "#why-shown", ".why__over"),
        ("/experiments/{0.experiment}/layers/", "#layers-rows", "[data-layer]"),
    ],
)
def test_while_the_worker_is_not_there_the_page_asks_again_by_itself(signed_in_page, world, stack, path, part, answer):
    page = signed_in_page
    with away(stack):
        page.goto(path.format(world))
        words = page.locator(f"{part} [data-asks-words]")
        expect(words).to_have_text("Asks again by itself in 2 s.")
        error = page.locator(f"{part} [data-asked-error]").element_handle()
        expect(words).to_have_text("Asks again by itself in 3 s.")  # a pause that gets longer
        assert error.evaluate("(line) => line.isConnected")  # what is said stays as it is, and is read out once
        expect(page.locator(part).get_by_role("button", name="Try again")).to_be_visible()
    expect(page.locator(answer).first).to_be_visible(timeout=WAIT_MS)
    expect(words).to_have_count(0)


@pytest.fixture
def unanswered(another: Callable[..., Page], world: World, stack: Stack) -> Iterator[Page]:
    """The layers, without a worker that answers, in a browser of its own with a clock that goes on when it is told: such a clock stays
    with the browser."""
    page = another(PERSON)
    with away(stack):
        page.clock.install()
        page.goto(f"/experiments/{world.experiment}/layers/")
        expect(page.locator("[data-asks-words]")).to_have_text("Asks again by itself in 2 s.")
        yield page


def asked_of(page: Page) -> list[str]:
    """What the page asks the server for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "about=layers" in request.url else None)
    return asked


def test_who_looks_elsewhere_is_not_asked_for_until_coming_back(unanswered):
    page, asked = unanswered, asked_of(unanswered)
    hide(page, True)
    page.clock.run_for(60_000)
    page.wait_for_timeout(300)
    assert asked == []
    hide(page, False)
    comes_to(page, lambda: len(asked), 1)
    expect(page.locator("[data-asks-words]")).to_have_text("Asks again by itself in 3 s.")


def test_after_some_minutes_it_waits_for_the_button_and_begins_anew_with_it(unanswered):
    page, asked, words = unanswered, asked_of(unanswered), unanswered.locator("[data-asks-words]")
    for _ in range(40):
        if "minutes" in words.inner_text():
            break
        count = len(asked)
        page.clock.run_for(31_000)
        comes_to(page, lambda count=count: len(asked) > count and not words.inner_text().startswith("Asking"), True)
    expect(words).to_have_text("Asked again for 5 minutes; now it waits for the button.")
    count = len(asked)
    page.clock.run_for(120_000)
    page.wait_for_timeout(300)
    assert len(asked) == count
    page.get_by_role("button", name="Try again").click()
    expect(words).to_have_text("Asks again by itself in 2 s.")


def test_on_a_phone_the_layer_stands_still_as_the_list_comes_and_is_searched(signed_in_page, world):
    page, held = signed_in_page, list[Route]()
    page.set_viewport_size({"width": 390, "height": 844})
    page.route(re.compile(r"about=layers"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"about=layers")):
        page.goto(f"/experiments/{world.experiment}/layers/")
    place = "() => document.getElementById('layer-shown').getBoundingClientRect().top + scrollY"
    before = page.evaluate(place)
    held[0].continue_()
    expect(page.locator("[data-layer]").first).to_be_visible(timeout=WAIT_MS)
    assert page.evaluate(place) == before
    page.get_by_label("Find a layer").fill("head")
    expect(page.locator("[data-layer]:visible")).to_have_count(1)
    assert page.evaluate(place) == before
