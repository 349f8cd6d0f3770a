"""What does not fit on a page from a small phone to a wide screen: nothing is wider than the window, and a finger meets its target."""

from __future__ import annotations

from playwright.sync_api import Page

WIDTHS = (2560, 1440, 1280, 768, 360, 390)  # what was wide must become narrow again
DESK = 1280  # from here on a table stands whole
HAND = 720  # up to here a finger is what points
LEAST_TARGET = 24  # CSS px, WCAG 2.2, 2.5.8
LOOKS = 20  # at what seems wrong

# Elements whose text is cut with nothing that says so: neither an ellipsis nor a title, and no way to scroll.
CUT = """() => [...document.querySelectorAll("main *, .side *")].filter((e) => {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.checkVisibility() || e.closest(".unseen, .chart, svg, select, .skip")) return false;
  const css = getComputedStyle(e);
  if (css.position === "absolute" && e.offsetWidth <= 1) return false;
  const clips = css.overflowX === "hidden" || css.overflowX === "clip";
  return clips && e.scrollWidth > e.clientWidth + 1 && css.textOverflow !== "ellipsis" && !e.title;
}).map((e) => e.outerHTML.slice(0, 120))"""

# Targets below the least size, but for links within a sentence and what has room around it (the standard's exceptions).
SMALL = """(least) => {
  const all = [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")]
    .filter((e) => e.checkVisibility() && !e.closest(".unseen, .skip, [inert]") && !e.classList.contains("unseen"));
  const box = (e) => (e.closest("label") ?? e).getBoundingClientRect();
  const centre = (b) => [b.x + b.width / 2, b.y + b.height / 2];
  return all.filter((e) => {
    const b = box(e);
    if (!b.width || !b.height || (b.width >= least && b.height >= least)) return false;
    if (getComputedStyle(e).display === "inline" && e.closest("p, li, dd, td, .facts")) return false;
    const [x, y] = centre(b);
    return all.some((o) => {
      if (o === e || e.contains(o) || o.contains(e)) return false;
      const c = box(o);
      const [dx, dy] = [Math.max(c.x - x, 0, x - c.right), Math.max(c.y - y, 0, y - c.bottom)];
      return c.width && Math.hypot(dx, dy) < least / 2;
    });
  }).map((e) => e.outerHTML.slice(0, 120));
}"""

# Tables that must be scrolled sideways to be read.
SCROLLED = """() => [...document.querySelectorAll(".table-box")].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => {
  return `${e.scrollWidth - e.clientWidth} px of ${e.closest("[id]").id}`;
})"""


# All of that at once: one question to the browser, not five.
WRONG = f"""async ([width, isDesk, isHand, least]) => {{
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); // what a script does about a new size is laid out
  const wide = document.documentElement.scrollWidth;
  return [
    ...(wide > width ? [`${{wide}} px wide`] : []),
    ...({CUT})().map((element) => `cut: ${{element}}`),
    ...(isDesk ? ({SCROLLED})() : []).map((table) => `scrolled: ${{table}}`),
    ...(isHand ? ({SMALL})(least) : []).map((element) => `small: ${{element}}`),
  ];
}}"""


def wrong_at(page: Page, width: int, height: int = 900) -> list[str]:
    """What does not fit at that width, and still does not a while later: a chart is drawn anew, and the page goes on to live."""
    page.set_viewport_size({"width": width, "height": height})
    for _ in range(LOOKS):
        if not (found := page.evaluate(WRONG, [width, width >= DESK, width < HAND, LEAST_TARGET])):
            return []
        page.wait_for_timeout(100)
    return found


def misfits(page: Page) -> dict[int, list[str]]:
    """By width, what does not fit on the page as it stands."""
    return {width: found for width in WIDTHS if (found := wrong_at(page, width))}
