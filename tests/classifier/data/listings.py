"""Sources by their names and tables alone, and what an inspection says of them: no image is opened."""

from __future__ import annotations

import json

from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from tests.classifier import images


def inspected(tmp_path, paths, tables=(), **chosen):
    files = {**dict.fromkeys(paths, b"not opened"), **{path: text.encode() for path, text in dict(tables).items()}}
    return inspect_source(images.write_zip(tmp_path / "in.zip", files), choice_of(json.dumps(chosen)))


def counts(said) -> dict[str, int]:
    """{class: images}"""
    return {label: sum(count.values()) for label, count in said["classes"].items()}


def told(said) -> dict[str, list[str]]:
    """{rule: the first files that it is said of}."""
    return {entry["rule"]: entry["first"] for entry in said["left"]}


def listed(header: str, rows) -> str:
    return header + "\n" + "".join(f"{row}\n" for row in rows)


def in_folders(*folders: str, count: int = 4, name: str = "{}.jpg", first: int = 1) -> list[str]:
    return [f"{folder}/{name.format(n)}" for folder in folders for n in range(first, first + count)]
