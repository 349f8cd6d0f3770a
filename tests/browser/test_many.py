"""Many images through a trained network, by a real browser and worker: sent, watched, filtered, taken along, asked again, deleted."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import TRAINING_MS, WAIT_MS, archive_of, classify_many, follow, pictures

pytestmark = pytest.mark.browser
# The height of a line of progress without words, and with all that can be told.
TELL = """line => {
  const say = (...words) => { words.forEach((each, at) => { line.children[at].textContent = each; }); return line.offsetHeight; };
  return [say("Starting", "", "", ""), say("Classifying", "96 of 150 images", "102 images/s", "1 min 12 s left")];
}"""


@pytest.fixture
def network(trained: Page) -> Page:
    """There is a trained network, so the list begins with it."""
    return trained


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of four pictures of each of three colours, one that is broken and a text."""
    files = [*pictures(4), ("red/broken.png", b"none"), ("notes.txt", b"of a trip")]
    return archive_of(tmp_path_factory.mktemp("trip") / "trip.zip", iter(files))


def test_a_zip_becomes_counts_rows_and_a_file(network: Page, trip: Path, complaints: list[str]) -> None:
    page = network
    classify_many(page, trip)
    expect(page.get_by_role("heading", level=1)).to_have_text("trip.zip")
    expect(page.locator("#state")).to_have_text("Done")
    ways = page.get_by_role("navigation", name="Which images")
    expect(ways.get_by_role("link", name="all 12")).to_be_visible()
    expect(page.locator("#answers tbody tr")).to_have_count(12)
    expect(page.locator("#answers img").first).to_have_js_property("naturalWidth", 16)
    ways.get_by_role("link", name="refused 1").click()
    expect(page.locator("#answers tbody tr")).to_have_count(1)
    expect(page.locator("#answers")).to_contain_text("red/broken.png")
    first = page.locator("#classes tbody tr").first
    name, count = first.get_by_role("link").inner_text(), int(first.locator("td").nth(1).inner_text())
    first.get_by_role("link").click()
    expect(page.locator("#answers h2")).to_have_text(name)
    expect(page.locator("#answers tbody tr")).to_have_count(count)
    with page.expect_download() as got:
        page.get_by_role("link", name="Download CSV").click()
    rows = list(csv.DictReader(got.value.path().read_text().splitlines()))
    assert len(rows) == 13 and sum(row["label"] == name for row in rows) == count and rows[12]["refused"]
    assert complaints == []


def test_single_images_and_a_folder_are_sent_as_they_are(network: Page, tmp_path: Path) -> None:
    page = network
    files = []
    for path, data in pictures(3):
        files.append(tmp_path / path.replace("/", "-"))
        files[-1].write_bytes(data)
    classify_many(page, *files)
    expect(page.locator("#answers tbody tr")).to_have_count(9)
    classify_many(page, files[0])
    expect(page.locator("#answers tbody tr")).to_have_count(1)
    page.goto("/classify/many/")
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose a folder").click()
    chosen.value.set_files(tmp_path)
    expect(page.locator("[data-file-size]")).to_contain_text("9 files")
    page.get_by_role("button", name="Upload and classify").click()
    expect(page.locator("#answers tbody tr")).to_have_count(9, timeout=TRAINING_MS)


def test_the_same_images_by_another_network_and_the_history(network: Page, trip: Path) -> None:
    page = network
    first = classify_many(page, trip)
    page.get_by_role("button", name="With another network").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Network").select_option("published:efficientnet_lite0")
    dialog.get_by_role("button", name="Classify").click()
    page.wait_for_url(lambda url: "/classify/0" in url and url != first, timeout=WAIT_MS)
    expect(page.get_by_role("heading", name="By class")).to_be_visible(timeout=TRAINING_MS)
    expect(page.locator("#facts")).to_contain_text("efficientnet_lite0")
    follow(page, page.get_by_role("link", name="History"))
    expect(page.locator("tbody tr").first).to_contain_text("efficientnet_lite0")
    page.get_by_label("Network").select_option("published:efficientnet_lite0")
    page.wait_for_url(re.compile("network=published"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody tr").first.get_by_role("link").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("is in the trash")).to_be_visible()


def test_one_that_waits_is_cancelled_and_classified_once_more(network: Page, tmp_path: Path) -> None:
    """Of very many images, so that there is time for it."""
    page = network
    page.goto("/classify/many/")
    many = archive_of(tmp_path / "many.zip", pictures(2500))
    page.locator("#id_network").select_option("published:efficientnet_lite0")
    page.locator("#id_archive").set_input_files(many)
    page.get_by_role("button", name="Upload and classify").click()
    page.wait_for_url(re.compile(r"/classify/0\w+/$"), timeout=WAIT_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    before, told = page.locator("#classification .progress-line").evaluate(TELL)
    assert before == told  # what comes into it moves nothing below
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator("#state")).to_have_text("Cancelled", timeout=WAIT_MS)
    expect(page.get_by_role("button", name="Classify once more")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
