"""Forms that make something take one click while their answer takes its time."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.world import World, enter

FORMS = {  # page, the form's address, what its button says meanwhile, the fields that it cannot do without
    "weights": ("/models/", "/models/weights/", "Uploading…", {}),
    "share link": ("/reports/{report}/", "/links/", "Making the link…", {}),
    "invitation": ("/team/", "/invitations/", "Making the link…", {}),
    "token": ("/account/", "/tokens/", "Making it…", {"name": "Nightly"}),
    "team": ("/account/", "/teams/", "Making it…", {"team": "Botany"}),
}
OPEN_ALL = "form => { for (let box = form.closest('details'); box; box = box.parentElement.closest('details')) box.open = true; }"


@pytest.mark.parametrize("name", FORMS)
def test_a_second_click_sends_nothing(name: str, page: Page, world: World) -> None:
    path, address, meanwhile, fields = FORMS[name]
    enter(page).goto(path.format(report=world.report))
    form = page.locator(f'form[action*="{address}"][data-busy]')
    form.evaluate(OPEN_ALL)
    for field in form.locator("input[type=file]").all():
        field.set_input_files({"name": "mine.pth", "mimeType": "application/octet-stream", "buffer": b"numbers"})
    for field, text in fields.items():
        form.locator(f"[name={field}]").fill(text)
    sent: list[str] = []

    def swallow(route: Route) -> None:
        """An answer that leaves the page as it is, so that it can be looked at as if none had come."""
        sent.append(route.request.url)
        route.fulfill(status=204)

    page.route(lambda url: address in url, swallow)
    form.locator("button:not([type=button])").click()
    expect(form.get_by_role("button", name=meanwhile)).to_be_disabled()
    form.locator("button:not([type=button])").click(force=True)
    assert len(sent) == 1
