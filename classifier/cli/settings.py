"""`--set name=value` and `--config FILE.json` as one mapping."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from classifier.spec.errors import ConfigError, InputError


def value_of(text: str) -> Any:
    """The JSON value that the text is, or the text itself as a bare word. NaN stays NaN, for the field's check to refuse."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def settings(words: Iterable[str]) -> dict[str, Any]:
    """{name: value} of `name=value` words; the last of a name counts. Raises ConfigError for a word without `=`."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            raise ConfigError({word[:60] or "--set": "must read name=value, such as --set epochs=5"})
        found[name.strip()] = value_of(text)
    return found


def config_file(path: Path) -> dict[str, Any]:
    """The JSON object in a file; raises InputError when it holds anything else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f'{path} is no JSON file ({error}); it must hold an object such as {{"epochs": 5}}.') from None
    if not isinstance(found, dict):
        raise InputError(f'{path} must hold a JSON object such as {{"epochs": 5}}; a {type(found).__name__} came.')
    return found
