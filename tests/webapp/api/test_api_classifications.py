"""Many pictures by REST: sent, listed, read, taken along, asked again, deleted."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.test import Client

from tests.webapp.api.kit import answered, archive, full
from tests.webapp.evaluations.conftest import evaluated, experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.webapp.predictions.kit import SAID, classified
from webapp.accounts import actions as accounts
from webapp.jobs.models import Job
from webapp.predictions.models import Classification


@pytest.fixture
def done(evaluated, editor):  # noqa: F811
    return classified(evaluated.experiment, editor)


@pytest.fixture
def call(editor):
    """As a program of the editor's calls."""
    client, token = Client(raise_request_exception=False), accounts.create_token(editor, "write", None)

    def send(method, path, body=None, *, form=None):
        headers = {"Authorization": f"Bearer {token}"}
        if form is not None:
            return answered(client.post(full(path), form, headers=headers))
        text = json.dumps(body) if body is not None else ""
        return answered(client.generic(method, full(path), text, content_type="application/json", headers=headers))

    return send


def trip():
    return archive(b"PK\x05\x06" + bytes(18), "trip.zip")


def test_an_archive_is_taken_and_its_job_told(call, evaluated):  # noqa: F811
    answer = call("POST", "/classifications", form={"network": evaluated.experiment_id, "archive": trip()})
    made = Classification.objects.get()
    assert (answer.status, answer.body) == (202, {"id": made.pk, "job": made.job_id})
    told = call("GET", f"/classifications/{made.pk}").body
    assert (told["state"], told["images"], told["classes"], told["network_name"]) == ("queued", None, [], "First")
    assert call("GET", f"/classifications/{made.pk}/answers").status == 409
    assert call("DELETE", f"/classifications/{made.pk}").status == 409


def test_a_network_that_cannot_classify_is_named_at_its_field(call):
    answer = call("POST", "/classifications", form={"network": "published:none", "archive": trip()})
    assert answer.status == 422 and "published weights" in answer.body["error"]["fields"]["network"]


def test_counts_and_rows(call, done):
    told = call("GET", f"/classifications/{done.pk}").body
    assert [(one["label"], one["name"], one["n"]) for one in told["classes"]] == [
        ("blue", "Blue", 2),
        ("green", "green", 1),
        ("red", "red", 0),
    ]
    assert (told["images"], told["unsure"], told["refused"], told["ignored"], told["unsure_below"]) == (4, 1, 1, 1, 0.5)
    rows = call("GET", f"/classifications/{done.pk}/answers").body
    assert [row["file"] for row in rows["items"]] == [name for name, _ in SAID] and rows["next"] is None
    assert rows["items"][3]["unsure"] and rows["items"][0]["top"][0]["name"] == "Blue"


def test_rows_are_filtered_and_paged(call, done):
    ways = {"?label=blue": ["trip/sky.png", "trip/=sea.png"], "?show=unsure": ["trip/dusk.png"], "?label=mauve": []}
    ways["?label=blue&sort=doubt"] = ["trip/=sea.png", "trip/sky.png"]
    for query, files in ways.items():
        assert [row["file"] for row in call("GET", f"/classifications/{done.pk}/answers{query}").body["items"]] == files
    first = call("GET", f"/classifications/{done.pk}/answers?limit=3").body
    rest = call("GET", f"/classifications/{done.pk}/answers?limit=3&cursor={first['next']}").body
    assert len(first["items"]) == 3 and [row["row"] for row in rest["items"]] == [3] and rest["next"] is None
    refused = call("GET", f"/classifications/{done.pk}/answers?show=refused").body
    assert refused["items"] == [] and refused["refused"] == [
        {"file": "trip/broken.png", "rule": "truncated", "message": "It is cut short."}
    ]


@pytest.mark.parametrize("query", ["?cursor=none", "?show=all", "?limit=0", "?label=blue&show=unsure"])
def test_a_wrong_question_is_refused_at_its_field(query, call, done):
    answer = call("GET", f"/classifications/{done.pk}/answers{query}")
    assert answer.status == 422 and answer.body["error"]["fields"]


