"""The page on which a report is composed of blocks."""

from __future__ import annotations

import pytest

from tests.webapp.evaluations.comparing.conftest import animals, pair  # noqa: F401 (fixtures)
from tests.webapp.evaluations.comparing.kit import reported
from webapp.accounts.actor import actor_in
from webapp.accounts.models import AuditEntry
from webapp.evaluations.models import Evaluation
from webapp.reports import actions
from webapp.reports.models import Block, Report


@pytest.fixture
def report(pair) -> Report:  # noqa: F811
    return reported(Evaluation.objects.get(experiment=pair[0])).report


@pytest.fixture
def page(signed_in, editor, report):
    """Sends to, or opens, a part of the composing page."""
    client = signed_in(editor)

    def ask(place: str = "", sent: dict | None = None, **more):
        address = f"/reports/{report.id}/blocks/{place}" if not place.startswith("/") else place
        return client.get(address) if sent is None else client.post(address, sent, **more)

    return ask


@pytest.fixture
def three(report, editor) -> list[Block]:
    actor = actor_in(editor, via="session")
    return [actions.add(actor, report, "text", title=name, text=name, choices={}) for name in "abc"]


def order() -> str:
    return "".join(Block.objects.order_by("place").values_list("title", flat=True))


def test_without_blocks_it_says_what_they_are_for(page):
    text = page().content.decode()
    assert "No blocks yet" in text and text.count("?new=") == 6


@pytest.mark.parametrize("kind", ["text", "chart", "table", "matrix", "gallery", "comparison"])
def test_each_kind_has_a_form_whose_choices_are_taken(kind, page):
    assert f'name="kind" value="{kind}"' in page(f"?new={kind}").content.decode()


def test_a_block_is_added_by_its_form(page, report):
    answer = page("add/", {"kind": "gallery", "what": "cell", "true": "Ant", "said": "bee", "shown": "8", "title": "Ants", "text": "So."})
    block = Block.objects.get()
    assert answer["Location"] == f"/reports/{report.id}/blocks/#block-{block.pk}"
    assert block.options == {"what": "cell", "true": "ant", "said": "bee", "shown": 8} and "<p>So.</p>" in block.html
    assert AuditEntry.objects.filter(verb="report.edit").latest("id").detail == {"change": "added images"}


