"""Connections and imports from buckets by the API."""

from __future__ import annotations

import pytest

from webapp.accounts.actor import actor_in
from webapp.accounts.models import User
from webapp.datasets import connections
from webapp.datasets.models import Dataset

KEYS = {"key": "AKIAIOSFODNN7EXAMPLE", "secret": "a-secret-of-ours"}


@pytest.fixture
def made(tokens):
    actor = actor_in(User.objects.get(username="owner"))
    return connections.make(actor, "Farm photos", {"bucket": "photos", "prefix": "2026", **KEYS})


def test_connections_are_listed_without_what_opens_them(call, made):
    answer = call("GET", "/connections", by="editor")
    public = {"kind": "s3", "bucket": "photos", "prefix": "2026", "endpoint": "", "opens": None}
    assert [{**item, "created_at": 0} for item in answer.body["items"]] == [
        {"id": made.id, "name": "Farm photos", **public, "created_at": 0}
    ]
    assert not any(word in str(answer.body) for word in KEYS.values())


def test_an_import_from_a_bucket_waits_as_a_job(call, made):
    answer = call("POST", "/datasets/from/bucket", {"connection": made.id, "path": "animals", "split": "80/10/10", "least": 3}, by="editor")
    dataset = Dataset.objects.get()
    assert answer.status == 202 and answer.body == {"id": dataset.id, "job": dataset.job_id}
    assert (dataset.name, dataset.origin["path"]) == ("Animals", "animals")
    assert (dataset.options["split"], dataset.options["least"]) == ("80/10/10", 3)


@pytest.mark.parametrize(
    ("field", "value"), [("path", "a/../b"), ("path", "a\x00b"), ("name", "n" * 500), ("split", "80/30/10"), ("seed", -1), ("key", "AKIA")]
)
def test_a_wrong_field_is_named_and_nothing_is_made(call, made, field, value):
    answer = call("POST", "/datasets/from/bucket", {"connection": made.id, field: value})
    assert answer.status == 422 and field in answer.error["fields"] and not Dataset.objects.exists()


def test_another_teams_connection_is_not_found(call, made):
    assert call("GET", "/connections", by="outsider").body == {"items": []}
    assert call("POST", "/datasets/from/bucket", {"connection": made.id}, by="outsider").status == 404


def test_no_call_makes_a_connection(call, made):
    assert call("POST", "/connections", {"name": "Mine", "bucket": "photos"}).status == 405
