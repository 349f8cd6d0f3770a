"""Two trainings held against each other in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import TRAINING_MS, follow

pytestmark = pytest.mark.browser


@pytest.fixture
def compared(trained: Page) -> Page:
    """On the comparison of two finished trainings that were ticked in the list; the second is launched by the first caller."""
    training = trained.url
    trained.goto("/experiments/?q=Held+against")
    if not trained.get_by_role("link", name="Held against").count():
        trained.goto(training)
        trained.get_by_role("link", name="Clone and change").click()  # on the same data
        trained.fill("[name=name]", "Held against")
        trained.fill("[name=epochs]", "2")
        trained.keyboard.press("Control+Enter")
        trained.wait_for_url(re.compile(r"/experiments/0\w+/$"))
        expect(trained.locator("[data-region=pill]")).to_have_text("Done", timeout=TRAINING_MS)
    trained.goto("/experiments/")
    for name in ("Held against", "Shared"):
        trained.get_by_label(f"Choose {name}", exact=True).first.check()
    trained.get_by_role("button", name="Compare").click()
    trained.wait_for_url(re.compile(r"/experiments/compare/\?of=0\w+&of=0\w+$"))
    return trained


def test_what_is_ticked_is_compared_and_its_images_change_in_place(compared, complaints):
    expect(compared.get_by_role("heading", name="Compare 2 experiments")).to_be_visible()
    for chart in ("curves-chart", "matrix-chart", "class-chart"):
        expect(compared.locator(f"#{chart}[data-drawn]")).to_be_attached()
    compared.evaluate("window.stayed = true")
    compared.get_by_role("link", name=re.compile("^Both wrong")).click()
    expect(compared).to_have_url(re.compile("show=both_wrong"))
    expect(compared.get_by_role("link", name=re.compile("^Both wrong"))).to_have_attribute("aria-current", "true")
    assert compared.evaluate("window.stayed") is True
    expect(compared.get_by_role("link", name=re.compile("^Both wrong"))).to_be_focused()
    compared.reload()
    expect(compared.get_by_role("link", name=re.compile("^Both wrong"))).to_have_attribute("aria-current", "true")


def test_another_is_put_first_by_keyboard(compared, complaints):
    compared.get_by_role("link", name=re.compile("^Hold the others against Shared")).focus()
    compared.keyboard.press("Enter")
    expect(compared.locator("#compared tbody tr").first).to_contain_text("Shared")


def test_the_leaderboard_leads_to_a_comparison(compared, complaints):
    compared.locator("#compared tbody .row__title a").first.click()
    compared.locator(".crumbs a").last.click()
    follow(compared, compared.get_by_role("link", name="Leaderboard"))
    expect(compared.locator("#board-table tbody tr").first).to_contain_text("1")
    compared.locator("#board-table [data-bulk-all]").check()
    compared.get_by_role("button", name="Compare").click()
    expect(compared.get_by_role("heading", name=re.compile(r"Compare \d+ experiments"))).to_be_visible()
