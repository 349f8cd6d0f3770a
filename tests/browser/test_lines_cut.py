"""A page whose line is cut, and a page whose server hears nothing from Redis: it says so, and then it has caught up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.world import WAIT_MS, come_back, comes_to, launch
from tests.faults.lines import Line
from tests.plugins.stack import Stack

pytestmark = pytest.mark.browser
EPOCHS = 2_000  # more than it can do while it is watched
MORE = 8  # epochs that pass while the page hears nothing
DELAYED = "Live updates are delayed; the training goes on."


def epoch_on(page: Page) -> int:
    """The epoch that the page tells of."""
    found = re.search(r"Epoch ([\d,]+) of", page.locator("#live-epoch").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def wait_for_epoch(page: Page, epoch: int) -> None:
    comes_to(page, lambda: epoch_on(page) >= epoch, True, WAIT_MS)


def last_heard_of(page: Page, other: Page) -> int:
    """The epoch that the page tells of once nothing more comes, while the other one hears of more: what was on its way is shown a
    moment later, and on a busy machine an epoch may take longer than that."""
    for _ in range(WAIT_MS // 500):
        seen, there = epoch_on(page), epoch_on(other)
        page.wait_for_timeout(500)
        wait_for_epoch(other, there + 2)
        if epoch_on(page) == seen:
            return seen
    raise AssertionError(f"the page still hears of epochs, now of {epoch_on(page)}")


CURVES = "(document.getElementById('loss-chart').data ?? []).map(({ x }) => Array.from(x ?? []))"
DRAWN = f"{CURVES}.sort((a, b) => b.length - a.length)[0] ?? []"


def drawn_epochs(page: Page) -> list[int]:
    """The epochs of the loss chart's longest curve."""
    return page.evaluate(DRAWN)


def gaps(page: Page) -> list[tuple[int, int]]:
    """Neighbours in the drawn curve that do not follow each other, from epoch 0 on."""
    drawn = drawn_epochs(page)
    return [(before, after) for before, after in zip([0, *drawn], drawn, strict=False) if after != before + 1]


def wait_for_curves(page: Page, epoch: int) -> None:
    """The curves reach `epoch`; they are fetched anew after the words of the page, which come with the socket's snapshot."""
    comes_to(page, lambda: len(drawn_epochs(page)) >= epoch, True, WAIT_MS)


@pytest.fixture
def watched(signed_in_page: Page, dataset: str) -> Iterator[Page]:
    """The page of a training at work, over a line that holds."""
    launch(signed_in_page, "At sea", epochs=EPOCHS)
    here = signed_in_page.url
    wait_for_epoch(signed_in_page, 2)
    yield signed_in_page
    signed_in_page.goto(here)
    signed_in_page.get_by_role("button", name="Cancel").click()
    expect(signed_in_page.locator("[data-region=pill]")).to_have_text("Cancelled", timeout=WAIT_MS)


@pytest.fixture
def line(stack: Stack) -> Iterator[Line]:
    with Line(stack.port) as line:
        yield line


@pytest.fixture
def far(browser: Browser, line: Line, watched: Page) -> Iterator[Page]:
    """The same page in a browser at the other end of a line."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{line.port}", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    page = come_back(context.new_page())
    page.goto(urlsplit(watched.url).path)
    yield page
    context.close()


@pytest.mark.parametrize("fault", ["cut", "go_silent"])
def test_a_page_that_was_offline_catches_up_with_no_gap(fault: str, far: Page, line: Line, watched: Page) -> None:
    wait_for_epoch(far, 2)
    getattr(line, fault)()
    seen = last_heard_of(far, watched)
    if fault == "cut":
        expect(far.locator("#link-words")).to_have_text(DELAYED)
        expect(far.locator("#link-words")).to_be_visible()
    wait_for_epoch(watched, seen + MORE)
    assert epoch_on(far) <= seen + 1
    line.mend()
    wait_for_epoch(far, seen + MORE)
    expect(far.locator("#link-words")).to_be_hidden(timeout=WAIT_MS)
    wait_for_curves(far, seen + MORE)
    assert gaps(far) == []


LATE_CURVES = """() => {
  const real = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    if (!String(asked[0]).includes("charts")) return answer;
    await new Promise((done) => { setTimeout(done, 3000); });
    document.body.dataset.late = "";
    return answer;
  };
  document.getElementById("experiment").dispatchEvent(new CustomEvent("job:snapshot"));
}"""


def test_epochs_that_end_while_the_curves_are_fetched_anew_are_drawn(watched: Page) -> None:
    wait_for_epoch(watched, 4)
    watched.evaluate(LATE_CURVES)
    expect(watched.locator("body[data-late]")).to_be_attached(timeout=WAIT_MS)
    wait_for_epoch(watched, epoch_on(watched) + 2)
    assert gaps(watched) == []


@pytest.fixture
def redis(stack: Stack) -> Iterator[psutil.Process]:
    """The tree's own; it goes on at the end."""
    children = psutil.Process(stack.process.pid).children(recursive=True)
    (server,) = [each for each in children if re.search(r"(valkey|redis)-server", " ".join(each.cmdline()))]
    yield server
    server.resume()


def test_without_redis_a_page_says_that_updates_are_delayed_and_goes_on_showing_them(watched: Page, redis: psutil.Process) -> None:
    redis.suspend()
    expect(watched.locator("#link-words")).to_be_visible(timeout=WAIT_MS)
    wait_for_epoch(watched, epoch_on(watched) + MORE)
    redis.resume()
    expect(watched.locator("#link-words")).to_be_hidden(timeout=WAIT_MS)
    comes_to(watched, lambda: gaps(watched), [])
