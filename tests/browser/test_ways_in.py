"""Images that nobody sends, in a real browser: from an address, and from a folder of the server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import DESK
from tests.browser.looks import wrong_with
from tests.browser.world import WAIT_MS, archive_of, connect, pictures
from tests.classifier.buckets import Fake, faking
from tests.classifier.server import Served, serving
from tests.plugins.stack import Stack

pytestmark = pytest.mark.browser


def expect_dataset(page: Page, name: str) -> None:
    """On its page, imported with all its images."""
    page.wait_for_url(re.compile(r"/datasets/0\w{19}/$"), timeout=WAIT_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("[data-tile]")).to_have_count(12, timeout=WAIT_MS)


def test_an_archive_at_an_address_becomes_a_dataset(signed_in_page: Page, tmp_path: Path, complaints: list[str]) -> None:
    with serving(Served(archive_of(tmp_path / "colours.zip", pictures(4)).read_bytes())) as served:
        signed_in_page.goto("/datasets/new/")
        signed_in_page.get_by_role("link", name="An address").click()
        signed_in_page.get_by_label("Address", exact=True).fill(served.address)
        signed_in_page.get_by_label("Show me first how it is understood").uncheck()
        signed_in_page.get_by_role("button", name="Download and import").click()
        expect_dataset(signed_in_page, "Images")
    assert complaints == []


def test_a_private_address_is_refused_at_its_field(signed_in_page: Page) -> None:
    signed_in_page.goto("/datasets/new/address/")
    signed_in_page.get_by_label("Address", exact=True).fill("http://10.0.0.1/images.zip")
    signed_in_page.get_by_role("button", name="Download and import").click()
    expect(signed_in_page.locator("[data-field=address]")).to_contain_text("This address is of a private network")
    expect(signed_in_page.get_by_label("Address", exact=True)).to_have_value("http://10.0.0.1/images.zip")


def test_a_server_folder_becomes_a_dataset(signed_in_page: Page, stack: Stack, complaints: list[str]) -> None:
    for name, content in pictures(4):
        path = stack.roots / "shop" / "fresh colours" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    signed_in_page.goto("/datasets/new/server/")
    signed_in_page.get_by_role("link", name="shop").click()
    signed_in_page.get_by_role("link", name="fresh colours").click()
    signed_in_page.get_by_role("button", name="Import this folder").click()
    signed_in_page.get_by_role("button", name="Import these images").click(timeout=WAIT_MS)
    expect_dataset(signed_in_page, "Fresh colours")
    assert complaints == []


def test_the_browsers_of_server_folders_and_buckets_fit_and_have_no_barrier(signed_in_page: Page, stack: Stack) -> None:
    page = signed_in_page
    for name in ("a very long name of a folder that goes on and on_and_on_without_a_break_" * 2, "ねこの写真", "صور القطط"):
        (stack.roots / "archive" / name / "inner").mkdir(parents=True, exist_ok=True)
    page.goto("/datasets/new/server/")
    page.get_by_role("link", name="archive").click()
    expect(page.locator("#picker")).to_contain_text("ねこの写真")
    assert wrong_with(page) == {}
    page.set_viewport_size(DESK)
    page.get_by_role("link", name="ねこの写真").press("Enter")  # by keyboard as by mouse
    expect(page.get_by_role("navigation", name="The way to this folder")).to_contain_text("ねこの写真")
    with faking(Fake({f"colours/{name}": content for name, content in pictures(1)})) as fake:
        connect(page, name="Looked at", bucket="photos", endpoint=fake.bucket.endpoint, key="key", secret="a-secret-of-ours")
        page.goto("/datasets/new/bucket/")
        expect(page.get_by_label("Connection")).to_contain_text("Looked at (photos)")
        page.get_by_role("button", name="Look into it").click()
        level = page.locator("#bucket-level")
        expect(level.get_by_role("button", name="colours")).to_be_focused(timeout=WAIT_MS)
        page.keyboard.press("Enter")
        expect(level.locator("[aria-current]")).to_have_text("colours", timeout=WAIT_MS)
        expect(page.get_by_label("Folder or archive")).to_have_value("colours")
        level.get_by_role("button", name=re.compile("^photos")).click()
        expect(page.get_by_label("Folder or archive")).to_have_value("", timeout=WAIT_MS)
        assert wrong_with(page) == {}
        page.set_viewport_size(DESK)
        page.goto("/team/connections/")
        page.get_by_role("button", name="Delete Looked at").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete Looked at").click()
        expect(page.get_by_role("row", name="Looked at")).to_have_count(0, timeout=WAIT_MS)


def test_an_owner_connects_to_a_bucket_and_images_come_from_it(signed_in_page: Page, complaints: list[str]) -> None:
    page = signed_in_page
    with faking(Fake({f"colours/{name}": content for name, content in pictures(4)})) as fake:
        connect(page, name="Shop", bucket="photos", endpoint=fake.bucket.endpoint, key="key", secret="a-secret-of-ours")
        expect(page.get_by_role("row", name="Shop")).to_contain_text("It opens: 12 objects below photos.", timeout=WAIT_MS)
        page.get_by_role("button", name="Another key for Shop").click()
        page.get_by_role("dialog").get_by_label("Secret key").fill("another-secret")
        page.get_by_role("dialog").get_by_label("Access key").fill("key")
        page.get_by_role("dialog").get_by_role("button", name="Save and test").click()
        expect(page.get_by_role("row", name="Shop")).to_contain_text("It opens", timeout=WAIT_MS)
        assert "of-ours" not in page.content() and "another-secret" not in page.content()
        page.goto("/datasets/new/")
        page.get_by_role("link", name="A bucket").click()
        page.get_by_label("Connection").select_option(label="Shop (photos)")
        page.get_by_label("Folder or archive").fill("colours")
        page.get_by_label("Show me first how it is understood").uncheck()
        page.get_by_role("button", name="Copy and import").click()
        expect_dataset(page, "Colours")
        page.goto("/team/connections/")
        page.get_by_role("button", name="Delete Shop").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete Shop").click()
        expect(page.get_by_role("row", name="Shop")).to_have_count(0, timeout=WAIT_MS)
    assert complaints == []


def test_a_connections_form_asks_what_its_kind_takes(signed_in_page: Page) -> None:
    signed_in_page.goto("/team/connections/")
    form = signed_in_page.locator("#new")
    server, options = form.get_by_label("Server"), form.get_by_label("Options")
    expect(server).to_be_visible()
    expect(options).to_be_hidden()
    form.get_by_label("Kind").select_option("sftp")
    expect(options).to_be_visible()
    expect(server).to_be_hidden()
