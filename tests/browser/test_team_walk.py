"""A team's first day, each in a browser of their own: owner, editor, viewer, and a stranger with a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.world import PATIENCE_MS, WAIT_MS, launch, upload
from tests.plugins.stack import PASSWORD, Stack

SEEN_MS = 10_000  # within which one browser shows what another did
REPORT = re.compile(r"/reports/0\w+/$")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Synset that nobody has signed in to yet."""
    with Stack(tmp_path_factory.mktemp("fresh")) as started:
        yield started.wait_until_ready()


@pytest.fixture
def browser_of(browser: Browser, fresh: Stack, complaints: list[str]) -> Iterator[Callable[[], Page]]:
    """Opens a browser of its own; what its console reports goes to `complaints`."""
    contexts = []

    def make() -> Page:
        context = browser.new_context(base_url=fresh.base, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()


def become_owner(page: Page, fresh: Stack) -> Page:
    """By the one-time address that the terminal shows."""
    page.goto(fresh.setup_path())
    page.get_by_label("Your name").fill("olga")
    page.get_by_label("Team", exact=True).fill("Orchard")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def invite(page: Page, role: str) -> str:
    """The link with which somebody joins."""
    page.goto("/team/")
    page.get_by_label("Joins as").select_option(role)
    page.get_by_role("button", name="Make an invitation").click()
    return page.locator("#invite-link").input_value()


def join(page: Page, link: str, name: str) -> Page:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account and join").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def train(page: Page, archive: Path) -> None:
    """Uploads, trains, and stands on the report."""
    upload(page, archive, "Colours")
    expect(page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    launch(page, "First", epochs=2)
    expect(page.locator("[data-region=pill]")).to_have_text("Done", timeout=WAIT_MS)
    page.get_by_role("link", name="Report", exact=True).click()
    page.wait_for_url(REPORT)


class Day(NamedTuple):
    """Everybody's browser, with a report to talk about; editor and viewer stand on it."""

    owner: Page
    editor: Page
    viewer: Page


@pytest.fixture
def day(browser_of: Callable[[], Page], fresh: Stack, archive: Path) -> Day:
    owner = become_owner(browser_of(), fresh)
    editor = join(browser_of(), invite(owner, "editor"), "edda")
    train(editor, archive)
    viewer = join(browser_of(), invite(owner, "viewer"), "vito")
    viewer.goto(editor.url)
    return Day(owner, editor, viewer)


def comments_reach_the_other_browser(day: Day) -> None:
    expect(day.viewer.get_by_role("button", name="Save")).to_have_count(0)  # a viewer edits nothing
    day.viewer.get_by_label("Say something").fill("The reds are **good**.")
    day.viewer.get_by_role("button", name="Comment", exact=True).click()
    expect(day.editor.locator("#comments").get_by_text("The reds are good.")).to_be_visible(timeout=SEEN_MS)


def edits_reach_the_other_browser(day: Day) -> None:
    day.editor.get_by_text("Edit title, notes and tags").first.click()
    day.editor.get_by_label("Title").fill("How well it tells colours apart")
    day.editor.get_by_role("button", name="Save", exact=True).first.click()
    expect(day.viewer.get_by_role("heading", name="How well it tells colours apart")).to_be_visible(timeout=SEEN_MS)


def share(page: Page) -> str:
    page.get_by_role("button", name="Make a link").click()
    return page.locator("#new-link").input_value()


def a_stranger_sees_the_report_alone(stranger: Page, link: str) -> None:
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="How well it tells colours apart")).to_be_visible()
    expect(stranger.locator("[data-chart]").first).to_have_attribute("data-drawn", "")
    for secret in ("The reds are", "vito", "edda", "Orchard"):
        expect(stranger.get_by_text(secret)).to_have_count(0)
    stranger.goto("/reports/")
    expect(stranger).to_have_url(re.compile("/login/"))


def the_link_ends_with_its_revocation(day: Day, stranger: Page, link: str) -> None:
    day.editor.goto("/reports/")
    day.editor.get_by_role("link", name="How well it tells colours apart").click()
    expect(day.editor.locator("#share").get_by_text("opened 1 time")).to_be_visible(timeout=SEEN_MS)
    day.editor.get_by_role("button", name="Revoke").click()
    expect(day.editor.get_by_role("button", name="Revoke")).to_have_count(0)
    answer = stranger.goto(link)
    assert answer and answer.status == 404


def who_is_removed_is_out(day: Day) -> None:
    day.owner.goto("/team/")
    day.owner.get_by_role("button", name="Remove vito").first.click()
    day.owner.get_by_role("dialog").get_by_role("button", name="Remove vito").click()
    expect(day.owner.locator("[data-member=vito]")).to_have_count(0)
    answer = day.viewer.goto("/reports/")
    assert answer and answer.status == 403


def test_a_teams_first_day(day: Day, browser_of: Callable[[], Page], complaints: list[str]) -> None:
    comments_reach_the_other_browser(day)
    edits_reach_the_other_browser(day)
    stranger, link = browser_of(), share(day.editor)
    a_stranger_sees_the_report_alone(stranger, link)
    the_link_ends_with_its_revocation(day, stranger, link)
    who_is_removed_is_out(day)
    assert [told for told in complaints if not any(words in told for words in ("status of 404", "status of 403"))] == []
