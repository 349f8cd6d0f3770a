"""One person in two teams, with a tab open in each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def tabs(somebody: Callable[..., Page]) -> tuple[Page, Page]:
    """Two tabs of one browser: the left one in East, the right one, which was opened later, in West."""
    left = somebody("two-teams", team="East", role="owner")
    left.goto("/team/")
    right = left.context.new_page()
    right.goto("/account/")
    right.get_by_label("A new team").fill("West")
    right.get_by_role("button", name="Make it").click()
    expect(right.get_by_role("heading", name="West", exact=True)).to_be_visible()
    return left, right


def go_on_in(tab: Page, team: str) -> None:
    """Turns to that tab and goes on by its menu; the next page is the team's too."""
    tab.bring_to_front()
    tab.locator("summary.who").click()
    with tab.expect_navigation():
        tab.get_by_role("link", name="Team and members").click()
    expect(tab.get_by_role("heading", name=team, exact=True)).to_be_visible()


def test_each_tab_works_in_the_team_of_its_page(tabs: tuple[Page, Page]) -> None:
    left, right = tabs
    left.get_by_label("Name", exact=True).fill("East side")  # still the page of East
    left.get_by_role("button", name="Rename").click()
    expect(left.get_by_role("heading", name="East side")).to_be_visible()
    go_on_in(right, "West")
    go_on_in(left, "East side")
