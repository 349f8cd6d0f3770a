"""The row of the confusion matrix: in Chromium, from a click or a key to the picture of what came of it, of a thousand classes.

Every interaction is done many times; the value is the slowest one's median. A whole Synset serves it on loopback.
"""

from __future__ import annotations

import functools
import json
import shutil
import statistics
from pathlib import Path
from typing import Any

from benchmarks.browsing import visitor
from benchmarks.harness import Row
from tests.plugins.stack import Stack

CLASSES = 1_000
IMAGES, MOST_IMAGES = 50_000, 1_280_000
RUNS, TIMES = 3, 12
# Each is a function in the page that begins it, and the sign that it is drawn.
POINT = "clientX: canvas.getBoundingClientRect().left + 150 + n * 37, clientY: canvas.getBoundingClientRect().top + 120 + n * 31"
MATRIX = {
    "hover": f"canvas.dispatchEvent(new PointerEvent('pointermove', {{ {POINT}, bubbles: true }}))",
    "cell": "canvas.dispatchEvent(new KeyboardEvent('keydown', {key: n % 2 ? 'ArrowRight' : 'ArrowDown', bubbles: true}))",
    "order": "select.selectedIndex = n % select.length; select.dispatchEvent(new Event('change', {bubbles: true}))",
    "fold": "document.querySelector('[data-fold]').click()",
    "zoom": "document.querySelectorAll('[data-zoom]')[n % 3].click()",
    "shares": "document.querySelectorAll('[data-by]')[n % 3].click()",
    "find": "field.value = `class ${n * 37 % 1000}`; field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))",
}
AWAITED = ("cell", "find")  # that bring images
TIMED = """
async ([code, n, sign]) => {
  const [canvas, select, field] = ["[data-canvas]", "[data-order]", "[data-find]"].map((one) => document.querySelector(one));
  const part = document.getElementById("matrix-part");
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  delete part.dataset.shown;
  const began = performance.now();
  BEGIN
  if (sign) while (!part.dataset.shown) await frame();
  await frame();
  return performance.now() - began;
}
"""
FILTER = """
async (n) => {
  const gallery = document.getElementById("gallery");
  const came = new Promise((resolve) => document.addEventListener("htmx:afterSwap", (event) => event.target === gallery && resolve(), {}));
  const control = document.getElementById(["true", "said", "sort", "right"][n % 4]);
  const began = performance.now();
  control.selectedIndex = 1 + (n * 31) % (control.length - 1);
  control.dispatchEvent(new Event("change", { bubbles: true }));
  await came;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - began;
}
"""


class Matrices:
    """A server of its own, filled once for each size."""

    def __init__(self, scratch: Path) -> None:
        self.scratch, self.number = scratch, 0
        self.newest: dict[str, float] = {}

    def slowest(self, images: int) -> float:
        """Milliseconds: the median of the slowest interaction."""
        self.number += 1
        home = self.scratch / f"matrix-{self.number}"
        with Stack(home) as stack:
            stack.wait_until_ready(120)
            told = json.loads(stack.desk.call("shell", "-v0", "-c", f"from benchmarks.scored import tell; tell({images}, {CLASSES})"))
            self.newest = interactions(stack.base, told)
        shutil.rmtree(home, ignore_errors=True)
        return max(self.newest.values())


def interactions(base: str, told: dict[str, Any]) -> dict[str, float]:
    """{name: median milliseconds}."""
    with visitor(base, told) as page:
        page.goto(f"/evaluations/{told['evaluation']}/matrix/")
        page.locator("[data-canvas][data-drawn]").wait_for(timeout=60_000)
        found = {one: timed(page, one, code) for one, code in MATRIX.items()}
        page.goto(f"/evaluations/{told['evaluation']}/images/")
        page.locator("#gallery [data-cell]").first.wait_for()
        found["filter"] = statistics.median(page.evaluate(FILTER, n) for n in range(TIMES))
    print(", ".join(f"{one} {took:.0f} ms" for one, took in found.items()), flush=True)
    return found


def timed(page: Any, name: str, code: str) -> float:
    """The median of an interaction, after one that is not counted."""
    script = TIMED.replace("BEGIN", code)
    took: list[float] = [page.evaluate(script, ["", n, name in AWAITED]) for n in range(TIMES + 1)]
    return statistics.median(took[1:])


def rows(scratch: Path) -> list[Row]:
    """Of 50,000 predictions, and by its name alone of as many as ImageNet's training images."""
    matrices = Matrices(scratch / "matrices")
    usual, most = (functools.partial(matrices.slowest, images) for images in (IMAGES, MOST_IMAGES))
    return [Row("results/matrix-1000", "ms", usual, runs=RUNS), Row("results/matrix-1000-million", "ms", most, runs=1, by_name=True)]
