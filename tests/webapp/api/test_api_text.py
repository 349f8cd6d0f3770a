"""Half a character, or bytes that are no text, are named by their field wherever the API takes text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webapp.api.kit import full
from webapp.api.shapes import example_of, resolved
from webapp.api.urls import api

SCHEMA = api.get_openapi_schema()
HALF = st.builds("{}{}{}".format, st.text(max_size=5), st.characters(categories=["Cs"]), st.text(max_size=5))
FEW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def is_text(shape: dict[str, Any]) -> bool:
    return resolved(SCHEMA, shape).get("type") == "string"


def fields_of_bodies() -> list[tuple[str, str, dict[str, Any], str, bool]]:
    """(method, path, example, field, whether it is a list) of each text that a JSON body holds."""
    found = []
    for path, methods in SCHEMA["paths"].items():
        for method, call in methods.items():
            body = call.get("requestBody", {}).get("content", {}).get("application/json")
            shape = resolved(SCHEMA, body["schema"]) if body else {}
            for name, field in shape.get("properties", {}).items():
                listed = resolved(SCHEMA, field).get("type") == "array"
                if is_text(field) or (listed and is_text(resolved(SCHEMA, field)["items"])):
                    found.append((method.upper(), path.replace("{id}", "0" * 20), example_of(SCHEMA, shape), name, listed))
    return found


def queries() -> list[tuple[str, str]]:
    """(path, name) of each text in an address."""
    calls = [(path, call) for path, methods in SCHEMA["paths"].items() for call in methods.values()]
    return [(p, q["name"]) for p, call in calls for q in call["parameters"] if q["in"] == "query" and is_text(q["schema"])]


@FEW
@given(text=HALF)
@pytest.mark.parametrize(("method", "path", "example", "field", "listed"), fields_of_bodies())
def test_half_a_character_in_a_body_is_named_by_its_field(method, path, example, field, listed, text, call):
    answer = call(method, path, example | {field: [text] if listed else text})
    assert answer.status == 422 and answer.error["fields"] == {f"{field}.0" if listed else field: answer.error["message"].split(": ")[1]}
    assert "half a character" in answer.error["message"]


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"weights": "run:\ud800"}, "config.weights"),
        ({"\ud800": 1}, "config.\ufffd"),
        ({"augment": {"rotate": ["\udfff"]}}, "config.augment.rotate.0"),
    ],
)
def test_half_a_character_inside_a_configuration_is_named_by_its_place(config, named, call):
    answer = call("POST", "/experiments", {"dataset": "x", "name": "x", "config": config})
    assert (answer.status, list(answer.error["fields"])) == (422, [named])


@pytest.mark.parametrize(("path", "name"), queries())
def test_bytes_that_are_no_text_in_an_address_are_named(path, name, call):
    answer = call("GET", f"{path.replace('{id}', '0' * 20)}?{name}=%ED%A0%80")
    assert (answer.status, list(answer.error["fields"])) == (422, [name]) and "no UTF-8" in answer.error["message"]


@pytest.mark.parametrize("field", ["name", "split", "group"])
def test_bytes_that_are_no_text_in_a_form_are_named(field, client, tokens):
    part = f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'.encode() + b"\xed\xa0\x80\r\n--b--\r\n"
    headers = {"Authorization": f"Bearer {tokens['owner']}"}
    answer = client.generic("POST", full("/datasets"), part, content_type="multipart/form-data; boundary=b", headers=headers)
    assert answer.status_code == 422 and "no UTF-8" in answer.json()["error"]["fields"][field]
