"""What the changes of a file are expected to cost in seconds, so that it can be told how far a revision is; about, on two cores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from classifier.data.changes import Change

A_CHANGE = 8e-6
A_BYTE = 1e-7  # of a source whose images are decoded
A_LOOK = 1.3e-3  # at an image, to find those that are alike
A_SAMPLE = 1e-5  # of a version that is written


class Expected(NamedTuple):
    """Of a file of changes: how many there are, and what they and the rest cost."""

    changes: int
    seconds: float


def expected(changes: Path, folder: Path, samples: int) -> Expected:
    """A line that is no change costs nothing here; it is refused when its turn comes."""
    count, seconds = 0, writing(samples)
    try:
        with changes.open("rb") as lines:
            for line in lines:
                count += 1
                if b'"add"' in line or b'"alike"' in line:  # all others cost next to nothing
                    seconds += of(parsed(line), folder, samples)
    except OSError:
        pass
    return Expected(count, seconds + A_CHANGE * count)


def parsed(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def of(change: Change, folder: Path, samples: int) -> float:
    """One change beside the reading of its line."""
    looks = A_LOOK * samples if change.get("alike") else 0.0
    source = change.get("source")
    return looks + (A_BYTE * size_of(folder / source) if change.get("op") == "add" and isinstance(source, str) else 0.0)


def size_of(source: Path) -> int:
    """Bytes of an archive, or of all files in a folder; 0 of what cannot be read."""
    try:
        return sum(path.stat().st_size for path in source.rglob("*")) if source.is_dir() else source.stat().st_size
    except (OSError, ValueError):
        return 0


def writing(samples: int) -> float:
    """The files of a version of so many samples."""
    return A_SAMPLE * samples
