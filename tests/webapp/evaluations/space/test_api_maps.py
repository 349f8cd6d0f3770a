"""Maps by REST."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from webapp.accounts import actions as accounts
from webapp.evaluations.models import EmbeddingMap
from webapp.evaluations.space import reading


@pytest.fixture
def call(editor, evaluation):
    token = accounts.create_token(editor, "write", None)
    client = Client(raise_request_exception=False)

    def send(verb: str, part: str, **fields):
        address = f"/api/v1/evaluations/{evaluation.id}/{part}"
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.get(address, fields, headers=headers) if verb == "GET" else client.generic(verb, address, headers=headers)
        return answer.status_code, json.loads(answer.content)

    return send


def test_the_evaluated_images_come_at_once(call, evaluation):
    status, told = call("GET", "map")
    assert status == 200 and (told["whole"], told["method"], told["methods"], told["job"]) == (False, "pca", ["pca"], None)
    assert told["points"]["row"] == list(range(len(evaluation.scored))) and told["classes"] == evaluation.classes
    assert {len(column) for column in told["points"].values()} == {told["images"]}


def test_a_map_is_asked_for_once(call):
    status, told = call("POST", "map")
    assert status == 202 and EmbeddingMap.objects.get(pk=told["id"]).job_id == told["job"] and call("POST", "map")[1] == told
    assert call("GET", "map")[1]["state"] == "queued"


def test_a_map_has_the_training_images(call, mapped):
    told = call("GET", "map", method="tsne")[1]
    assert (told["whole"], told["method"], told["state"], told["images"]) == (True, "tsne", "succeeded", 30)
    assert set(told["points"]["row"]) > {-1}


def test_a_way_to_draw_that_there_is_not_is_named(call):
    status, told = call("GET", "map", method="umap")
    assert status == 422 and "method" in told["error"]["fields"]


def test_the_nearest_training_images_of_a_row(call, evaluation, mapped):
    status, told = call("GET", "images/3/nearest", limit=2)
    source = reading.source_of(evaluation)
    near = reading.nearest(evaluation, source, reading.point_of_row(source.found, 3), 2)
    assert status == 200 and told["of"] == source.found.learnt
    assert [one["position"] for one in told["nearest"]] == [one.tile["position"] for one in near] and told["nearest"][0]["path"]


def test_without_a_map_there_is_nothing_near(call):
    status, told = call("GET", "images/0/nearest")
    assert (status, told["error"]["code"]) == (409, "no_map") and "/map asks for it" in told["error"]["message"]


@pytest.mark.parametrize("row", [-1, 500, 10**12])
def test_a_row_that_there_is_not_is_said(call, mapped, row):
    status, told = call("GET", f"images/{row}/nearest")
    assert status == 404 and "no row" in told["error"]["message"]
