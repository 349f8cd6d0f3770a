"""Blocks of a report by the API."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import TEST
from webapp.reports.models import Block

ROWS = [{"label": name, "n": 1, "precision": 0.5, "recall": 0.5, "f1": 0.5} for name in ("cat", "dog")]


@pytest.fixture
def ours(things):
    made = things()
    made.evaluation.figures = TEST | {"per_class": ROWS}
    made.evaluation.save()
    return made


@pytest.fixture
def path(ours) -> str:
    return f"/reports/{ours.report.id}/blocks"


def test_a_block_is_made_and_says_what_it_shows(call, path):
    made = call("POST", path, {"kind": "table", "title": "Mix-ups", "choices": {"what": "pairs", "most": 5}}, by="editor")
    assert made.status == 201 and made.body["place"] == 1 and made.body["choices"] == {"what": "pairs", "most": 5}
    assert made.body["rows"][0][:3] == ["dog", "cat", "1 image"] and made.body["head"][0] == "Class"
    assert call("GET", f"{path}/{made.body['id']}", by="viewer").body == made.body
    assert [row["title"] for row in call("GET", path, by="viewer").body["items"]] == ["Mix-ups"]


def test_a_figure_and_why_there_is_none_are_told(call, path):
    bars = call("POST", path, {"kind": "chart", "choices": {"what": "recall"}}).body
    assert bars["figure"]["data"] and bars["shows"] == "Recall by class" and bars["note"] == "test split, 2 images"
    none = call("POST", path, {"kind": "gallery"}).body
    assert none["images"] == [] and "Evaluate it again" in none["trouble"]


def test_blocks_stand_where_they_are_put(call, path):
    ids = [call("POST", path, {"kind": "text", "text": text}).body["id"] for text in "abc"]
    first = call("POST", path, {"kind": "text", "text": "d", "place": 1}).body
    assert first["place"] == 1
    assert call("PATCH", f"{path}/{ids[0]}", {"place": 4}).body["place"] == 4
    assert [row["text"] for row in call("GET", path).body["items"]] == ["d", "b", "c", "a"]


def test_what_an_edit_leaves_out_stays(call, path):
    id = call("POST", path, {"kind": "gallery", "text": "So.", "choices": {"what": "sure", "shown": 8}}).body["id"]
    body = call("PATCH", f"{path}/{id}", {"title": "Surest"}).body
    assert (body["title"], body["text"], body["choices"], body["revision"]) == ("Surest", "So.", {"what": "sure", "shown": 8}, 1)


def test_an_edit_from_an_old_revision_is_refused(call, path):
    id = call("POST", path, {"kind": "text", "text": "a"}).body["id"]
    call("PATCH", f"{path}/{id}", {"text": "theirs"})
    answer = call("PATCH", f"{path}/{id}", {"text": "mine", "revision": 0})
    assert (answer.status, answer.error["code"]) == (409, "stale") and Block.objects.get().text == "theirs"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "poem"}, "kind"),
        ({"kind": "text"}, "text"),
        ({"kind": "text", "text": "x", "title": "x" * 201}, "title"),
        ({"kind": "chart", "choices": {"what": "roc", "label": "mouse"}}, "label"),
        ({"kind": "comparison", "choices": {"experiments": ["0" * 20]}}, "experiments"),
        ({"kind": "chart", "choices": {"colour": "red"}}, "choices.colour"),
        ({"kind": "text", "text": "x", "place": 0}, "place"),
    ],
)
def test_a_wrong_field_is_named(body, field, call, path):
    answer = call("POST", path, body)
    assert answer.status == 422 and set(answer.error["fields"]) == {field} and not Block.objects.exists()


def test_a_block_of_another_report_is_not_found(call, path, things):
    other = things("Botany").report
    id = call("POST", path, {"kind": "text", "text": "a"}).body["id"]
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        assert call(method, f"/reports/{other.id}/blocks/{id}", body).status == 404
    assert call("DELETE", f"{path}/{id}").status == 204 and not Block.objects.exists()


def test_no_experiment_of_another_team_is_taken(call, path, things):
    theirs = things("Elsewhere").experiment.id
    answer = call("POST", path, {"kind": "comparison", "choices": {"experiments": [theirs]}})
    assert answer.status == 422 and "there is none of the id" in answer.error["fields"]["experiments"]
