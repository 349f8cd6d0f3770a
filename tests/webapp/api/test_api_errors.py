"""Every refusal has one shape, in words, and is never HTML or a traceback."""

from __future__ import annotations

import errno

import pytest
from django.db import OperationalError
from django.test import Client
from redis.exceptions import ConnectionError as RedisDown

LONG = "n" * 5000


@pytest.mark.parametrize("path", ["/nothing", "/datasets/", "/experiments/a/b/c/d", "/", "/datasets/%00", "/jobs/../../etc/passwd"])
def test_an_unknown_address_is_404_in_json(path, call):
    assert call("GET", path).error["code"] == "not_found"


@pytest.mark.parametrize(("method", "path"), [("PUT", "/datasets"), ("POST", "/jobs"), ("DELETE", "/tickets"), ("POST", "/openapi.json")])
def test_a_wrong_method_is_405_in_json_and_names_the_right_ones(method, path, call):
    answer = call(method, path)
    assert (answer.status, answer.error["code"]) == (405, "method_not_allowed") and answer.response["Allow"] in answer.error["message"]


@pytest.mark.parametrize("body", ["{", "", "nonsense", '"text"', "[]", "[" * 100_000, '{"n": ' + "9" * 5000 + "}", b"\xff\xfe"])
def test_a_broken_body_is_refused_in_words(body, call):
    answer = call("POST", "/experiments", body)
    assert answer.status in (400, 422) and answer.error["message"]


def test_each_missing_field_is_named(call):
    assert call("POST", "/experiments", {}).error["fields"] == {"dataset": "is missing", "name": "is missing"}


def test_a_misspelt_field_is_named(call):
    answer = call("POST", "/experiments", {"dataset": "x", "name": "x", "config": {}, "vresion": 1})
    assert answer.status == 422 and "vresion" in answer.error["fields"]


@pytest.mark.parametrize("place", ["config", "call"])
def test_of_very_many_wrong_fields_the_first_are_named_and_the_rest_counted(place, call, things):
    body = {"dataset": things().dataset.id, "name": "x", "config": {}}
    (body["config"] if place == "config" else body).update({f"unknown{number}": 1 for number in range(20_000)})
    answer = call("POST", "/experiments", body)
    assert answer.status == 422 and len(answer.response.content) < 20_000
    assert "unknown0" in answer.error["fields"] and answer.error["message"].endswith("; and 19,950 more wrong fields")


@pytest.mark.parametrize("name", [LONG, "", "a\0b", "\ud800", "line\nbreak", 7, None, ["x"]])
def test_a_name_that_is_no_name_is_refused_by_its_field(name, call, things):
    answer = call("POST", "/experiments", {"dataset": things().dataset.id, "name": name, "config": {}})
    assert answer.status == 422 and "name" in answer.error["fields"]


def test_wrong_fields_of_a_launch_and_its_configuration_are_named_together(call, things):
    config = {"epochs": -1, "learning_rate": "fast", "weights": "elsewhere.pth", "colour": "blue"}
    answer = call("POST", "/experiments", {"dataset": things().dataset.id, "name": "", "version": [], "config": config})
    assert answer.status == 422 and set(answer.error["fields"]) == {"name", "version", *config}


def test_wrong_fields_of_an_upload_are_named_together(call):
    answer = call("POST", "/datasets", form={"name": "", "split": "80/30/10", "seed": "-1", "group": "("})
    assert answer.status == 422 and set(answer.error["fields"]) == {"name", "split", "seed", "group", "archive"}


def test_wrong_fields_of_an_evaluation_are_named_together(call, things):
    path = f"/experiments/{things().experiment.id}/evaluations"
    answer = call("POST", path, {"split": "all", "checkpoint": "worst", "dataset": 1.5, "more": 1})
    assert answer.status == 422 and set(answer.error["fields"]) == {"split", "checkpoint", "dataset", "more"}


def test_a_form_where_json_is_due_is_refused(call):
    assert call("POST", "/experiments", form={"dataset": "x", "name": "x"}).status in (400, 422)


def test_json_where_a_form_is_due_is_refused(call):
    assert set(call("POST", "/datasets", {"name": "x"}).error["fields"]) == {"name", "archive"}


def test_a_form_with_too_many_files_is_refused(call, settings):
    from tests.webapp.api.kit import archive

    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    assert call("POST", "/datasets", form={"name": "x", "archive": [archive() for _ in range(5)]}).status == 400


def test_a_body_over_the_limit_is_413(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert call("POST", "/experiments", {"dataset": "x", "name": LONG}).status == 413


@pytest.mark.parametrize("query", ["owner__password__startswith=a", "team=1", "order_by=password", "id__in=1&fields=*"])
def test_an_unknown_query_parameter_changes_nothing(query, call, things):
    things()
    assert call("GET", f"/datasets?{query}").body == call("GET", "/datasets").body


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "storage_full"),
        (RedisDown("gone"), 503, "unavailable"),
        (OperationalError("database is locked"), 503, "busy"),
        (RuntimeError("secret detail"), 500, "unexpected"),
        (OSError(errno.EIO, "secret detail"), 500, "unexpected"),
    ],
)
def test_trouble_in_the_server_is_said_without_its_inside(error, status, code, call, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr("webapp.api.routes.jobs.page_of", broken)
    answer = call("GET", "/jobs")
    assert (answer.status, answer.error["code"]) == (status, code) and "secret" not in str(answer.body)


def test_an_unexpected_error_is_logged_under_the_id_that_the_answer_names(call, monkeypatch, caplog):
    monkeypatch.setattr("webapp.api.routes.jobs.page_of", None)
    mark = call("GET", "/jobs").error["message"].split("id ")[1].split(".")[0]
    assert any(mark in record.getMessage() and record.exc_info for record in caplog.records)


def test_a_foreign_host_is_refused_in_json_by_the_api_and_as_a_page_elsewhere(call):
    assert call("GET", "/datasets", Host="evil.example").error["code"] == "bad_request"
    assert Client().get("/login/", headers={"Host": "evil.example"})["Content-Type"].startswith("text/html")


def test_a_middleware_that_fails_is_answered_in_json(call, monkeypatch):
    monkeypatch.setattr("webapp.accounts.middleware.identify", None)
    assert call("GET", "/datasets").error["code"] == "unexpected"
