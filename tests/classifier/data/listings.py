"""Sources by their names and tables alone, and what an inspection says of them: no image is opened."""

from __future__ import annotations

import json

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from classifier.spec.events import SPLITS
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


def kinds(path) -> str:
    return {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "ppm": "PPM"}[path.rpartition(".")[2].lower()]


def taken(tmp_path, paths, tables=(), make=images.write_zip, **chosen):
    """(what an import makes of real images: {path: (class, split)}, the rules it told, what an inspection said of the same source)."""
    pictures = {path: images.picture(n, kinds(path)) for n, path in enumerate(paths)} if not isinstance(paths, dict) else paths
    source = make(tmp_path / "in", {**pictures, **{path: text.encode() for path, text in dict(tables).items()}})
    choice = choice_of(json.dumps(chosen))
    said = inspect_source(source, choice)
    done = import_dataset(source, tmp_path / "out", choice=choice)
    assert {label: sum(count.values()) for label, count in done["classes"].items()} == counts(said)  # as it was shown before
    data = Dataset.open(tmp_path / "out")
    found = {data.path(n): (data.classes[data.labels[n]], SPLITS[data.splits[n]]) for n in range(len(data))}
    return found, {problem["rule"] for problem in done["problems"]}, said
