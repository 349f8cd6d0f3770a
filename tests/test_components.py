"""Pages are made of components: what has a tag is not written by hand again."""

from __future__ import annotations

import re

import pytest

from tests.test_architecture import ROOT, tracked

PARTS = ("button", "pill", "tabs", "tab", "dialog", "toast", "empty", "figure", "segmented", "legend", "chart")
BY_HAND = re.compile(rf'<(?!symbol)\w+[^>]*\sclass="({"|".join(PARTS)})(?:[ "]|--)')
# Written by hand still; a page leaves this list when it is renewed, and none joins.
LEFT = {
    "templates/500.html",  # stands when nothing else does
    "templates/accounts/_invitations.html",
    "templates/accounts/_members.html",
    "templates/accounts/_sessions.html",
    "templates/accounts/_shown_once.html",
    "templates/accounts/_tokens.html",
    "templates/accounts/account.html",
    "templates/accounts/invite_closed.html",
    "templates/accounts/invite_known.html",
    "templates/accounts/team.html",
    "templates/datasets/_cards.html",
    "templates/datasets/detail.html",
    "templates/evaluations/_result.html",
    "templates/experiments/list.html",
    "templates/experiments/new.html",
    "templates/ops/home.html",
    "templates/ops/trash.html",
    "templates/reports/_editor.html",
    "templates/reports/_shared_actions.html",
    "templates/reports/_words.html",
    "templates/reports/_write_or_preview.html",
    "templates/reports/detail.html",
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
