"""A real browser: the system's Chromium, driven by Playwright, against the fixture `stack`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.world import World, archive_of, build, open_dataset, open_trained, pictures, sign_in
from tests.plugins.stack import Stack

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Keeps an event loop in this thread: tests that ask for it reach the database through other processes alone."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)))
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def context(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """A fresh profile, 1440 px wide, in light colours."""
    context = browser.new_context(base_url=stack.base, viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console reported: errors of scripts and violations of the policy."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    """A page, signed out; its console's errors go to `complaints`."""
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.fixture
def signed_in_page(page: Page) -> Page:
    """A page after signing in through the form, on the home page."""
    return sign_in(page)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures of each of three colours."""
    return archive_of(tmp_path_factory.mktemp("archive") / "colours.zip", pictures(40))


@pytest.fixture
def dataset(signed_in_page: Page, archive: Path) -> str:
    """The imported set's address; uploaded by the first test that asks."""
    return open_dataset(signed_in_page, archive)


@pytest.fixture
def trained(dataset: str, signed_in_page: Page) -> Page:
    """On the page of a finished training."""
    return open_trained(signed_in_page)


@pytest.fixture(scope="session")
def visitor(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page that stays signed in from test to test; leave it as it was."""
    context = browser.new_context(base_url=stack.base, viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(15_000)
    yield sign_in(context.new_page())
    context.close()


@pytest.fixture(scope="session")
def world(visitor: Page, stack: Stack, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """What every page has something to show of."""
    return build(visitor, stack, tmp_path_factory.mktemp("world"), archive)
