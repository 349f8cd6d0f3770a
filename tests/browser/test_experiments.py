"""Launch, watch, read and classify in a real browser, against the whole tree with its workers."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from sklearn.datasets import load_sample_images

from tests.browser.world import COLOURS, TRAINING_MS, WAIT_MS, archive_of, comes_to, launch, picture, strongest, upload
from tests.classifier.images import encoded, photograph

pytestmark = pytest.mark.browser


def points(page: Page, chart: str) -> int:
    """How many points the chart's second curve has."""
    return page.evaluate(f"document.getElementById('{chart}').data?.[1]?.x.length ?? 0")


def wait_for_points(page: Page, chart: str, least: int) -> None:
    """Until the curve has so many; a chart is drawn where it is seen."""
    page.locator(f"#{chart}").scroll_into_view_if_needed()
    comes_to(page, lambda: points(page, chart) >= least, True, WAIT_MS)


def test_the_page_of_a_training_follows_it_to_the_end(dataset, signed_in_page, complaints):
    page = signed_in_page
    launch(page, "Followed", epochs=40)  # so many that one is seen, however fast they are
    expect(page.locator("#live-epoch")).to_contain_text("of 40", timeout=WAIT_MS)
    expect(page.locator(".scrub__value")).not_to_be_empty(timeout=WAIT_MS)
    expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    expect(page.locator("[data-region=progress]")).to_contain_text("test set opened once")
    comes_to(page, lambda: (points(page, "loss-chart"), points(page, "accuracy-chart")), (40, 40))
    expect(page.get_by_role("link", name="Report", exact=True)).to_be_visible()
    assert complaints == []


def test_the_zoom_survives_new_points(dataset, signed_in_page):
    page = signed_in_page
    launch(page, "Zoomed", epochs=2_000)  # more than it can do while it is looked at
    expect(page.locator(".scrub__value")).not_to_be_empty(timeout=WAIT_MS)
    page.evaluate("Plotly.relayout('loss-chart', {'xaxis.range': [2, 5]})")
    wait_for_points(page, "loss-chart", points(page, "loss-chart") + 1)
    assert page.evaluate("document.getElementById('loss-chart').layout.xaxis.range") == [2, 5]
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-region=pill]")).to_contain_text("Cancel", timeout=WAIT_MS)


def test_validations_inside_epochs_are_drawn_live_and_what_is_unfolded_stays_so(dataset, signed_in_page, complaints):
    page = signed_in_page
    launch(page, "Looked at", epochs=12, validate_every=0.5)
    check = page.locator("#preflight")
    check.locator("summary").click(timeout=WAIT_MS)
    expect(check.get_by_role("img").first).to_be_visible()
    wait_for_points(page, "loss-chart", 8)
    halves = page.evaluate("document.getElementById('loss-chart').data[1].x.slice(0, 4)")
    assert [round(at, 1) for at in halves] == [0.5, 1, 1.5, 2]
    expect(page.locator("[data-region=figures]")).to_contain_text("since epoch")
    assert check.get_attribute("open") is not None
    expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    assert check.get_attribute("open") is not None and complaints == []


def test_a_training_is_paused_resumed_and_finished_early(dataset, signed_in_page, complaints):
    page = signed_in_page
    launch(page, "Set aside", epochs=2_000)  # more than it can do before it is paused, and before it is told to finish
    expect(page.locator(".scrub__value")).not_to_be_empty(timeout=WAIT_MS)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-region=pill]")).to_have_text("Paused", timeout=WAIT_MS)
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Finish after this epoch").click(timeout=WAIT_MS)
    expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    expect(page.locator("[data-region=attempts]")).to_contain_text("Paused")
    expect(page.get_by_role("link", name="Report", exact=True)).to_be_visible()
    assert complaints == []


def test_a_training_that_diverges_offers_what_may_help(dataset, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/new/")
    page.get_by_text("More", exact=True).click()
    for name, value in {"name": "Diverges", "learning_rate": "100", "weight_decay": "10", "warmup_epochs": "0"}.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=optimizer]", "sgd")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-region=progress]")).to_contain_text("It failed.", timeout=TRAINING_MS)
    page.get_by_role("link", name="Clone with a learning rate of 10").click()
    expect(page.locator("[name=learning_rate]")).to_have_value("10")


