"""The rows of the live page in a real browser: how long it takes until all of it is drawn, and what an epoch costs the main thread.

A training of 200 epochs, 1,000 classes and a million steps that is under way, on a whole server on loopback.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Row
from benchmarks.server import served
from tests.plugins.stack import PASSWORD, PERSON, environment

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPENINGS, UPDATES, APART_MS, SETTLED_MS, RUNS = 5, 7, 3_000, 700, 3
PLACES = {"curves": "scrollTo(0, 0)", "classes": "document.getElementById('class-chart').scrollIntoView({ block: 'start' })"}
# When every chart of the page was drawn and its frame was shown.
WATCH = """
new MutationObserver((records, observer) => {
  const hosts = [...document.querySelectorAll("[data-chart]")];
  if (!hosts.length || !hosts.every((host) => "drawn" in host.dataset)) return;
  requestAnimationFrame(() => requestAnimationFrame(() => { window.drawnAt ??= performance.now(); }));
  observer.disconnect(); // else each update would be charged with it too
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-drawn"] });
"""


class Scene:
    """The server, the training and the browser; played once, whatever is asked for."""

    def __init__(self, scratch: Path) -> None:
        self.scratch, self.figures = scratch, dict[str, list[float]]()

    def take(self, name: str) -> float:
        """A figure of one of the runs."""
        if not self.figures.get(name):
            with self.stage() as (page, address, child):
                self.figures = {"open": self.openings(page, address), "update": self.updates(page, child)}
        return self.figures[name].pop(0)

    @contextlib.contextmanager
    def stage(self) -> Iterator[tuple[Page, str, subprocess.Popen[str]]]:
        """A page of a browser that has signed in, the training's address, and who goes on with it."""
        home = self.scratch / f"dashboard-{len(list(self.scratch.glob('dashboard-*')))}"
        browser = next((path for name in NAMES if (path := shutil.which(name))), None)
        from playwright.sync_api import sync_playwright  # comes with what tests need: the other rows run without it

        with served(home) as server, sync_playwright() as playwright:
            port = int(server.base.rsplit(":", 1)[1])
            command = [sys.executable, "-m", "benchmarks.dashboard_run"]
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            with subprocess.Popen(command, cwd=ROOT, env=environment(home, port), **pipes) as child:
                path = answer(child)
                page = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page(base_url=server.base)
                page.goto("/login/")
                page.get_by_label("Name").fill(PERSON)
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Sign in").click()
                page.wait_for_url(f"{server.base}/")
                page.add_init_script(WATCH)
                yield page, path, child
                child.stdin.close()  # type: ignore[union-attr]

    def openings(self, page: Page, address: str) -> list[float]:
        """Milliseconds from the click to all of it, after a first visit that fills the browser's cache."""
        return [opened(page, address) for _ in range(OPENINGS + 1)][1:]

    def updates(self, page: Page, child: subprocess.Popen[str]) -> list[float]:
        """Milliseconds of the main thread, of an epoch with all that follows from it: the median, where it takes the most."""
        took: dict[str, list[float]] = {place: [] for place in PLACES}
        for _ in range(UPDATES):
            for place, code in PLACES.items():  # what is looked at counts
                took[place].append(self.update(page, child, code))
        print("; ".join(f"{place} {', '.join(f'{one:.0f}' for one in all_of)} ms" for place, all_of in took.items()), flush=True)
        return [max(map(statistics.median, took.values()))]

    def update(self, page: Page, child: subprocess.Popen[str], code: str) -> float:
        """Of one more epoch, while that place of the page is looked at."""
        page.evaluate(code)
        page.wait_for_timeout(SETTLED_MS)
        thread = main_thread(page)
        idle = worked(thread, lambda: page.wait_for_timeout(APART_MS))
        told = []

        def epoch() -> None:
            told.append(self.epoch(child))
            page.wait_for_timeout(APART_MS)

        took = worked(thread, epoch) - idle
        page.evaluate(PLACES["curves"])
        page.wait_for_timeout(SETTLED_MS)
        shown = page.evaluate("document.getElementById('loss-chart').data[1].x.at(-1)")
        if shown != told[0] or page.locator(".scrub__value").inner_text() != str(told[0]):
            raise RuntimeError(f"The page shows epoch {shown} of {told[0]}.")
        return took

    def epoch(self, child: subprocess.Popen[str]) -> int:
        """The number of one more, which is recorded."""
        assert child.stdin is not None
        print("", file=child.stdin, flush=True)
        return int(answer(child))


def opened(page: Page, address: str) -> float:
    """Milliseconds of one visit."""
    page.goto(address)
    for _ in range(600):
        if at := page.evaluate("window.drawnAt ?? 0"):
            page.wait_for_timeout(500)
            return float(at)
        page.wait_for_timeout(50)
    raise RuntimeError("The page's charts were not drawn within 30 s.")


def main_thread(page: Page) -> Path:
    """What the system tells of the thread that runs the page: its renderer's first."""
    assert page.context.browser is not None
    told = page.context.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pid = max((process for process in told if process["type"] == "renderer"), key=lambda process: float(process["cpuTime"]))["id"]
    return Path(f"/proc/{pid}/task/{pid}/schedstat")


def worked(thread: Path, act: Callable[[], None]) -> float:
    """Milliseconds of the processor that the page's main thread took meanwhile: others on the machine change that little."""
    before = busy(thread)
    act()
    return 1000 * (busy(thread) - before)


def busy(thread: Path) -> float:
    """Seconds of the processor that it took so far."""
    return int(thread.read_text().split()[0]) / 1e9


def answer(child: subprocess.Popen[str]) -> Any:
    """Its next line; its own errors went to the terminal."""
    assert child.stdout is not None
    if not (line := child.stdout.readline()):
        raise RuntimeError(f"The process with the training ended with status {child.wait()}; see above.")
    return json.loads(line)


def rows(scratch: Path) -> list[Row]:
    """Both figures of one scene."""
    scene = Scene(scratch)
    return [
        Row("results/dashboard-open", "ms", lambda: scene.take("open"), runs=RUNS),
        Row("results/dashboard-update", "ms", lambda: scene.take("update"), runs=RUNS),
    ]
