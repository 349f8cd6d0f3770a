"""Who opens the address of a part of a page is led to the page; scripts get the part."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from webapp.core.parts import part_of

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@part_of("datasets:detail", without=("place",))
def part(request: object, id: str) -> HttpResponse:
    return HttpResponse("a part")


@pytest.mark.parametrize(("query", "kept"), [("", ""), ("?label=2&label=3&place=1", "?label=2&label=3"), ("?place=1", "")])
def test_a_browser_is_led_to_the_page_with_what_it_knows(query: str, kept: str) -> None:
    answer = part(RequestFactory().get(f"/part/{query}", headers={"Accept": BROWSER}), id="abc")
    assert (answer.status_code, answer["Location"]) == (302, f"/datasets/abc/{kept}")


@pytest.mark.parametrize("headers", [{"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": BROWSER, "HX-Request": "true"}, {}])
def test_a_script_gets_the_part(headers: dict[str, str]) -> None:
    assert part(RequestFactory().get("/part/", headers=headers), id="abc").content == b"a part"


def test_no_script_asks_for_a_part_as_a_browser_opens_a_page() -> None:
    """It would be led to the whole page, at each nudge."""
    scripts = (settings.BASE_DIR / "static" / "js").glob("*.js")
    assert [script.name for script in scripts if 'Accept: "text/html"' in script.read_text("utf-8")] == []
