"""A real browser: the system's Chromium, driven by Playwright, against the fixture `stack`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.world import (
    PATIENCE_MS,
    WAIT_MS,
    World,
    archive_of,
    begin_upload,
    build,
    come_back,
    discard_uploads,
    enter,
    launch,
    open_dataset,
    open_trained,
    pictures,
)
from tests.plugins.stack import PASSWORD, PERSON, Stack

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
    expect.set_options(timeout=PATIENCE_MS)
    path = next(filter(None, map(shutil.which, NAMES)))
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def anchor(browser: Browser, stack: Stack) -> Iterator[Page]:
    """An empty page of the profile that test after test has: its cache keeps scripts and styles, of which half the time of a page's
    first visit goes away, and its window, for which the browser would start a process each time, stays."""
    profile = browser.new_context(base_url=stack.base, viewport={"width": 1440, "height": 900}, color_scheme="light")
    profile.set_default_timeout(PATIENCE_MS)
    yield profile.new_page()
    profile.close()


@pytest.fixture
def context(anchor: Page, stack: Stack) -> Iterator[BrowserContext]:
    """A profile as fresh, 1440 px wide, in light colours: its cache is all that it has of earlier tests."""
    profile = anchor.context
    yield profile
    profile.set_offline(False)
    profile.clear_cookies()
    for page in profile.pages:
        if page != anchor:
            page.close()
    tools = profile.new_cdp_session(anchor)
    tools.send("Storage.clearDataForOrigin", {"origin": stack.base, "storageTypes": "local_storage,indexeddb,cache_storage"})
    tools.detach()


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
    """A page in a browser that has signed in; nothing is opened yet."""
    return come_back(page)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures of each of three colours."""
    return archive_of(tmp_path_factory.mktemp("archive") / "colours.zip", pictures(40))


@pytest.fixture(scope="session")
def made() -> dict[str, str]:
    """The address of what the first test that asked for it has made."""
    return {}


@pytest.fixture
def dataset(signed_in_page: Page, archive: Path, made: dict[str, str]) -> str:
    """The imported set's address; uploaded by the first test that asks."""
    if "dataset" not in made:
        made["dataset"] = open_dataset(signed_in_page, archive)
    return made["dataset"]


@pytest.fixture
def training(signed_in_page: Page, dataset: str, made: dict[str, str]) -> str:
    """The address of a finished training, launched by the first test that asks."""
    if "training" not in made:
        made["training"] = open_trained(signed_in_page).url
    return made["training"]


@pytest.fixture
def trained(signed_in_page: Page, training: str) -> Page:
    """On the page of a finished training."""
    signed_in_page.goto(training)
    return signed_in_page


@pytest.fixture(scope="session")
def reader(stack: Stack) -> str:
    """A viewer of the same team."""
    stack.desk.call("create_user", "reader", "--team", "Stack", "--role", "viewer", SYNSET_PASSWORD=PASSWORD)
    return "reader"


def report_of(page: Page, training: str) -> str:
    """The address of its report, as its page has it."""
    page.goto(training)
    page.get_by_role("link", name="Report", exact=True).click()
    page.wait_for_url(re.compile(r"/reports/0\w+/$"))
    return page.url


@pytest.fixture
def report(signed_in_page: Page, training: str, made: dict[str, str]) -> Page:
    """On the page of a report."""
    if "report" not in made:
        made["report"] = report_of(signed_in_page, training)
    signed_in_page.goto(made["report"])
    expect(signed_in_page.locator("#matrix-chart[data-drawn]")).to_be_visible()
    return signed_in_page


