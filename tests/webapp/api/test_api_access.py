"""Who may call what: every call of the API by every kind of caller, about own, another team's, deleted and random things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.webapp.api.kit import Answer, Things, archive
from webapp.api.urls import api
from webapp.core.ids import new_id


class Row(NamedTuple):
    """The status that owner, editor, viewer and the owner's read token get; an outsider gets 404 about a thing, anonymous 401."""

    owner: int
    editor: int
    viewer: int
    reader: int
    about: str = ""  # which of the Things the address names
    body: dict[str, Any] | None = None
    form: bool = False


# 409 where the caller is let in and the thing is not ready for it.
TABLE: dict[str, Row] = {
    "POST /datasets": Row(202, 202, 403, 403, form=True),
    "GET /datasets": Row(200, 200, 200, 200),
    "GET /datasets/{id}": Row(200, 200, 200, 200, "dataset"),
    "DELETE /datasets/{id}": Row(200, 403, 403, 403, "dataset"),
    "POST /experiments": Row(202, 202, 403, 403, body={"name": "again", "config": {"epochs": 1}}),
    "GET /experiments": Row(200, 200, 200, 200),
    "GET /experiments/{id}": Row(200, 200, 200, 200, "experiment"),
    "DELETE /experiments/{id}": Row(409, 409, 403, 403, "experiment"),
    "GET /experiments/{id}/metrics": Row(200, 200, 200, 200, "experiment"),
    "GET /experiments/{id}/report": Row(409, 409, 409, 409, "experiment"),
    "POST /experiments/{id}/evaluations": Row(409, 409, 403, 403, "experiment", body={"split": "test"}),
    "POST /experiments/{id}/classify": Row(409, 409, 409, 403, "experiment", form=True),
    "GET /evaluations/{id}": Row(200, 200, 200, 200, "evaluation"),
    "GET /reports": Row(200, 200, 200, 200),
    "GET /reports/{id}": Row(200, 200, 200, 200, "report"),
    "PATCH /reports/{id}": Row(200, 200, 403, 403, "report", body={"title": "again"}),
    "POST /reports/{id}/links": Row(201, 201, 403, 403, "report", body={"days": 7}),
    "DELETE /reports/{id}/links/{link}": Row(204, 204, 403, 403, "report"),
    "GET /jobs": Row(200, 200, 200, 200),
    "GET /jobs/{id}": Row(200, 200, 200, 200, "job"),
    "GET /jobs/{id}/events": Row(200, 200, 200, 200, "job"),
    "POST /jobs/{id}/cancel": Row(202, 202, 403, 403, "job"),
    "POST /jobs/{id}/retry": Row(409, 409, 403, 403, "job"),
    "POST /tickets": Row(201, 201, 201, 201, body={}),
    "GET /models": Row(200, 200, 200, 200),
}
ABOUT = [name for name, row in TABLE.items() if row.about]


def send(call: Callable[..., Answer], name: str, things: Things, by: str, id: str | None = None) -> Answer:
    """The call of that row."""
    row = TABLE[name]
    method, path = name.split()
    path = path.replace("{id}", id or (getattr(things, row.about).id if row.about else "")).replace("{link}", things.link.id)
    body = {**row.body, "dataset": things.dataset.id} if name == "POST /experiments" else row.body
    form = ({"images": archive(name="a.png")} if "classify" in path else {"name": "more", "archive": archive()}) if row.form else None
    return call(method, path, body, form=form, by=by)


def test_every_call_of_the_api_is_in_the_table():
    schema = api.get_openapi_schema()
    calls = {f"{method.upper()} {path.removeprefix('/api/v1')}" for path, methods in schema["paths"].items() for method in methods}
    assert calls == set(TABLE)


@pytest.mark.parametrize("by", ["owner", "editor", "viewer", "reader"])
@pytest.mark.parametrize("name", TABLE)
def test_members_get_what_their_role_and_token_allow(name, by, things, call):
    answer = send(call, name, things(), by)
    assert answer.status == getattr(TABLE[name], by), answer.body


@pytest.mark.parametrize("name", TABLE)
def test_nobody_gets_401_without_a_token(name, things, call):
    answer = send(call, name, things(), "nobody")
    assert (answer.status, answer.error["code"]) == (401, "no_token")


@pytest.mark.parametrize("name", ABOUT)
def test_another_teams_thing_and_a_random_id_answer_alike(name, things, call):
    ours = things()
    theirs = send(call, name, ours, "outsider")
    random = send(call, name, ours, "outsider", new_id())
    assert (theirs.status, theirs.body) == (404, random.body)


@pytest.mark.parametrize("name", ABOUT)
def test_a_deleted_things_id_is_unknown(name, things, call):
    ours = things()
    id = getattr(ours, TABLE[name].about).id
    ours.evaluation.delete()
    ours.experiment.delete()
    ours.dataset.delete()
    if TABLE[name].about == "job":
        ours.job.delete()
    assert send(call, name, ours, "owner", id).status == 404


@pytest.mark.parametrize("name", ABOUT)
def test_a_thing_in_the_trash_is_unknown(name, things, call):
    ours = things()
    type(ours.experiment).everything.update(trashed_at=ours.experiment.created_at)
    type(ours.dataset).everything.update(trashed_at=ours.dataset.created_at)
    assert send(call, name, ours, "owner").status == 404


@pytest.mark.parametrize("path", ["/datasets", "/experiments", "/jobs"])
def test_a_list_leaves_out_what_lies_in_the_trash(path, things, call):
    ours = things()
    type(ours.experiment).everything.update(trashed_at=ours.experiment.created_at)
    type(ours.dataset).everything.update(trashed_at=ours.dataset.created_at)
    assert call("GET", path).body["items"] == []


@pytest.mark.parametrize("path", ["/datasets", "/experiments", "/jobs"])
def test_a_list_shows_nothing_of_another_team(path, things, call):
    things()
    assert call("GET", path, by="outsider").body["items"] == []


def test_an_experiment_on_another_teams_dataset_is_not_made(things, call):
    answer = call("POST", "/experiments", {"dataset": things().dataset.id, "name": "x", "config": {}}, by="outsider")
    assert answer.status == 404


def test_an_evaluation_on_another_teams_dataset_is_not_made(things, call):
    ours, theirs = things(), things("Elsewhere")
    ours.end()
    answer = call("POST", f"/experiments/{ours.experiment.id}/evaluations", {"split": "test", "dataset": theirs.dataset.id})
    assert answer.status == 404
