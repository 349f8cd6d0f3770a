"""What axe-core finds on a page: light and dark, on a desk and on a phone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page, expect

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}})"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOKS = (("light", DESK), ("dark", DESK), ("dark", PHONE))  # a phone in light has no pair of colours that these lack


def settle(page: Page) -> None:
    """Until the charts are drawn, and nothing is pale since it is about to change."""
    expect(page.locator('[aria-busy="true"]')).to_have_count(0)
    expect(page.locator("[data-chart]:not([data-drawn]):not(:has([data-waiting]))")).to_have_count(0)


def barriers(page: Page) -> list[str]:
    """What axe-core finds, as "rule: element (why)"."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)  # evaluated by the debugger: the page's own policy stays as it is
    found: dict[str, Any] = page.evaluate(RUN)
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})" for rule in found["violations"] for node in rule["nodes"]
    ]


def barriers_everywhere(page: Page) -> dict[str, list[str]]:
    """By theme and width, what is found on the page as it stands."""
    found = {}
    for theme, size in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        settle(page)
        if seen := barriers(page):
            found[f"{theme} {size['width']}"] = seen
    page.emulate_media(color_scheme="light")
    return found
