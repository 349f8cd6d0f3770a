"""The rows of a map of 50,000 images of a thousand classes in Chromium: how long it takes to open, and its slowest interaction.

Times go from the click, the key or the mouse button to the picture of what came of it; a whole Synset serves it on loopback.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.browsing import visitor
from benchmarks.harness import Row
from tests.plugins.stack import Stack

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES, CLASSES = 50_000, 1_000
RUNS, TIMES = 3, 9
# When the points had been painted and their frame was shown.
WATCH = """
const shown = () => { window.drawnAt ??= performance.now(); };
new MutationObserver((changes) => {
  if (changes.some(({ target }) => target.dataset.drawn > 0)) requestAnimationFrame(() => setTimeout(shown));
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-drawn"] });
"""
# Each is what begins it in the page.
DONE = {
    "light": "line(n).dispatchEvent(new MouseEvent(n % 2 ? 'mouseenter' : 'mouseleave'))",
    "class": "press(line(n * 7))",
    "find": "field.value = `class ${n}`; field.dispatchEvent(new Event('input', { bubbles: true }))",
    "zoom": "press(document.querySelector(`[data-map-zoom=${n % 2 ? 'in' : 'out'}]`))",
    "hover": "canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + 150 + 31 * n, clientY: box.top + 120 + 17 * n }))",
    "colour": "press(document.querySelectorAll('[data-map-colour]')[n % 4])",  # last: the legend above is that of the classes
}
AWAITED = ("class",)  # that bring images
TIMED = """
async ([n, images]) => {
  const [canvas, tiles, field] = [".map__canvas", "[data-map-tiles]", "[data-map-search] input"].map((one) => document.querySelector(one));
  const box = canvas.getBoundingClientRect();
  const press = (button) => button.click();
  const line = (at) => document.querySelectorAll(".map-legend__line")[at % 1000];
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const began = performance.now();
  BEGIN;
  await frame();
  while (images && !tiles.children.length) await frame();
  if (images) await frame();
  return performance.now() - began;
}
"""
# From the next event of the mouse to its picture, with the images that it brings.
MOUSE = """
([kind, images]) => {
  const tiles = document.querySelector("[data-map-tiles]");
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  window.took = new Promise((resolve) => addEventListener(kind, async () => {
    const began = performance.now();
    await frame();
    while (images && !tiles.children.length) await frame();
    if (images) await frame();
    resolve(performance.now() - began);
  }, { once: true, capture: true }));
}
"""
CORNERS = ((0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99))


class Maps:
    """A server of its own, filled once; each run tells both figures."""

    def __init__(self, scratch: Path) -> None:
        self.home, self.figures = scratch / "map", dict[str, list[float]]()

    def take(self, name: str) -> float:
        """A figure of one of the runs, in milliseconds."""
        if not self.figures.get(name):
            self.figures = {"open": [], "slowest": []}
            with Stack(self.home) as stack:
                stack.wait_until_ready(120)
                told = json.loads(stack.desk.call("shell", "-v0", "-c", f"from benchmarks.mapped import tell; tell({IMAGES}, {CLASSES})"))
                with visitor(stack.base, told) as page:
                    self.play(page, f"/evaluations/{told['evaluation']}/map/")
        return self.figures[name].pop(0)

    def play(self, page: Page, address: str) -> None:
        """All runs, after a first visit that fills the browser's cache."""
        page.add_init_script(WATCH)
        opened(page, address)
        for _ in range(RUNS):
            self.figures["open"].append(opened(page, address))
            took = {**{name: timed(page, name, code) for name, code in DONE.items()}, **by_mouse(page)}
            print(", ".join(f"{name} {value:.0f} ms" for name, value in took.items()), flush=True)
            self.figures["slowest"].append(max(took.values()))


def opened(page: Page, address: str) -> float:
    """Milliseconds of one visit."""
    page.goto(address)
    for _ in range(600):
        if at := page.evaluate("window.drawnAt ?? 0"):
            page.wait_for_timeout(500)
            return float(at)
        page.wait_for_timeout(50)
    raise RuntimeError("The points were not drawn within 30 s.")


def timed(page: Page, name: str, code: str) -> float:
    """The median of an interaction, after one that is not counted."""
    script = TIMED.replace("BEGIN", code)
    took = [float(page.evaluate(script, [n, name in AWAITED])) for n in range(TIMES + 1)]
    return statistics.median(took[1:])


def by_mouse(page: Page) -> dict[str, float]:
    """A lasso around all of it: while its line is drawn, and from its end to the first images."""
    page.evaluate("document.querySelector('[data-map-zoom=fit]').click()")
    took = [lassoed(page) for _ in range(TIMES + 1)][1:]
    return {name: statistics.median(one[name] for one in took) for name in ("line", "lasso")}


def lassoed(page: Page) -> dict[str, float]:
    """Milliseconds of both."""
    box = page.locator(".map__canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    for across, down in CORNERS:
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=4)
    page.evaluate(MOUSE, ["pointermove", False])
    page.mouse.move(box["x"] + 5, box["y"] + 20)
    line = page.evaluate("window.took")
    page.evaluate(MOUSE, ["pointerup", True])
    page.mouse.up()
    return {"line": float(line), "lasso": float(page.evaluate("window.took"))}


def rows(scratch: Path) -> list[Row]:
    """Both figures of one scene."""
    maps = Maps(scratch)
    return [
        Row("results/map-50000-open", "ms", lambda: maps.take("open"), runs=RUNS),
        Row("results/map-50000", "ms", lambda: maps.take("slowest"), runs=RUNS),
    ]
