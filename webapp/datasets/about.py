"""dataset.json of a version's folder, a key at a time: a line each, and its list of problems may be long."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any


def value(folder: Path, key: str) -> Any:
    """What stands there; None of what does not, or where the files are not here. Not to be changed by who gets it."""
    path = folder / "dataset.json"
    try:
        return read(path, key, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=256)
def read(path: Path, key: str, _changed: int) -> Any:
    """As `value`; one that has not a line a key is read whole."""
    begins = f" {json.dumps(key)}: ".encode()
    with path.open("rb") as file:
        line = next((line for line in file if line.startswith(begins)), None)
    return json.loads(line.removeprefix(begins).rstrip(b",\n")) if line else json.loads(path.read_bytes()).get(key)
