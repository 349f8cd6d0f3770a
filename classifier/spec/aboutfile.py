"""Reads a DATASET's dataset.json, whose list of problems may be a million long, without that list, and the list one by one.

`classifier.data.publish` writes it a key a line, and a problem a line. What was written otherwise is read whole.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

PROBLEMS = ' "problems": ['
PROBLEM = '  {"'
END = (" ]\n", " ],\n")


def described(path: Path) -> dict[str, Any]:
    """Everything but the problems. Raises OSError and ValueError of a file that is not there or not whole."""
    found: dict[str, Any] = {}
    with path.open(encoding="utf-8") as lines:
        try:
            for line in key_lines(lines):
                found |= json.loads("{" + line.rstrip().removesuffix(",") + "}")
        except ValueError:
            found = dict(json.loads(path.read_text("utf-8")))
    found.pop("problems", None)
    return found


def key_lines(lines: IO[str]) -> Iterator[str]:
    """The lines of all keys but the problems; ValueError where they are not as they are written here."""
    if next(lines, "") != "{\n":
        raise ValueError("not a key a line")
    for line in lines:
        if line == "}\n":
            return
        if not line.startswith(PROBLEMS):
            yield line
        elif not line.rstrip().endswith(("]", "],")):
            for _ in problem_lines(lines):
                pass
    raise ValueError("cut short")


def problem_lines(lines: IO[str]) -> Iterator[str]:
    """Those behind the beginning of their list, up to its end; ValueError where they are not a problem a line."""
    for line in lines:
        if line in END:
            return
        if not line.startswith(PROBLEM):
            raise ValueError("not a problem a line")
        yield line
    raise ValueError("cut short")


def problems(path: Path) -> Iterator[dict[str, Any]]:
    """The problems, one after the other."""
    with path.open(encoding="utf-8") as lines:
        found, first = problem_lines(lines), ""
        if any(line == f"{PROBLEMS}\n" for line in lines):
            with contextlib.suppress(ValueError):
                first = next(found)
        if first:
            yield from (json.loads(line.rstrip().removesuffix(",")) for line in chain((first,), found))
            return
    yield from json.loads(path.read_text("utf-8")).get("problems", ())


def problem_count(path: Path) -> int:
    """How many there are; their lines are counted and not read."""
    with path.open(encoding="utf-8") as lines, contextlib.suppress(ValueError):
        if any(line == f"{PROBLEMS}\n" for line in lines):
            return sum(1 for _ in problem_lines(lines))
    return sum(1 for _ in problems(path))
