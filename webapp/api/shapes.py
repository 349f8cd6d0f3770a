"""JSON schemas in words: rows of fields, and an example of each."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

DEPTH = 3  # levels of nested objects that are listed
WORDS = {"integer": "whole number", "boolean": "true or false", "string": "text", "number": "number", "object": "object", "null": "null"}
SAMPLES: dict[str, Any] = {"integer": 1, "boolean": True, "string": "text", "number": 0.5, "null": None}
NAMED = {
    "id": "01k2m3n4p5q6r7s8t9v0", "job": "01k2m3n4p5w7x8y9z0a1", "dataset": "01k2m3n4p5q6r7s8t9v0", "experiment": "01k2m3n4p5e7f8g9h0j1",
    "state": "succeeded", "kind": "train", "label": "cat", "name": "first try", "time": "2026-01-31T12:00:00Z", "next": None,
}  # fmt: skip


class FieldRow(NamedTuple):
    """One field as a line of a table; nested ones are called `classes[].label`."""

    name: str
    kind: str
    required: bool
    words: str


def resolved(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """The shape without its reference, and without `or null`."""
    if "$ref" in shape:
        target = schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]
        return {**target, **{key: value for key, value in shape.items() if key != "$ref"}}
    some = [option for option in shape.get("anyOf", []) if option.get("type") != "null"]
    if some:
        return {**resolved(schema, some[0]), **{key: value for key, value in shape.items() if key != "anyOf"}}
    return shape


def word_for(schema: dict[str, Any], shape: dict[str, Any]) -> str:
    """The type in words."""
    nullable = any(option.get("type") == "null" for option in shape.get("anyOf", []))
    inner = resolved(schema, shape)
    kind = inner.get("type", "object")
    if kind == "array":
        text = f"list of {word_for(schema, inner['items'])}s".replace("true or falses", "booleans")
    else:
        text = "file" if inner.get("format") == "binary" else WORDS[kind]
    return f"{text} or null" if nullable else text


def kind_of(schema: dict[str, Any], shape: dict[str, Any]) -> str:
    """The type in words, what it is held to, and what it is unless given: "whole number, 1 to 200, 50 unless given"."""
    inner = resolved(schema, shape)
    least, most, longest = inner.get("minimum"), inner.get("maximum"), inner.get("maxLength")
    told = [word_for(schema, shape)]
    if least is not None or most is not None:
        told.append(f"at most {most:,}" if least is None else f"{least:,} or more" if most is None else f"{least:,} to {most:,}")
    if longest is not None:
        told.append(f"up to {longest:,} characters")
    if "enum" in inner:
        told.append(f"one of {', '.join(map(str, inner['enum']))}")
    if inner.get("default") not in (None, "", [], {}):
        told.append(f"{json.dumps(inner['default'])} unless given".replace('"', ""))
    return ", ".join(told)


def fields_of(schema: dict[str, Any], shape: dict[str, Any], prefix: str = "", depth: int = DEPTH) -> list[FieldRow]:
    """Every field of an object, nested ones after their parent."""
    inner = resolved(schema, shape)
    if inner.get("type") == "array":
        return fields_of(schema, inner["items"], f"{prefix.removesuffix('.')}[]." if prefix else "", depth)
    rows: list[FieldRow] = []
    for name, field in inner.get("properties", {}).items() if depth else ():
        words = field.get("description") or resolved(schema, field).get("description", "")
        rows.append(FieldRow(prefix + name, kind_of(schema, field), name in inner.get("required", []), words))
        rows += fields_of(schema, field, f"{prefix}{name}.", depth - 1)
    return rows


def example_of(schema: dict[str, Any], shape: dict[str, Any], name: str = "") -> Any:
    """A value of that shape: its own example, or one made of its parts."""
    inner = resolved(schema, shape)
    if inner.get("examples"):
        return inner["examples"][0]
    if name in NAMED and inner.get("type") in ("string", None):
        return NAMED[name]
    if inner.get("format") == "date-time":
        return NAMED["time"]
    if inner.get("type") == "array":
        return [example_of(schema, inner["items"])]
    if "properties" in inner:
        return {key: example_of(schema, field, key) for key, field in inner["properties"].items()}
    return NAMED.get(name, SAMPLES.get(inner.get("type", "object"), {})) if name == "next" else SAMPLES.get(inner.get("type", "object"), {})