def test_a_wrong_field_is_named_while_one_types(dataset, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/new/")
    page.fill("[name=learning_rate]", "-0.01")
    expect(page.locator("#hint_learning_rate")).to_contain_text("Must be a number above 0")
    page.fill("[name=learning_rate]", "0.01")
    expect(page.locator("#hint_learning_rate")).to_have_text("usual 0.0001 to 0.1")


def test_the_curve_of_the_form_follows_the_epochs(dataset, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/new/")
    page.fill("[name=epochs]", "33")
    page.locator("[data-chart=schedule]").scroll_into_view_if_needed()
    expect(page.locator("[data-chart=schedule] .xtick").last).to_have_text("30")


def test_a_preset_fills_the_form_and_keeps_the_name(dataset, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/new/")
    page.fill("[name=name]", "Mine")
    page.locator("[data-preset=transfer]").click()
    expect(page.locator("[name=freeze]")).to_have_value("backbone")
    expect(page.locator("[name=name]")).to_have_value("Mine")


@pytest.fixture(scope="module")
def chooser(somebody, tmp_path_factory):
    """A page of a team that has small images and photographs, and the ids of both datasets by their names."""
    page, ids, folder = somebody("chooser", "Choosers", "owner"), {}, tmp_path_factory.mktemp("chooser")
    for name, copies, content in (("Small", 5, lambda seed: picture((200, 90, 60), seed)), ("Large", 8, photograph)):
        files = ((f"{label}/{copy}.png", content(10 * place + copy)) for place, label in enumerate("ab") for copy in range(copies))
        ids[name] = upload(page, archive_of(folder / f"{name}.zip", files), name)
        expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    return page, ids


def test_another_dataset_brings_its_own_preset_unless_it_was_changed_by_hand(chooser):
    page, ids = chooser
    page.goto(f"/experiments/new/?preset=scratch&dataset={ids['Small']}")
    model, dataset = page.locator("[name=model]"), page.locator("[name=dataset]")
    told = page.locator("#before dt", has_text="Trains on").locator("+ dd")  # put in last, once presets were followed
    of_small = told.inner_text()
    expect(model).to_have_value("small_cnn")
    dataset.select_option(ids["Large"])
    expect(model).to_have_value("resnet18")
    expect(told).not_to_have_text(of_small)
    page.fill("[name=epochs]", "7")
    dataset.select_option(ids["Small"])
    expect(told).to_have_text(of_small)
    expect(page.locator("[name=epochs]")).to_have_value("7")
    expect(model).to_have_value("resnet18")


def test_the_preset_goes_on_following_the_dataset_in_a_form_that_was_put_back(chooser):
    page, ids = chooser
    page.goto(f"/experiments/new/?dataset={ids['Small']}")
    model, dataset = page.locator("[name=model]"), page.locator("[name=dataset]")
    page.locator("[data-preset=scratch]").click()
    dataset.select_option(ids["Large"])
    expect(model).to_have_value("resnet18")
    page.fill("[name=name]", "Mine")  # the draft keeps the preset's values with it
    page.reload()
    expect(page.get_by_text("Your unsaved text was put back.")).to_be_visible()
    expect(page.locator("[data-preset=scratch]")).to_have_attribute("aria-current", "true")  # the address names none
    expect(model).to_have_value("resnet18")
    dataset.select_option(ids["Small"])
    expect(model).to_have_value("small_cnn")
    expect(page.locator("[name=name]")).to_have_value("Mine")


def test_the_preset_follows_the_dataset_once_what_was_put_back_is_discarded(chooser):
    page, ids = chooser
    page.goto(f"/experiments/new/?preset=scratch&dataset={ids['Small']}&other=1")  # an address, and so a draft, of its own
    sent = page.locator("[name=epochs]").input_value()
    page.fill("[name=epochs]", "7")
    page.reload()
    expect(page.locator("[name=epochs]")).to_have_value("7")
    with page.expect_response("**/experiments/preview/"):
        page.get_by_role("button", name="Discard").click()
    expect(page.locator("[name=epochs]")).to_have_value(sent)
    page.locator("[name=dataset]").select_option(ids["Large"])
    expect(page.locator("[name=model]")).to_have_value("resnet18")


def test_what_was_typed_stays_when_other_data_are_chosen_in_a_form_that_one_came_back_to(chooser):
    page, ids = chooser
    page.goto(f"/experiments/new/?preset=quick&dataset={ids['Small']}")
    page.fill("[name=epochs]", "7")
    page.goto("/queue/")
    page.go_back()
    expect(page.locator("[name=epochs]")).to_have_value("7")
    told = page.locator("#before dt", has_text="Trains on").locator("+ dd")
    of_small = told.inner_text()
    page.locator("[name=dataset]").select_option(ids["Large"])
    expect(told).not_to_have_text(of_small)
    expect(page.locator("[name=epochs]")).to_have_value("7")


def test_a_double_click_launches_once(dataset, signed_in_page):
    page = signed_in_page
    page.goto("/experiments/new/")
    page.fill("[name=name]", "Twice clicked")
    page.fill("[name=epochs]", "1")
    page.fill("[name=image_size]", "16")
    page.locator("#launch-button").dblclick()
    page.wait_for_url(re.compile(r"/experiments/0\w+/$"))
    page.goto("/experiments/?q=Twice clicked")
    expect(page.locator("#experiments-table tbody tr")).to_have_count(1)


def test_a_training_is_deleted_after_a_question(dataset, signed_in_page):
    page = signed_in_page
    launch(page, "Not kept", epochs=2_000)  # it cannot end before it is cancelled
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-region=pill]")).to_have_text("Cancelled", timeout=WAIT_MS)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete Not kept?")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile(r"/experiments/$"))
    expect(page.locator("#toasts")).to_contain_text("Not kept is in the trash.")
    expect(page.get_by_role("link", name="Not kept")).to_have_count(0)