def test_the_list_goes_on_by_key_and_by_network(call, done, evaluated, editor):  # noqa: F811
    other = classified(evaluated.experiment, editor)
    page = call("GET", "/classifications?limit=1").body
    assert [row["id"] for row in page["items"]] == [other.pk]
    assert [row["id"] for row in call("GET", f"/classifications?limit=1&cursor={page['next']}").body["items"]] == [done.pk]
    assert call("GET", "/classifications?network=none").body["items"] == []


def test_the_same_pictures_by_another_network_and_deleted(call, done, evaluated):  # noqa: F811
    made = call("POST", f"/classifications/{done.pk}/again", {"network": evaluated.experiment_id})
    assert made.status == 202 and made.body["id"] != done.pk
    assert call("DELETE", f"/classifications/{done.pk}").status == 409  # the other reads its pictures
    call("POST", f"/jobs/{made.body['job']}/cancel")
    assert call("DELETE", f"/classifications/{made.body['id']}").status == 200
    told = call("DELETE", f"/classifications/{done.pk}").body
    assert (told["id"], told["outcome"]) == (done.pk, "trashed") and told["until"]
    assert call("GET", f"/classifications/{done.pk}").status == 404


def test_the_file_is_the_pages(call, done, signed_in, editor):
    text = b"".join(signed_in(editor).get(f"/classify/{done.pk}/answers.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 5 and call("GET", f"/classifications/{done.pk}/csv").status == 200


def test_a_job_of_it_is_not_tried_again_by_itself(call, done):
    Job.objects.filter(pk=done.job_id).update(state="failed")
    answer = call("POST", f"/jobs/{done.job_id}/retry")
    assert answer.status == 409 and "/classifications/{id}/again" in answer.body["error"]["message"]


def test_another_networks_answers_stand_beside_them(call, done, evaluated, editor):  # noqa: F811
    other = classified(evaluated.experiment, editor, [(name, (0.1, 0.8, 0.1)) for name, _ in SAID])
    assert call("GET", f"/classifications/{done.pk}/answers?beside={other.pk}").status == 422  # of other pictures
    Classification.objects.filter(pk=other.pk).update(source=done)
    told = call("GET", f"/classifications/{done.pk}/answers?beside={other.pk}").body
    assert [row["other"]["differs"] for row in told["items"]] == [True, True, False, True]
    assert told["items"][0]["other"]["top"][0]["label"] == "green" and not told["items"][0]["other"]["unsure"]
    assert (told["agreement"]["n"], told["agreement"]["same"]) == (4, 1) and len(told["agreement"]["interval"]) == 2
    alone = call("GET", f"/classifications/{done.pk}/answers?beside={other.pk}&differing=true").body["items"]
    assert [row["row"] for row in alone] == [0, 1, 3]
    plain = call("GET", f"/classifications/{done.pk}/answers").body
    assert plain["agreement"] is None and plain["items"][0]["other"] is None
    refused = call("GET", f"/classifications/{done.pk}/answers?differing=true")
    assert refused.status == 422 and "differing" in refused.body["error"]["fields"]


def test_the_file_takes_another_ones_answers_along(call, done, evaluated, editor):  # noqa: F811
    other = classified(evaluated.experiment, editor)
    assert "beside" in call("GET", f"/classifications/{done.pk}/csv?beside={other.pk}").body["error"]["fields"]
    Classification.objects.filter(pk=other.pk).update(source=done)
    assert call("GET", f"/classifications/{done.pk}/csv?beside={other.pk}").status == 200


def test_answers_beside_them_that_are_gone_are_said(call, done, evaluated, editor):  # noqa: F811
    other = classified(evaluated.experiment, editor)
    Classification.objects.filter(pk=other.pk).update(source=done)
    (other.answers / "answers.json").unlink()
    answer = call("GET", f"/classifications/{done.pk}/answers?beside={other.pk}")
    assert answer.status == 409 and "gone" in answer.body["error"]["message"]
