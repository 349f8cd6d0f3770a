"""What a version's files say of its metadata, without reading what else stands in them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from classifier.spec.packfile import GROUPS_FILE
from webapp.datasets.models import DatasetVersion

KEPT = 256  # versions whose columns are remembered
KEY = b' "columns": '  # dataset.json has a line a key


def columns(version: DatasetVersion) -> list[str]:
    """The columns that a table gave besides, by which splits can be cut; none where its files are not here."""
    path = version.folder / "dataset.json"
    try:
        return list(named(path, path.stat().st_mtime_ns))
    except OSError:
        return []


@lru_cache(KEPT)
def named(path: Path, _changed: int) -> tuple[str, ...]:
    """Of a dataset.json; read to that line alone, for its list of problems may be long."""
    with path.open("rb") as file:
        line = next((line for line in file if line.startswith(KEY)), None)
    return tuple(json.loads(line.removeprefix(KEY).rstrip(b",\n"))) if line else ()


def grouped(version: DatasetVersion) -> bool:
    """Whether some of its images are known to belong on one side of a split."""
    return (version.folder / GROUPS_FILE).exists()
