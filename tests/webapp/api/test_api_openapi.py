"""The schema tells all that the API does."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from webapp.api.urls import api
from webapp.core.home import CHECKOUT


@pytest.fixture
def schema(db):
    return Client().get("/api/v1/openapi.json").json()


def operations(schema):
    return [(f"{method.upper()} {path}", operation) for path, methods in schema["paths"].items() for method, operation in methods.items()]


def test_the_schema_is_open_to_all(schema):
    assert schema["openapi"].startswith("3.")


def test_the_schema_is_gathered_once_for_each_address():
    gathered, below = api.get_openapi_schema(), api.get_openapi_schema(path_prefix="/below/api/v1/")
    assert api.get_openapi_schema() is gathered and "/api/v1/datasets" in gathered["paths"] and "/below/api/v1/datasets" in below["paths"]


def test_every_call_has_words_and_a_tag(schema):
    assert [name for name, call in operations(schema) if not (call.get("summary") and call.get("description") and call.get("tags"))] == []


def test_every_call_needs_a_bearer_token(schema):
    assert schema["components"]["securitySchemes"]["Bearer"] == {"type": "http", "scheme": "bearer"}
    assert [name for name, call in operations(schema) if call["security"] != [{"Bearer": []}]] == []


def test_every_call_lists_its_errors_in_one_shape(schema):
    shapes = {
        str(answer.get("content")) for _, call in operations(schema) for status, answer in call["responses"].items() if int(status) >= 400
    }
    assert len(shapes) == 1 and "schemas/Error" in shapes.pop()


def test_every_post_takes_an_idempotency_key(schema):
    posts = [call for name, call in operations(schema) if name.startswith("POST")]
    assert all("Idempotency-Key" in [parameter["name"] for parameter in call["parameters"]] for call in posts)


def test_every_reference_of_the_schema_leads_somewhere(schema):
    wanted = set(re.findall(r"#/components/schemas/(\w+)", str(schema)))
    assert wanted <= set(schema["components"]["schemas"])


def test_every_call_that_the_guide_names_is_there(schema):
    guide = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8").replace("…", "/datasets/{id}").replace("{job}", "{id}")
    named = set(re.findall(r"`(GET|POST|DELETE|PATCH) (/[\w/{}]+)", guide))
    there = {(name.split()[0], name.split()[1].removeprefix("/api/v1")) for name, _ in operations(schema)}
    assert len(named) > 10 and named - there == set()
