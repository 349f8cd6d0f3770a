"""What the API's pages tell of each call: its address, values, body, answers and a command, all from the OpenAPI schema."""

from __future__ import annotations

import json
import re
import shlex
from functools import lru_cache
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from webapp.api.shapes import FieldRow, example_of, fields_of, kind_of
from webapp.datasets.uploads import tus

ORIGIN = "http://127.0.0.1:8000"  # replaced by the reader's own
JSON, BELOW = "application/json", "/api/v1"
FORM = {
    "archive": "@images.zip", "file": "@weights.safetensors", "image": "@image.jpg", "name": "'My images'", "label": "cat", "network": "ID",
}  # fmt: skip
PLACE = re.compile(r"\{(\w+)\}")
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
    """One status that a call can answer with; `media` are the types of a file, where it is one."""

    status: str
    words: str
    media: str
    fields: list[FieldRow]
    example: str


class Call(NamedTuple):
    """One method of one address; `href` is where it is explained, `text` what a search looks through."""

    id: str
    group: str
    href: str
    text: str
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
def schema() -> dict[str, Any]:
    """The OpenAPI schema as it is sent. It does not change while the process runs."""
    from webapp.api.urls import api

    read: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return read


@lru_cache(maxsize=1)
def hrefs() -> dict[str, str]:
    """Where each call is explained, by "GET /jobs/{id}"."""
    return {
        f"{method.upper()} {path.removeprefix(BELOW)}": f"{reverse('api-docs-resource', args=operation['tags'])}#{operation['operationId']}"
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    }


@lru_cache(maxsize=1)
def groups() -> dict[str, Group]:
    """The API's calls by resource."""
    calls: dict[str, list[Call]] = {name: [] for name in TAGS}
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            calls[operation["tags"][0]].append(call_of(schema(), path, method.upper(), operation))
    return {name: Group(name, words, calls[name]) for name, words in TAGS.items()}


def find(question: str) -> list[Call]:
    """The calls in whose method, path, summary or words each word of the question stands; first those whose summary has all of it."""
    wanted = question.lower()
    found = [call for group in groups().values() for call in group.calls if all(word in call.text for word in wanted.split())]
    return sorted(found, key=lambda call: wanted not in call.summary.lower())


def call_named(name: str) -> Call:
    """The call "GET /jobs/{id}"."""
    method, path = name.split()
    return next(call for group in groups().values() for call in group.calls if (call.method, call.path) == (method, BELOW + path))


def call_of(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Call:
    """One call as the page shows it."""
    media = operation.get("requestBody", {}).get("content", {})
    shapes: list[tuple[str, dict[str, Any]]] = [(kind, content["schema"]) for kind, content in media.items()]
    body_type, body = shapes[0] if shapes else ("", {})
    answers = [answer_of(schema, status, answer) for status, answer in sorted(operation["responses"].items())]
    words = operation.get("description", "")
    return Call(
        id=operation["operationId"],
        group=operation["tags"][0],
        href=hrefs()[f"{method} {path.removeprefix(BELOW)}"],
        text=f"{method} {path} {operation['summary']} {words}".lower(),
        method=method,
        path=path,
        summary=operation["summary"],
        words=coded(words),
        parameters=[parameter_row(schema, parameter) for parameter in operation["parameters"]],
        body_type=body_type,
        body=rows_of(schema, body) if body and body.get("format") != "binary" else [],
        success=answers[0],
        errors=answers[1:],
        curl=curl(schema, method, path, body_type, body, operation["parameters"]),
    )


def coded(text: str) -> SafeString:
    """The text with what stands between backticks as code, and the name of a call as the way to it."""
    return format_html_join("", "{}", ((as_code(part) if i % 2 else part,) for i, part in enumerate(text.split("`"))))


def as_code(text: str) -> SafeString:
    """One piece of code."""
    code, href = format_html("<code>{}</code>", text), hrefs().get(text)
    return format_html('<a href="{}">{}</a>', href, code) if href else code


def rows_of(schema: dict[str, Any], shape: dict[str, Any]) -> list[FieldRow]:
    """Every field of a shape, its words ready for the page."""
    return [row._replace(words=coded(row.words)) for row in fields_of(schema, shape)]


def parameter_row(schema: dict[str, Any], parameter: dict[str, Any]) -> FieldRow:
    """A value of the address, the query or a header."""
    kind = f"{kind_of(schema, parameter['schema'])}, in the {'address' if parameter['in'] == 'path' else parameter['in']}"
    return FieldRow(parameter["name"], kind, parameter["required"], coded(parameter.get("description", "")))


def answer_of(schema: dict[str, Any], status: str, answer: dict[str, Any]) -> Answer:
    """One answer with its fields and an example."""
    content = answer.get("content", {})
    if JSON not in content:
        return Answer(status, answer["description"], ", ".join(content), [], "")
    shape = content[JSON]["schema"]
    example = json.dumps(example_of(schema, shape), indent=2, ensure_ascii=False)
    return Answer(status, answer["description"], "", rows_of(schema, shape), example)


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
    elif body_type == JSON:
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(example_of(schema, body)))}"]
    elif body_type:
        required = body.get("required", [])
        parts += [form_part(name, shape) for name, shape in body["properties"].items() if name in required]
    return " \\\n  ".join([*parts, f"{ORIGIN}{PLACE.sub(filled, path)}"])


def filled(place: re.Match[str]) -> str:
    """What stands in the command in that place of an address; in braces curl would look for a list."""
    return {"number": "1", "kind": "label"}.get(place[1], place[1].upper())


def form_part(name: str, shape: dict[str, Any]) -> str:
    """-F for one field of a form."""
    if shape.get("type") == "array":
        return f"-F {name}=@first.jpg -F {name}=@second.jpg"
    return f"-F {name}={FORM.get(name, 'TEXT')}"
