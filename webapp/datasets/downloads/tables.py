"""The rows of a version as a table: CSV, or a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from classifier.metrics.predictions import quoted
from webapp.core.pieces import csv_lines
from webapp.datasets.downloads import rows
from webapp.datasets.models import DatasetVersion

FIELDS = ("path", "label", "name", "split", "sha256", "width", "height")
ROWS = 1000  # lines put together


def as_csv(version: DatasetVersion) -> Iterator[bytes]:
    """A header, then a row an image. No cell begins like a formula."""
    names = headings(FIELDS, rows.columns(version))
    some = [[quoted(name) for name in (*FIELDS, *names)]]
    for found in rows.known(version):
        some.append([quoted(str(value)) for value in (*rows.told(version, found).values(), *padded(found.cells, len(names)))])
        if len(some) == ROWS:
            yield csv_lines(some)
            some = []
    yield csv_lines(some)


def as_json_lines(version: DatasetVersion) -> Iterator[bytes]:
    """An object an image; what a table gave besides stands in "metadata", by its columns."""
    names = rows.columns(version)
    for found in rows.known(version):
        told = rows.told(version, found)
        if names:
            told["metadata"] = dict(zip(names, padded(found.cells, len(names)), strict=True))
        yield json_line(told)


def json_line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def headings(taken: Iterable[str], columns: Sequence[str]) -> list[str]:
    """Names of more columns, none of which is there already: a second "label" is "label_2"."""
    known = set(taken)
    found = []
    for column in columns:
        number, name = 1, column
        while name in known:
            number += 1
            name = f"{column}_{number}"
        known.add(name)
        found.append(name)
    return found


def padded(cells: Sequence[str], count: int) -> list[str]:
    """So many cells, whatever the file has of them."""
    return [*cells[:count], *[""] * (count - len(cells))]
