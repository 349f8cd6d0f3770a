"""What axe-core finds on a page: light and dark, on a desk and on a phone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# axe-core keeps the private fields of each colour that it reads, dozens an element, in WeakMaps and WeakSets. On a long page they hold
# a million entries, and a third of axe's time goes into them. Here such a field is a property of its object, under a symbol of its own.
FIELDS = """class {
  key = Symbol();
  has(object) { return object === Object(object) && Object.hasOwn(object, this.key); }
  get(object) { return this.has(object) ? object[this.key] : undefined; }
  set(object, value) { object[this.key] = value; return this; }
  add(object) { return this.set(object, true); }
  delete(object) { return this.has(object) && delete object[this.key]; }
}"""
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
QUICK_AXE = f"((WeakMap, WeakSet) => {{\n{AXE}\n}})({FIELDS}, {FIELDS})"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules among them that look at colours; axe has them under "cat.color". All others ask for markup, names, boxes and visibility.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN = "(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
THEMES = {1440: ("light", "dark"), 390: ("dark",)}  # by width; a phone in light has no pair of colours that these lack
PATIENCE_MS = 30_000

# Until the charts are drawn, and nothing is pale since it is about to change; else what is not. What a script does about another
# size or theme it does in the next frame, so two pass first.
SETTLED = """async (patience) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const unsettled = '[aria-busy="true"], [data-chart]:not([data-drawn]):not(:has(p[data-waiting]))';
  const end = performance.now() + patience;
  await frame();
  do await frame(); while (document.querySelector(unsettled) && performance.now() < end);
  return [...document.querySelectorAll(unsettled)].map((element) => element.outerHTML.slice(0, 160));
}"""

# Whether the page is as it was when this was last asked, but for its colours: the same elements with the same attributes, words and
# boxes, seen or not. Of a drawing it is asked what its elements are, are called and say: a chart that is drawn anew has other margins,
# and axe asks for boxes of what takes the focus and of what scrolls alone, which shapes do not.
SAME = """() => {
  const COLOURED = new Set(["style", "fill", "stroke", "stop-color"]);
  const TELLING = /^(aria-.*|role|tabindex|href|id|class|lang|title)$/;
  const seen = { opacityProperty: true, visibilityProperty: true };
  const face = [...document.querySelectorAll("*")].map((element) => {
    const drawn = element instanceof SVGElement && element.ownerSVGElement && !element.matches("a, [tabindex], [role], foreignObject *");
    const { x, y, width, height } = element.getBoundingClientRect();
    const told = element.getAttributeNames().filter((name) => (drawn ? TELLING.test(name) : !COLOURED.has(name)));
    const words = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data);
    const box = drawn ? [] : [x, y, width, height];
    return [element.tagName, told.map((name) => [name, element.getAttribute(name)]), words, box, element.checkVisibility(seen)];
  });
  const now = JSON.stringify(face);
  const same = now === window.faceBefore;
  window.faceBefore = now;
  return same;
}"""


def settle(page: Page) -> None:
    """Until the page stands still, in the size and theme that it has now."""
    assert page.evaluate(SETTLED, PATIENCE_MS) == []


def barriers(page: Page, rules: dict[str, Any] | list[str] = RULES) -> list[str]:
    """What axe-core finds, as "rule: element (why)"; by tags or by rules."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(QUICK_AXE)  # evaluated by the debugger: the page's own policy stays as it is
    found: dict[str, Any] = page.evaluate(RUN, rules)
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})" for rule in found["violations"] for node in rule["nodes"]
    ]


def barriers_at(page: Page, themes: tuple[str, ...]) -> dict[str, list[str]]:
    """By theme, what is found in the window's size. Where nothing but colours differs from the theme before, no other rule can find
    anything else than it found there, so those of colours are asked alone."""
    found = {}
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        settle(page)
        same = page.evaluate(SAME) and theme != themes[0]
        if seen := barriers(page, {"type": "rule", "values": COLOURS} if same else RULES):
            found[theme] = seen
    return found