def test_a_form_that_is_wrong_keeps_what_was_typed(page):
    answer = page("add/", {"kind": "chart", "what": "roc", "label": "dog", "title": "Mine", "text": "Long words"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "must be one of the network&#x27;s 3 classes; &#x27;dog&#x27; came" in text
    assert 'value="Mine"' in text and "Long words</textarea>" in text and 'value="dog"' in text and not Block.objects.exists()


def test_an_unknown_kind_is_refused_in_words(page):
    answer = page("add/", {"kind": "poem"}, follow=True)
    assert "must be one of text, chart" in answer.content.decode() and not Block.objects.exists()


def test_the_form_of_a_block_has_what_was_chosen(page, report, editor):
    block = actions.add(actor_in(editor, via="session"), report, "chart", choices={"what": "recall", "of": "chosen", "labels": ["cow"]})
    text = page(f"?change={block.pk}").content.decode()
    assert '<option value="recall" selected>' in text and 'value="cow" checked' in text and 'value="ant" checked' not in text


def test_a_block_is_changed(page, three):
    page(f"/reports/blocks/{three[0].pk}/change/", {"title": "new", "text": "New", "revision": "0"})
    assert Block.objects.get(pk=three[0].pk).title == "new"


def test_who_saves_second_is_told_and_loses_nothing(page, three):
    address = f"/reports/blocks/{three[0].pk}/change/"
    page(address, {"title": "first", "text": "Theirs", "revision": "0"})
    late = page(address, {"title": "second", "text": "Mine", "revision": "0"})
    text = late.content.decode()
    assert late.status_code == 409 and "Somebody else saved" in text and "Theirs" in text and "Mine</textarea>" in text
    assert Block.objects.get(pk=three[0].pk).title == "first"
    page(address, {"title": "second", "text": "Mine", "revision": "1"})
    assert Block.objects.get(pk=three[0].pk).title == "second"


def test_one_that_was_taken_out_meanwhile_is_not_there(three, editor):
    actor, gone = actor_in(editor, via="session"), Block.objects.get(pk=three[0].pk)
    actions.remove(actor, three[0])
    with pytest.raises(Exception, match="taken out"):
        actions.change(actor, gone, title="x", text="x", revision=0)


@pytest.mark.parametrize(("which", "place", "wanted"), [(0, 2, "bac"), (0, 3, "bca"), (2, 1, "cab"), (1, 99, "acb"), (1, 2, "abc")])
def test_a_block_is_moved(which, place, wanted, page, three):
    page(f"/reports/blocks/{three[which].pk}/move/", {"place": str(place)})
    assert order() == wanted and list(Block.objects.order_by("place").values_list("place", flat=True)) == [0, 1, 2]


@pytest.mark.parametrize("place", ["", "0", "-1", "x", "1" * 30])
def test_a_place_that_is_none_moves_nothing(place, page, three):
    answer = page(f"/reports/blocks/{three[0].pk}/move/", {"place": place}, follow=True)
    assert order() == "abc" and "is a number from 1" in answer.content.decode()


def test_a_script_that_moves_one_is_answered_with_nothing(page, three):
    answer = page(f"/reports/blocks/{three[0].pk}/move/", {"place": "2"}, headers={"Accept": "application/json"})
    assert answer.status_code == 204 and order() == "bac"


def test_a_block_is_taken_out(page, three):
    page(f"/reports/blocks/{three[1].pk}/remove/", {})
    assert order() == "ac"


def test_every_change_is_told_to_open_pages(three, report, editor, signed_in, viewer):
    actor, client = actor_in(editor, via="session"), signed_in(viewer)
    before = client.get(f"/reports/{report.id}/live/", headers={"Accept": "*/*", "HX-Request": "true"}).content.decode()
    moves = Report.objects.get().moves
    actions.move(actor, three[0], 2)
    assert Report.objects.get().moves > moves
    after = client.get(f"/reports/{report.id}/live/", headers={"Accept": "*/*", "HX-Request": "true"}).content.decode()
    assert "data-blocks=" in before and before.split("data-blocks=")[1][:14] != after.split("data-blocks=")[1][:14]


def test_only_editors_compose(report, three, viewer, outsider, signed_in):
    address = f"/reports/{report.id}/blocks/"
    assert signed_in(viewer).get(address).status_code == 403 and signed_in(outsider).get(address).status_code == 404
    for place in ("change", "move", "remove"):
        assert signed_in(viewer).post(f"/reports/blocks/{three[0].pk}/{place}/").status_code == 403
        assert signed_in(outsider).post(f"/reports/blocks/{three[0].pk}/{place}/").status_code == 404
    assert "Change the blocks" not in signed_in(viewer).get(f"/reports/{report.id}/").content.decode()


def test_a_full_report_offers_no_more(page, three, monkeypatch):
    monkeypatch.setattr("webapp.reports.actions.MOST_BLOCKS", 3)
    assert "?new=" not in page().content.decode()


def test_what_was_typed_for_a_report_that_is_full_meanwhile_is_kept(page, three, monkeypatch):
    monkeypatch.setattr("webapp.reports.actions.composing.MOST_BLOCKS", 3)
    answer = page("add/", {"kind": "text", "title": "Mine", "text": "Long words"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "this one has as many" in text and "Long words</textarea>" in text and 'value="Mine"' in text


def test_the_share_form_says_that_blocks_are_seen_too(page, three, report, signed_in, editor):
    assert "all blocks with their images" in signed_in(editor).get(f"/reports/{report.id}/").content.decode()
