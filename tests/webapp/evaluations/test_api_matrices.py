"""Single predictions, the matrix and trainings done again, for programs."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from django.test import Client

from classifier.metrics import scored_path
from classifier.metrics.scored import FORGOTTEN
from tests.webapp.evaluations.scored_rows import rows_of, say
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.datasets import drafts
from webapp.evaluations.models import Evaluation

BLUE, GREEN, RED = range(3)
SIX = [(BLUE, BLUE), (BLUE, RED), (GREEN, GREEN), (GREEN, RED), (RED, RED), (RED, BLUE)]


@pytest.fixture
def six(evaluated: Evaluation) -> Evaluation:
    say(evaluated, rows_of(SIX, losses=[0, 1, 2, 3, 4, 5]))
    return evaluated


def call(user: User, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """(status, JSON) of a call with a token of that person."""
    token = accounts.create_token(user, "write", None)
    send = getattr(Client(), method.lower())
    more = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
    answer = send(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, **more)
    return answer.status_code, json.loads(answer.content)


def listed(user: User, evaluation: Evaluation, query: str = "") -> dict[str, Any]:
    status, body = call(user, "GET", f"/evaluations/{evaluation.pk}/images?{query}")
    assert status == 200, body
    return body


def test_predictions_are_listed_by_labels_in_an_order(six, editor):
    body = listed(editor, six, "said=red&right=false")
    assert [(item["row"], item["label"], item["predicted"], item["loss"]) for item in body["items"]] == [
        (3, "green", "red", 3.0),
        (1, "blue", "red", 1.0),
    ]
    assert body["total"] == 2 and body["next"] is None and body["items"][0]["best"] == [{"label": "red", "probability": 0.5}]


def test_what_is_no_number_is_null_for_programs_and_a_dash_on_pages(six, editor, signed_in):
    say(six, rows_of(SIX, losses=[math.nan] * 6, odds=[math.nan] * 6, margins=[math.nan] * 6))
    first = listed(editor, six)["items"][0]
    assert (first["probability"], first["margin"], first["loss"]) == (None, None, None)
    assert first["best"] == [{"label": "blue", "probability": None}]
    for page in ("images/", "images/0/", "matrix/part/", "groups/"):
        answer = signed_in(editor).get(f"/evaluations/{six.pk}/{page}", headers={"HX-Request": "true"})
        assert answer.status_code == 200 and "nan" not in answer.content.decode().split("<main")[-1].lower()


def test_a_cursor_goes_on_to_the_end(six, editor):
    found, cursor = [], ""
    while cursor is not None:
        body = listed(editor, six, f"limit=4&sort=low&cursor={cursor}" if cursor else "limit=4&sort=low")
        found += [item["row"] for item in body["items"]]
        cursor = body["next"]
    assert found == [0, 1, 2, 3, 4, 5]


def test_an_erased_image_has_no_position_and_no_name(six, editor):
    rows = rows_of(SIX)
    rows["position"][0] = FORGOTTEN
    say(six, rows)
    first = listed(editor, six, "sort=order")["items"][0]
    assert first["position"] is None and first["path"] == "erased"


def test_what_the_draft_says_of_an_image_stands_beside_it(six, editor, actor_of):
    drafts.change(actor_of(editor), six.version.dataset, [0], label="violet")
    assert listed(editor, six, "sort=order")["items"][0]["now"] == "now violet"


@pytest.mark.parametrize("query", ["true=nothing", "sort=owner", "limit=0", "where=site=north", "each=2", "cursor=!"])
def test_what_is_not_understood_is_refused_by_name(query, six, editor):
    status, body = call(editor, "GET", f"/evaluations/{six.pk}/images?{query}")
    assert status == 422 and query.split("=")[0] in " ".join(body["error"]["fields"])


def test_without_columns_it_says_what_to_do(six, editor):
    scored_path(six.experiment.folder / six.predictions).unlink()
    status, body = call(editor, "GET", f"/evaluations/{six.pk}/images")
    assert (status, body["error"]["code"]) == (409, "no_predictions")


def test_the_matrix_comes_without_its_zeros_in_all_orders(six, editor):
    status, body = call(editor, "GET", f"/evaluations/{six.pk}/matrix")
    assert status == 200 and sum(body["counts"]) == six.result["n"] and body["labels"] == ["blue", "green", "red"]
    assert {"given", "worst", "name"} <= {order["key"] for order in body["orders"]}


def test_what_is_not_done_has_neither(six, editor):
    Evaluation.objects.update(result=None, confusion=None)
    for rest in ("images", "matrix"):
        status, body = call(editor, "GET", f"/evaluations/{six.pk}/{rest}")
        assert (status, body["error"]["code"]) == (409, "not_ready")


def test_a_training_is_done_again_and_compared(six, editor, viewer, actor_of):
    experiment = six.experiment
    status, body = call(editor, "POST", f"/experiments/{experiment.pk}/again")
    assert status in (400, 409) and "has not changed" in body["error"]["message"]
    drafts.change(actor_of(editor), six.version.dataset, [0], label="red")
    assert call(viewer, "POST", f"/experiments/{experiment.pk}/again")[0] == 403
    status, body = call(editor, "POST", f"/experiments/{experiment.pk}/again")
    assert status == 202 and body["experiment"] is None and body["job"]
    assert call(editor, "GET", f"/experiments/{experiment.pk}/again") == (200, {"of": None, "compared": None})
