"""Pages are made of components: what has a tag is not written by hand again."""

from __future__ import annotations

import re

import pytest

from tests.test_architecture import ROOT, tracked

PARTS = (
    *("button", "card", "chart", "dialog", "empty", "field", "figure", "fold", "legend", "notice"),
    *("pill", "segmented", "tab", "table", "tabs", "toast"),
)
BY_HAND = re.compile(rf'<(?!symbol)\w+[^>]*\sclass="({"|".join(PARTS)})(?:[ "{{]|--)')
# Written by hand for a reason; none joins without one.
LEFT = {
    "templates/500.html": "stands when nothing else does",
    "templates/503.html": "stands when the database does not answer",
    "templates/datasets/_cards.html": "each entry of the list is itself the card",
    "templates/datasets/_import_options.html": "its two folds are lines of the form, opened by what is wrong in them",
    "templates/datasets/_upload_form.html": "the form is itself the card",
    "templates/datasets/new_address.html": "the form is itself the card",
    "templates/datasets/new_bucket.html": "the form is itself the card",
    "templates/datasets/new_server.html": "the form is itself the card",
    "templates/experiments/_entry.html": "a field whose label explains itself, with options that tell more than their name",
    "templates/experiments/_progress.html": "its button stands beside the words, so that it is as high as the progress bar it follows",
    "templates/reports/_comments.html": "a field without a label of its own, whose hint tells what went wrong",
    "templates/reports/_editor.html": "a button that is the summary of what it opens",
    "templates/reports/detail.html": "the field of a comment holds its preview, and its hint tells what went wrong",
}


def handmade() -> dict[str, list[str]]:
    """By page, the parts that are written out in it."""
    pages = [path for path in tracked("templates/*.html") if "templates/components/" not in str(path)]
    return {str(path.relative_to(ROOT)): found for path in pages if (found := BY_HAND.findall(path.read_text()))}


HANDMADE = handmade()


def test_no_other_page_writes_a_part_by_hand() -> None:
    assert {page: parts for page, parts in HANDMADE.items() if page not in LEFT} == {}


@pytest.mark.parametrize("page", sorted(LEFT))
def test_a_renewed_page_leaves_the_list(page: str) -> None:
    assert page in HANDMADE


ICONS = set(re.findall(r'<symbol id="i-([a-z-]+)"', (ROOT / "templates/components/_icons.html").read_text()))
ASKED_FOR = re.compile(r'(?:\{% icon |\bicon=|\{% empty (?:"[^"]*"|\S+) (?:"[^"]*"|\S+) )"([a-z-]+)"')


def test_every_icon_that_a_page_asks_for_is_drawn() -> None:
    """One that is not would leave its place empty, and nothing else would tell of it."""
    asked = {str(path.relative_to(ROOT)): set(ASKED_FOR.findall(path.read_text())) for path in tracked("templates/*.html")}
    assert sum(map(len, asked.values())) > 50
    assert {page: sorted(icons - ICONS) for page, icons in asked.items() if icons - ICONS} == {}