@pytest.fixture
def another(browser: Browser, stack: Stack) -> Iterator[Callable[..., Page]]:
    """Pages of another browser: signed in as somebody, or a stranger's."""
    contexts: list[BrowserContext] = []

    def make(name: str = "", **options: object) -> Page:
        contexts.append(browser.new_context(base_url=stack.base, viewport={"width": 1440, "height": 900}, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        return come_back(page, name) if name else page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page that stays signed in from test to test; leave it as it was."""
    context = browser.new_context(base_url=stack.base, viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
    yield enter(context.new_page())
    context.close()


@pytest.fixture(scope="session")
def world(visitor: Page, stack: Stack, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """What every page has something to show of."""
    return build(visitor, stack, tmp_path_factory.mktemp("world"), archive)


@pytest.fixture(scope="session")
def somebody(browser: Browser, stack: Stack) -> Iterator[Callable[..., Page]]:
    """A page of a browser of its own: signed in as a new member of a team, or without a name a stranger's."""
    contexts: list[BrowserContext] = []

    def make(name: str = "", team: str = "Stack", role: str = "viewer", base: str = stack.base) -> Page:
        contexts.append(browser.new_context(base_url=base, viewport={"width": 1440, "height": 900}, color_scheme="light"))
        contexts[-1].set_default_timeout(PATIENCE_MS)
        if not name:
            return contexts[-1].new_page()
        stack.desk.call("create_user", name, "--team", team, "--role", role, SYNSET_PASSWORD=PASSWORD)
        return enter(contexts[-1].new_page(), name)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def newcomer(somebody: Callable[..., Page]) -> Page:
    """The owner of a team that has nothing."""
    return somebody("newcomer", "Empty", "owner")


@pytest.fixture(scope="session")
def onlooker(somebody: Callable[..., Page]) -> Page:
    """A viewer of the team that has everything."""
    return somebody("onlooker")


# Pages in a state that no address alone brings about: tests ask for them by the names in pages.STATES.


@pytest.fixture
def state(request: pytest.FixtureRequest) -> Page:
    """The page of the fixture with the name that the test is given."""
    page: Page = request.getfixturevalue(request.param)
    return page


@pytest.fixture
def running(visitor: Page, world: World) -> Iterator[Page]:
    """On the page of a training at work, after its first epochs."""
    launch(visitor, "At work", epochs=2_000)
    here = visitor.url
    expect(visitor.locator("#live-epoch")).to_contain_text("of 2000", timeout=WAIT_MS)
    expect(visitor.locator("#matrix-chart[data-drawn]")).to_be_visible(timeout=WAIT_MS)
    yield visitor
    visitor.goto(here)
    visitor.get_by_role("button", name="Cancel").click()
    expect(visitor.locator("[data-region=pill]")).to_have_text("Cancelled", timeout=WAIT_MS)


@pytest.fixture
def unfinished(visitor: Page, stack: Stack) -> Iterator[Page]:
    """On the upload page, with an upload that can be gone on with."""
    begin_upload(stack, stack.desk.call("create_token", PERSON, "--scope", "write"))
    visitor.goto("/datasets/new/")
    yield visitor
    visitor.goto("/datasets/new/")
    visitor.locator("[data-unfinished]", has_text="wood_mice").get_by_role("button", name="Discard").click()
    visitor.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(visitor.locator("#toasts")).to_contain_text("is discarded")


@pytest.fixture
def upload_page(signed_in_page: Page) -> Iterator[Page]:
    """On the upload page; what was begun there is discarded."""
    signed_in_page.goto("/datasets/new/")
    yield signed_in_page
    signed_in_page.unroute_all()
    signed_in_page.on("dialog", lambda dialog: dialog.accept())  # one is asked whether to leave
    discard_uploads(signed_in_page)


@pytest.fixture
def previewed(visitor: Page, world: World, tmp_path: Path) -> Iterator[Page]:
    """On the page of an archive that is shown as it is understood, with a table, folders and something left out."""
    table = "file,colour,shade\n" + "".join(f"{path},{path.split('/')[0]},light\n" for path, _ in pictures(3))
    files = [*pictures(3), ("loose.png", b"no picture"), ("colours.csv", table.encode())]
    visitor.goto("/datasets/new/")
    visitor.set_input_files("#id_archive", archive_of(tmp_path / "shades.zip", iter(files)))
    visitor.get_by_role("button", name="Upload and import").click()
    expect(visitor.get_by_role("button", name="Import these images")).to_be_visible(timeout=WAIT_MS)
    here = visitor.url
    yield visitor
    visitor.goto(here)
    visitor.get_by_role("button", name="Do not import it").click()
    expect(visitor.get_by_text("The import was cancelled")).to_be_visible(timeout=WAIT_MS)


@pytest.fixture
def classified(visitor: Page, world: World, tmp_path: Path) -> Page:
    """On the page of classification with answers."""
    visitor.goto("/classify/")
    files = [tmp_path / path.replace("/", "-") for path, content in pictures(1)]
    for file, (_, content) in zip(files, pictures(1), strict=True):
        file.write_bytes(content)
    visitor.set_input_files("#images", files)
    expect(visitor.locator("[data-answered=yes]")).to_have_count(len(files), timeout=WAIT_MS)
    return visitor


@pytest.fixture
def kept_file(visitor: Page, world: World, somebody: Callable[..., Page], tmp_path: Path) -> Page:
    """A report's file, opened from the disk by a browser that has no network."""
    file = tmp_path / "report.html"
    file.write_bytes(visitor.request.get(f"/reports/{world.report}/report.html").body())
    page = somebody()
    page.context.set_offline(True)
    page.goto(file.as_uri())
    return page


@pytest.fixture(scope="session")
def guide(visitor: Page, stack: Stack) -> Iterator[Page]:
    """On the style guide, which a second web process shows with DEBUG on the same data; the session holds there too."""
    with stack.web(DEBUG="1") as base:
        page = visitor.context.new_page()
        page.goto(f"{base}/styleguide")
        yield page
        page.close()


FIRST = """
from webapp.accounts.actions import setup_code
from webapp.ops.database import migrate
from webapp.ops.static_files import collect
migrate()
collect()
print(setup_code())
"""


@pytest.fixture(scope="session")
def first_page(somebody: Callable[..., Page], stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Where the first account is made, of a Synset that has none yet: its web process alone, which uses the stack's Redis."""
    fresh = Stack(tmp_path_factory.mktemp("fresh"), REDIS_URL=stack.redis_url).prepared()
    with fresh.desk:
        code = fresh.desk.call("shell", "-v0", "-c", FIRST)
        with fresh.web() as base:
            page = somebody(base=base)
            page.goto(f"/setup/{code}/")
            expect(page.get_by_role("button", name="Make the account")).to_be_visible()
            yield page
