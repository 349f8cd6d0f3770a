"""The launch form's pictures in a real browser: drawn by the real interactive worker, kept up to date while one types."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import WAIT_MS

pytestmark = pytest.mark.browser


@pytest.fixture
def form(dataset, signed_in_page) -> Page:
    """The launch form, its images drawn."""
    signed_in_page.goto(f"/experiments/new/?dataset={dataset.rstrip('/').rpartition('/')[2]}")
    expect(signed_in_page.locator("[data-samples] img")).to_have_count(16, timeout=WAIT_MS)  # the worker may still be starting
    expect(signed_in_page.locator("[data-samples]")).to_have_attribute("aria-busy", "false")
    return signed_in_page


def sources(page: Page) -> list[str]:
    return page.eval_on_selector_all("[data-samples] img", "images => images.map(image => image.src)")


def place(page: Page) -> list[int]:
    """Where the pictures lie on the page, and how large they are together."""
    return page.eval_on_selector("[data-list]", "list => [list.offsetLeft, list.offsetTop, list.offsetWidth, list.offsetHeight]")


def wait_for_others(page: Page, before: list[str]) -> list[str]:
    """The pictures once they are other ones."""
    expect(page.locator("[data-samples] img").first).not_to_have_attribute("src", before[0], timeout=WAIT_MS)
    return sources(page)


def test_sixteen_images_stand_under_their_classes(form, complaints):
    names = form.eval_on_selector_all("[data-samples] img", "images => images.map(image => image.alt)")
    assert {name.partition(",")[0] for name in names} == {"blue", "green", "red"}
    expect(form.locator("[data-caption]")).to_contain_text("as one step would see them")
    assert complaints == []


def test_a_changed_value_brings_other_images_in_the_same_places(form):
    before, box = sources(form), place(form)
    form.fill("[name=color]", "0.9")
    after = wait_for_others(form, before)
    assert len(after) == 16 and place(form) == box


def test_a_field_that_changes_no_image_asks_for_none(form):
    before = form.locator("[data-samples]").get_attribute("data-drawn")
    form.fill("[name=epochs]", "7")
    form.locator("[data-chart=schedule]").scroll_into_view_if_needed()
    expect(form.locator("[data-chart=schedule] .xtick").last).to_have_text("7")  # the form has followed
    assert form.locator("[data-samples]").get_attribute("data-drawn") == before


def test_other_images_are_shown_when_asked_for(form):
    before = sources(form)
    form.get_by_role("button", name="Show others").click()
    assert len(wait_for_others(form, before)) == 16


def test_a_wrong_value_is_said_beside_the_images_which_stay(form):
    before = sources(form)
    form.get_by_text("More augmentation").click()
    form.fill("[name=rotate]", "900")
    expect(form.locator("[data-caption]")).to_contain_text("Rotation, up to: Must be a number from 0 to 180")
    assert sources(form) == before
    form.fill("[name=rotate]", "")
    form.fill("[name=noise]", "0.1")
    wait_for_others(form, before)
    expect(form.locator("[data-caption]")).to_contain_text("as one step would see them")


def test_mixed_images_tell_both_classes_with_their_shares(form):
    before = sources(form)
    form.get_by_text("More augmentation").click()
    form.fill("[name=mixup]", "1")
    wait_for_others(form, before)
    expect(form.locator("[data-samples] img[alt*=' % '][alt*=' and ']").first).to_be_visible()


def test_the_example_follows_the_mode_of_resizing(form):
    form.get_by_text("More", exact=True).click()
    form.select_option("[name=resize]", "fill")
    expect(form.locator("[data-example]")).to_contain_text("fill with black", timeout=WAIT_MS)
    expect(form.locator("[data-example] img")).to_have_count(2)


def test_a_preset_brings_its_own_images(form):
    before = sources(form)
    form.locator("[data-preset=transfer]").click()
    wait_for_others(form, before)
    expect(form.locator("[data-caption]")).to_contain_text("at 224 pixels, as one step would see them.")


def test_the_picture_of_what_is_frozen_follows_the_fields(form):
    expect(form.locator(".stage--frozen")).to_have_count(0)
    form.select_option("[name=model]", "resnet18")
    form.select_option("[name=weights]", "default")
    form.select_option("[name=freeze]", "0.75")
    expect(form.locator(".stage--frozen")).to_have_count(4)
    form.get_by_text("More", exact=True).click()
    form.fill("[name=epochs]", "8")
    form.fill("[name=unfreeze]", "2")
    expect(form.locator(".stage--thaws")).to_have_text(["layer1148 kepoch 7 on", "layer2526 kepoch 5 on", "layer32.1 Mepoch 3 on"])
    form.fill("[name=layer_decay]", "0.5")
    expect(form.locator(".stage").last).to_contain_text("rate × 1")
    form.select_option("[name=freeze]", "backbone")
    form.fill("[name=unfreeze]", "")
    expect(form.locator(".stage--frozen")).to_have_count(5)
    expect(form.locator("#frozen")).to_contain_text("All 5 stages stay as the weights have them")


def test_a_learning_rate_is_found_and_put_into_the_form(form, complaints):
    form.fill("[name=image_size]", "16")
    form.fill("[name=batch_size]", "8")
    form.get_by_role("button", name="Find a learning rate").click()
    expect(form.locator("#rates-chart[data-drawn]")).to_be_visible(timeout=WAIT_MS)
    expect(form.locator("[data-rate]")).to_contain_text("Suggested: ")
    use = form.locator("#rate-use")
    use.click()
    assert form.input_value("[name=learning_rate]") == use.inner_text().removeprefix("Use ")
    expect(form.locator("#schedule-words")).not_to_contain_text("picked by model")  # the curve of the form follows
    assert complaints == []


def test_a_search_for_a_learning_rate_is_cancelled(form):
    form.fill("[name=image_size]", "256")  # long enough to be stopped
    form.get_by_role("button", name="Find a learning rate").click()
    form.locator("#rate-cancel").click()
    expect(form.locator("[data-rate]")).to_contain_text("Cancelled; nothing was found.", timeout=WAIT_MS)
    expect(form.get_by_role("button", name="Find a learning rate")).to_be_enabled()


def test_a_search_is_still_followed_after_the_page_was_loaded_anew(form):
    form.fill("[name=image_size]", "256")
    form.get_by_role("button", name="Find a learning rate").click()
    expect(form.locator("#rate-cancel")).to_be_visible()
    form.reload()
    expect(form.get_by_role("button", name="Find a learning rate")).to_be_disabled()
    form.locator("#rate-cancel").click()
    expect(form.locator("[data-rate]")).to_contain_text("Cancelled; nothing was found.", timeout=WAIT_MS)


def test_a_search_with_a_wrong_value_says_which(form):
    form.fill("[name=epochs]", "0")
    form.get_by_role("button", name="Find a learning rate").click()
    expect(form.locator("[data-rate] [data-said]")).to_contain_text("Epochs: Must be a whole number from 1")
