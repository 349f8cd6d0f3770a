"""The page that explains the API, drawn from its OpenAPI schema. It shows no data, so it needs no login."""

from __future__ import annotations

import json
import shlex
from functools import lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from webapp.api.guard import open_to_all
from webapp.api.shapes import FieldRow, example_of, fields_of, word_for
from webapp.datasets.uploads import tus

ORIGIN = "http://127.0.0.1:8000"  # replaced by the reader's own
TAGS = {
    "datasets": "Images with labels: upload an archive, follow its import, read the classes and the problems by file.",
    "drafts": "What a dataset holds, and what changes of it: label, move, take out, rename, merge, then seal the next version.",
    "labelling": "Rounds that hand images out to whoever labels them, reviews of what was said, and suggestions of a trained network.",
    "quality": "Check a dataset for leaks, copies, label errors and odd images, read what was found, and fix it in the draft.",
    "uploads": "A large archive in parts, by tus 1.0.0: what came is kept when the connection breaks or the server restarts.",
    "experiments": "One training each: launch it, follow its figures, read its report.",
    "weights": "Weights that were trained elsewhere, for trainings to start from: upload a file, follow its check, read what it fits.",
    "evaluations": "One checkpoint on one split, and images to classify.",
    "classifications": "Many images classified as a job: an archive sent, its answers by page or as CSV, asked again by another network.",
    "reports": "What a team says about its figures: words, tags, blocks, and links that show a report without login.",
    "jobs": "The queue: how far each job is, what it told, cancel and retry.",
    "account": "Tickets for the websocket, and the catalogue of models.",
}


class Answer(NamedTuple):
    """One status that a call can answer with."""

    status: str
    words: str
    fields: list[FieldRow]
    example: str


class Call(NamedTuple):
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    parameters: list[FieldRow]
    body_type: str
    body: list[FieldRow]
    success: Answer
    errors: list[Answer]
    curl: str


class Group(NamedTuple):
    """The calls of one resource."""

    name: str
    words: str
    calls: list[Call]


@lru_cache(maxsize=1)
def groups() -> tuple[str, list[Group]]:
    """The API's own words, and its calls by resource. The schema does not change while the process runs."""
    from webapp.api.urls import api

    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    calls: dict[str, list[Call]] = {name: [] for name in TAGS}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            calls[operation["tags"][0]].append(call_of(schema, path, method.upper(), operation))
    return schema["info"]["description"], [Group(name, TAGS[name], calls[name]) for name in TAGS]


def call_of(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Call:
    """One call as the page shows it."""
    media = operation.get("requestBody", {}).get("content", {})
    shapes: list[tuple[str, dict[str, Any]]] = [(kind, content["schema"]) for kind, content in media.items()]
    body_type, body = shapes[0] if shapes else ("", {})
    answers = [answer_of(schema, status, answer) for status, answer in sorted(operation["responses"].items())]
    return Call(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        words=coded(operation.get("description", "")),
        parameters=[parameter_row(schema, parameter) for parameter in operation["parameters"]],
        body_type=body_type,
        body=rows_of(schema, body) if body and body.get("format") != "binary" else [],
        success=answers[0],
        errors=answers[1:],
        curl=curl(schema, method, path, body_type, body, operation["parameters"]),
    )


def coded(text: str) -> SafeString:
    """The text with what stands between backticks as code."""
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if i % 2 else part,) for i, part in enumerate(text.split("`")))
    )


def rows_of(schema: dict[str, Any], shape: dict[str, Any]) -> list[FieldRow]:
    """Every field of a shape, its words ready for the page."""
    return [row._replace(words=coded(row.words)) for row in fields_of(schema, shape)]


def parameter_row(schema: dict[str, Any], parameter: dict[str, Any]) -> FieldRow:
    """A value of the address, the query or a header."""
    kind = f"{word_for(schema, parameter['schema'])}, in the {'address' if parameter['in'] == 'path' else parameter['in']}"
    return FieldRow(parameter["name"], kind, parameter["required"], coded(parameter.get("description", "")))


def answer_of(schema: dict[str, Any], status: str, answer: dict[str, Any]) -> Answer:
    """One answer with its fields and an example."""
    shape = answer.get("content", {}).get("application/json", {}).get("schema")
    if shape is None:
        return Answer(status, answer["description"], [], "")
    return Answer(
        status, answer["description"], fields_of(schema, shape), json.dumps(example_of(schema, shape), indent=2, ensure_ascii=False)
    )


def curl(schema: dict[str, Any], method: str, path: str, body_type: str, body: dict[str, Any], parameters: list[dict[str, Any]]) -> str:
    """A command to copy: the token from the environment, everything else filled with an example."""
    parts = ['curl -H "Authorization: Bearer $TOKEN"']
    if method == "HEAD":
        parts.append("--head")
    elif method not in ("GET", "POST") or (method == "POST" and not body_type):
        parts.append(f"-X {method}")
    parts += [f"-H '{given['name']}: {given['example']}'" for given in parameters if given["in"] == "header" and given["required"]]
    if body_type == tus.PART_TYPE:
        parts += [f"-H 'Content-Type: {body_type}'", "-T images.zip"]
    elif body_type == "application/json":
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(example_of(schema, body)))}"]
    elif body_type:
        required = body.get("required", [])
        parts += [form_part(name, shape) for name, shape in body["properties"].items() if name in required]
    return " \\\n  ".join([*parts, f"{ORIGIN}{path.replace('{id}', 'ID').replace('{number}', '1').replace('{kind}', 'label')}"])


def form_part(name: str, shape: dict[str, Any]) -> str:
    """-F for one field of a form."""
    if shape.get("type") == "array":
        return f"-F {name}=@first.jpg -F {name}=@second.jpg"
    return f"-F {name}=@images.zip" if shape.get("format") == "binary" else f"-F {name}='My images'"


@open_to_all
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every call with its values, answers and a command to try it."""
    about, found = groups()
    base = request.build_absolute_uri("/").rstrip("/")
    shown = [group._replace(calls=[call._replace(curl=call.curl.replace(ORIGIN, base)) for call in group.calls]) for group in found]
    return render(
        request,
        "api/docs.html",
        {"about": [coded(paragraph) for paragraph in about.split("\n\n")], "groups": shown, "schema_path": reverse("api:openapi-json")},
    )
