"""A page as it stands, looked at from a small phone to a wide screen: it fits, and it has no barrier."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.barriers import THEMES, barriers_at, settle
from tests.browser.widths import WIDTHS, wrong_at

HEIGHTS = {390: 844}  # of a telephone; else of a desk


def wrong_with(page: Page) -> dict[str, list[str]]:
    """What does not fit, by width, and what is a barrier, by theme and width, on the page as it stands. Each size is had once, since
    to change it has all charts drawn anew; at the end the page is a phone in light."""
    settle(page)
    found = {}
    for width in WIDTHS:
        found[str(width)] = wrong_at(page, width, HEIGHTS.get(width, 900))
        found |= {f"{theme} {width}": seen for theme, seen in barriers_at(page, THEMES.get(width, ())).items()}
    page.emulate_media(color_scheme="light")
    return {look: seen for look, seen in found.items() if seen}
