"""Pages with nothing on them say what belongs there and have one button, which leads somewhere."""

from __future__ import annotations

import re

import pytest

from tests.webapp.experiments.kit import dataset_of
from webapp.ops.overview import needs

PAGES = ["/", "/datasets/", "/datasets/?archived=1", "/datasets/?before=00000000000000000001", "/experiments/", "/experiments/?q=nothing"]
PAGES += ["/queue/", "/classify/", "/reports/", "/reports/?q=nothing", "/search/?q=nothing"]
EDITORS = ["/experiments/new/", "/trash/"]
PRIMARY = re.compile(r"<(?:a|button)[^>]*button--primary[^>]*>")
EMPTY = re.compile(r'class="empty"|class="(?:quiet|idle|note)"')


def shown(signed_in, user, address):
    """The page's main part."""
    answer = signed_in(user).get(address)
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1]


def buttons(text):
    return PRIMARY.findall(text)


@pytest.mark.parametrize("address", PAGES + EDITORS)
def test_an_editors_empty_page_has_at_most_one_primary_button_that_leads_on(signed_in, editor, address):
    found = buttons(shown(signed_in, editor, address))
    places = re.findall(r'href="([^"]*)"', "".join(found))
    assert len(found) <= 1 and [signed_in(editor).get(place).status_code for place in places] == [200] * len(places)


@pytest.mark.parametrize("address", PAGES)
def test_a_viewers_empty_page_offers_nothing_that_is_refused(signed_in, viewer, address):
    text = shown(signed_in, viewer, address)
    places = re.findall(r'href="(/[^"#]*)"', "".join(buttons(text)))
    assert len(buttons(text)) <= 1 and [signed_in(viewer).get(place).status_code for place in places] == [200] * len(places)
    assert "/experiments/new/" not in text and "/datasets/new/" not in text and "/datasets/sample/" not in text


@pytest.mark.parametrize("address", ["/", "/datasets/", "/experiments/", "/reports/"])
def test_a_viewer_reads_who_can_begin(signed_in, viewer, address):
    assert re.search("n editor or owner of the team can|Editors of the team", shown(signed_in, viewer, address))


@pytest.mark.parametrize("address", PAGES + EDITORS)
def test_an_empty_page_says_what_belongs_there(signed_in, editor, address):
    assert EMPTY.search(shown(signed_in, editor, address))


@pytest.mark.parametrize("address", ["/", "/datasets/", "/experiments/new/"])
def test_the_sample_set_is_one_click_away(signed_in, editor, address):
    assert 'action="/datasets/sample/"' in shown(signed_in, editor, address)


def test_a_dataset_without_problems_says_what_would_stand_there(signed_in, viewer, editor):
    text = shown(signed_in, viewer, f"/datasets/{dataset_of(editor).id}/problems/")
    assert "No problems" in text and "stands here" in text


@pytest.mark.parametrize("tab", ["classes/", "label/", "quality/", "versions/", "leaderboard/", "problems/"])
def test_each_tab_of_a_dataset_has_one_primary_button(signed_in, editor, tab):
    found = buttons(shown(signed_in, editor, f"/datasets/{dataset_of(editor).id}/{tab}"))
    assert len(found) == 1, found


def test_home_says_that_new_data_waits_to_be_trained_on(signed_in, editor):
    dataset = dataset_of(editor)
    text = shown(signed_in, editor, "/")
    assert "take the quick check, or train on it" in text and needs.ready(dataset).url in text