def test_the_arrows_go_through_the_epochs(trained):
    trained.reload()  # its last epoch may just have come, and the figures with it
    expect(trained.locator(".scrub__value")).to_have_text("4")
    trained.keyboard.press("ArrowLeft")
    expect(trained.locator(".scrub__value")).to_have_text("3")
    trained.keyboard.press("ArrowRight")
    expect(trained.locator(".scrub__value")).to_have_text("4")


def test_the_report_is_drawn_in_light_and_dark(trained):
    trained.get_by_role("link", name="Report", exact=True).click()
    expect(trained.locator("#matrix-chart[data-drawn]")).to_be_visible()
    comes_to(trained, lambda: strongest(trained), "#3450d6")
    trained.emulate_media(color_scheme="dark")
    comes_to(trained, lambda: strongest(trained), "#bcc8ff")


def test_dropped_pictures_get_their_labels(trained):
    page = trained
    page.get_by_role("link", name="Classify").last.click()
    files = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": picture(colour, 3)} for name, colour in COLOURS.items()]
    page.set_input_files("#images", [*files, {"name": "notes.png", "mimeType": "image/png", "buffer": b"no image"}])
    expect(page.locator("[data-answered=yes]")).to_have_count(3, timeout=WAIT_MS)
    expect(page.locator("[data-answered=error]")).to_contain_text("It is not an image")
    expect(page.locator(".guess--best span:first-child")).to_have_text(list(COLOURS))


def test_a_picture_that_is_chosen_before_the_pages_script_is_there_gets_its_label(trained):
    page, late = trained, list[Route]()
    page.route("**/js/classify*.js", lambda route: late.append(route))
    page.goto(f"/classify/?experiment={urlsplit(page.url).path.split('/')[2]}", wait_until="commit")
    page.set_input_files("#images", [{"name": "red.png", "mimeType": "image/png", "buffer": picture(COLOURS["red"], 3)}])
    comes_to(page, lambda: len(late), 1)
    late[0].continue_()
    expect(page.locator(".guess--best span:first-child")).to_have_text("red", timeout=WAIT_MS)


def test_a_published_network_names_what_it_sees_by_imagenets_classes(signed_in_page):
    page = signed_in_page
    page.goto("/models/")
    page.locator("#model-efficientnet_lite0").get_by_role("link", name="Classify with it").click()
    expect(page.get_by_label("Network")).to_have_value("published:efficientnet_lite0")
    flower = encoded(Image.fromarray(load_sample_images().images[1]))
    page.set_input_files("#images", [{"name": "flower.png", "mimeType": "image/png", "buffer": flower}])
    expect(page.locator(".guess--best span:first-child")).to_have_text("daisy", timeout=WAIT_MS)


def test_another_network_is_asked_about_the_pictures_that_lie_there(training, signed_in_page):
    page = signed_in_page
    page.goto("/classify/")
    flower, best = encoded(Image.fromarray(load_sample_images().images[1])), page.locator(".guess--best span:first-child")
    page.set_input_files("#images", [{"name": "flower.png", "mimeType": "image/png", "buffer": flower}])
    expect(best).to_have_text(re.compile("|".join(COLOURS)), timeout=WAIT_MS)
    page.get_by_label("Network").select_option("published:efficientnet_lite0")
    expect(best).to_have_text("daisy", timeout=WAIT_MS)


def test_a_hundred_and_one_pictures_are_refused_in_a_sentence(training, signed_in_page):
    page = signed_in_page
    page.goto("/classify/")
    files = [{"name": f"{index}.png", "mimeType": "image/png", "buffer": b"x"} for index in range(101)]
    page.set_input_files("#images", files)
    expect(page.locator("#toasts")).to_contain_text("101 files came")


def test_a_click_on_a_point_of_the_chart_leads_to_the_networks_row(dataset, signed_in_page):
    page = signed_in_page
    page.goto("/models/")
    expect(page.locator("#costs-chart[data-drawn]")).to_be_visible()
    page.fill("[data-table-search=models]", "nothing like this")
    expect(page.get_by_text("Nothing has “nothing like this” in it.")).to_be_visible()
    page.locator("#costs-chart .points path").nth(30).click(force=True)  # dots lie over each other: the topmost hears it
    row = page.locator("#models tr[aria-current]")
    expect(row).to_be_visible()
    expect(row).to_be_focused()
