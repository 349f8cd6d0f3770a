"""What is looked for on every page is found, in each look that has it, and in no other: on pages with one thing wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.barriers import AXE, COLOURS, FIELDS, QUICK_AXE, RULES
from tests.browser.looks import wrong_with

pytestmark = pytest.mark.browser
WHOLE = """<!doctype html><html lang="en"><head><title>Cards</title><meta name="viewport" content="width=device-width">
<style>
  :root { color-scheme: light dark; } body { font: 16px sans-serif; color: #111; background: #fff; } a { color: #00c; }
  @media (prefers-color-scheme: dark) { body { color: #eee; background: #111; } a { color: #9af; } }
  %s
</style></head><body><main><h1>Cards</h1><p>Of <a href="#">three colours</a>, each in forty shades.</p>%s</main></body></html>"""
DARK, LIGHT, PHONE = "@media (prefers-color-scheme: dark)", "@media (prefers-color-scheme: light)", "@media (max-width: 720px)"
DESK = "@media (min-width: 721px)"
FIELD, PAIR = '<input class="odd">', '<button class="odd">a</button><button class="odd">b</button>'
FORGETS = """<button aria-label="Close"></button><script>
  matchMedia("(prefers-color-scheme: dark)").onchange = () => document.querySelector("button").removeAttribute("aria-label");
</script>"""
SMALL = {"width": 390, "height": 844}
# All that axe says of a page, and what it is sure of, but for the time that passed.
RESULTS = """async (rules) => {
  const { violations, passes, incomplete, inapplicable } = await axe.run(document, { runOnly: rules });
  return { violations, passes, incomplete, inapplicable };
}"""
MAPS = """() => {
  const Fields = %s;
  const [one, another, object] = [new Fields(), new Fields(), {}];
  const before = one.has(object);
  one.set(object, 1);
  another.set(object, 2);
  const under = Object.create(object);
  const kept = [before, one.has(object), one.get(object), another.get(object), one.get({}) ?? null, one.has(under), one.has("word")];
  return [...kept, one.delete(object), one.has(object)];
}"""
UNEQUAL = "text-decoration: none; color: #ddd;"

# What is wrong: rules of style, markup, and by look what is found there. Misfits are found by width, in whichever theme.
PLANTED = {
    "nothing": ("", "", {}),
    "pale in light": (LIGHT + "{ p { color: #bbb; } }", "", {"light 1440": {"color-contrast"}}),
    "pale in dark": (DARK + "{ p { color: #444; } }", "", {"dark 1440": {"color-contrast"}, "dark 390": {"color-contrast"}}),
    "pale in dark on a desk": (DARK + " and (min-width: 721px) { p { color: #444; } }", "", {"dark 1440": {"color-contrast"}}),
    "pale on a phone": (PHONE + "{ p { color: #777; background: #666; } }", "", {"dark 390": {"color-contrast"}}),
    "a link like text in dark": (
        f"{DARK} {{ a {{ {UNEQUAL} }} }}",
        "",
        {"dark 1440": {"link-in-text-block"}, "dark 390": {"link-in-text-block"}},
    ),
    "a field without a label": ("", FIELD, {"light 1440": {"label"}, "dark 390": {"label"}}),
    "one on a desk": (PHONE + "{ .odd { display: none; } }", FIELD, {"light 1440": {"label"}}),
    "one on a phone": (DESK + "{ .odd { display: none; } }", FIELD, {"dark 390": {"label"}}),
    "one in dark": (LIGHT + "{ .odd { visibility: hidden; } }", FIELD, {"dark 1440": {"label"}, "dark 390": {"label"}}),
    "a name that is lost in dark": ("", FORGETS, {"dark 1440": {"button-name"}, "dark 390": {"button-name"}}),
    "small targets on a phone": (
        PHONE + "{ .odd { width: 12px; height: 12px; padding: 0; border: 0; overflow: hidden; font-size: 8px; } }",
        PAIR,
        {"dark 390": {"target-size"}, "390": {"small"}, "360": {"small"}},
    ),
    "what is wider than the window": (
        PHONE + "{ .odd { width: 380px; height: 9px; } }",
        '<div class="odd"></div>',
        {"360": {"388 px wide"}},
    ),
    "what scrolls out of the keys' reach": (
        PHONE + "{ .odd { width: 100px; overflow: auto; white-space: nowrap; } }",
        '<div class="odd">a long line that is not broken anywhere</div>',
        {"dark 390": {"scrollable-region-focusable"}},
    ),
    "what is cut on a phone": (
        PHONE + "{ .odd { width: 40px; overflow: hidden; white-space: nowrap; } }",
        '<div class="odd">a long line</div>',
        {"390": {"cut"}, "360": {"cut"}},
    ),
}


@pytest.fixture
def bare(browser: Browser) -> Iterator[Page]:
    """An empty page of a profile of its own."""
    profile = browser.new_context(color_scheme="light")
    yield profile.new_page()
    profile.close()


@pytest.mark.parametrize("wrong", PLANTED)
def test_what_is_wrong_is_found_in_each_look_that_has_it(bare: Page, wrong: str) -> None:
    style, markup, looks = PLANTED[wrong]
    bare.set_content(WHOLE % (style, markup))
    found = wrong_with(bare)
    assert {look: {each.split(":")[0] for each in seen} for look, seen in found.items()} == looks


@pytest.mark.parametrize("wrong", ["nothing", "pale on a phone", "small targets on a phone"])
def test_axe_finds_the_same_with_its_own_maps(bare: Page, wrong: str) -> None:
    style, markup, _ = PLANTED[wrong]
    found = []
    for axe in (AXE, QUICK_AXE):
        bare.set_viewport_size(SMALL)
        bare.set_content(WHOLE % (style, markup))
        bare.evaluate(axe)
        found.append(bare.evaluate(RESULTS, RULES))
    own, quick = found
    assert quick == own and own["passes"]


def test_axe_keeps_fields_of_its_own_with_what_they_belong_to(bare: Page) -> None:
    bare.set_content(WHOLE % ("", ""))
    assert bare.evaluate(MAPS % FIELDS) == [False, True, 1, 2, None, False, False, True, False]


def test_rules_of_colours_are_those_that_axe_calls_so(bare: Page) -> None:
    bare.set_content(WHOLE % ("", ""))
    bare.evaluate(AXE)
    asked = bare.evaluate("(tags) => axe.getRules(tags)", RULES)
    assert {rule["ruleId"] for rule in asked if "cat.color" in rule["tags"]} == set(COLOURS)
