"""Forms that make something take one click while their answer takes its time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.world import World, come_back

FORMS = {  # page, the form's address, what its button says meanwhile, the fields that it cannot do without
    "weights": ("/models/", "/models/weights/", "Uploading…", {}),
    "share link": ("/reports/{report}/", "/links/", "Making the link…", {}),
    "invitation": ("/team/", "/invitations/", "Making the link…", {}),
    "token": ("/account/", "/tokens/", "Making it…", {"name": "Nightly"}),
    "team": ("/account/", "/teams/", "Making it…", {"team": "Botany"}),
}
OPEN_ALL = "form => { for (let box = form.closest('details'); box; box = box.parentElement.closest('details')) box.open = true; }"
NEXT_FRAME = "() => new Promise(requestAnimationFrame)"  # by when a click has sent what it sends


@pytest.mark.parametrize("name", FORMS)
def test_a_second_click_sends_nothing(name: str, page: Page, world: World) -> None:
    path, address, meanwhile, fields = FORMS[name]
    come_back(page).goto(path.format(report=world.report))
    form = page.locator(f'form[action*="{address}"][data-busy]')
    form.evaluate(OPEN_ALL)
    for field in form.locator("input[type=file]").all():
        field.set_input_files({"name": "mine.pth", "mimeType": "application/octet-stream", "buffer": b"numbers"})
    for field, text in fields.items():
        form.locator(f"[name={field}]").fill(text)

    def swallow(route: Route) -> None:
        """A script's request has no answer yet; a form's has one that leaves the page as it is, as if none had come."""
        if route.request.resource_type == "document":
            route.fulfill(status=204)

    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if address in request.url else None)
    page.route(lambda url: address in url, swallow)
    with page.expect_request(lambda request: address in request.url):  # a script's goes out after its click
        form.locator("button:not([type=button])").click()
    expect(form.get_by_role("button", name=meanwhile)).to_be_disabled()
    form.locator("button:not([type=button])").click(force=True)
    form.evaluate(NEXT_FRAME)
    assert len(sent) == 1
    page.unroute_all(behavior="ignoreErrors")


def test_a_weights_file_shows_how_far_it_is_and_then_stands_in_the_table(page: Page, world: World) -> None:
    come_back(page).goto("/models/")
    form = page.locator("form.weights-form")
    form.locator("[name=file]").set_input_files({"name": "garden.pth", "mimeType": "application/octet-stream", "buffer": b"x" * 3_000_000})
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_500_000}
    )
    form.get_by_role("button", name="Upload weights").click()
    expect(form.get_by_role("progressbar", name="Upload")).to_be_visible()
    expect(form.locator("[data-left]")).to_have_text(re.compile(r"left|saving"))
    expect(page.locator("#weights-files")).to_contain_text("garden")


def test_what_is_wrong_with_a_weights_file_stands_at_its_field(page: Page, world: World) -> None:
    come_back(page).goto("/models/")
    form = page.locator("form.weights-form")
    form.locator("[name=file]").set_input_files({"name": "empty.pth", "mimeType": "application/octet-stream", "buffer": b""})
    form.get_by_role("button", name="Upload weights").click()
    expect(form.locator("#id_file-hint")).to_contain_text("Is empty (0 bytes)")
    expect(form.get_by_role("button", name="Upload weights")).to_be_enabled()
