"""Pages that are seen for moments, or apart from the others: they fit every width and have no barrier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import wrong_with
from tests.browser.test_folders import drop
from tests.browser.world import COLOURS, WAIT_MS, archive_of, picture, pictures, upload

pytestmark = pytest.mark.browser
DESCRIPTION = "Cards of *three colours*, each in forty shades.\n\n| colour | cards |\n| --- | --- |\n| red | 40 |\n\n- printed\n- scanned"


@pytest.fixture
def own(signed_in_page: Page, tmp_path: Path) -> Page:
    """On the images of a set of its own."""
    upload(signed_in_page, archive_of(tmp_path / "seen_for_moments.zip", pictures(5)), "Seen for moments")
    expect(signed_in_page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    return signed_in_page


def test_waiting_images_while_they_are_looked_at(own: Page, tmp_path: Path) -> None:
    own.goto(f"{own.url}classes/")
    file = tmp_path / "new.png"
    file.write_bytes(picture(COLOURS["red"], 30))
    drop(own, file, onto='[data-drop-class="red"]')
    own.get_by_role("button", name="Add to the draft").click()
    expect(own.get_by_role("link", name="look at what waits")).to_be_visible(timeout=WAIT_MS)
    own.route("**/draft/waiting/status/**", lambda route: route.fulfill(status=204))  # the look goes on, for all that the page hears
    own.get_by_role("link", name="look at what waits").click()
    expect(own.get_by_text("Looking at the images of")).to_be_visible()
    assert wrong_with(own) == {}
    own.unroute_all(behavior="ignoreErrors")


def test_a_data_card_with_a_description_and_its_file(own: Page, another: Callable[..., Page], tmp_path: Path) -> None:
    own.get_by_role("link", name="Data card").click()
    own.get_by_text("Describe").first.click()
    own.get_by_label("Description").fill(DESCRIPTION)
    own.get_by_role("button", name="Save").first.click()
    expect(own.get_by_text("The data card says so now.")).to_be_visible()
    own.get_by_role("button", name="Dismiss").click()
    assert wrong_with(own) == {}
    file = tmp_path / "card.html"
    file.write_bytes(own.request.get(f"{own.url.rstrip('/')}.html").body())
    page = another()
    page.goto(file.as_uri())
    expect(page.get_by_text("three colours")).to_be_visible()
    assert wrong_with(page) == {}
