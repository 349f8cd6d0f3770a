"""What a user corrects of the layout that was found: `--choose JSON`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from classifier.spec.encodings import ENCODINGS
from classifier.spec.errors import InputError

KINDS = ("folders", "manifest", "names", "unlabelled")
COLUMN_ROLES = ("path", "label", "split", "group")
EXPECTED = (
    'kind ("folders", "manifest", "names" or "unlabelled"), table (a side file), path, label, split, group (its columns; null for none), '
    "level (which folder is the class, 1 at the top), leave (folders that are none), labels (a CIFAR-100's: fine or coarse) and "
    f"encoding (of names that do not say theirs: {', '.join(ENCODINGS)})"
)
MOST_LEVEL, MOST_LEFT = 32, 1000


@dataclass(frozen=True)
class Choice:
    """Nothing chosen leaves everything as it is found."""

    kind: str | None = None
    table: str | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)  # by role; None: there is none
    level: int | None = None
    leave: tuple[str, ...] = ()
    labels: str | None = None
    encoding: str = ""  # of names that do not say theirs

    @property
    def of_table(self) -> bool:
        """Whether a table was asked for as what says the classes; a split or a group alone may stand beside folders."""
        return self.kind == "manifest" or bool(self.table or self.columns.keys() & {"path", "label"})

    def left(self, path: str) -> str:
        """The chosen folder that a file lies in; empty for one that lies in none."""
        return next((folder for folder in self.leave if path.startswith(f"{folder}/")), "")


def choice_of(text: str | None) -> Choice:
    """The choice of `--choose`; raises InputError for what is none."""
    if text is None:
        return Choice()
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise wrong(f"{text[:60]!r} is no JSON") from None
    if not isinstance(given, dict):
        raise wrong(f"{text[:60]!r} is no object")
    if unknown := sorted(given.keys() - {"kind", "table", "level", "leave", "labels", "encoding", *COLUMN_ROLES}):
        raise wrong(f"'{unknown[0][:60]}' came")
    columns = {role: word(given, role) for role in COLUMN_ROLES if role in given}
    if columns.get("path", "") is None or columns.get("label", "") is None:
        raise wrong("path or label came without a column")
    kind, labels = one_of(given, "kind", KINDS), one_of(given, "labels", ("fine", "coarse"))
    encoding = one_of(given, "encoding", tuple(ENCODINGS)) or ""
    return Choice(kind, word(given, "table"), columns, level(given), folders(given), labels, encoding)


def wrong(what: str) -> InputError:
    return InputError(f"--choose takes a JSON object of {EXPECTED}; {what}.", code="choose")


def word(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong(f"{name} is no text")
    return value or None


def one_of(given: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str | None:
    value = word(given, name)
    if value is not None and value not in words:
        raise wrong(f"{name} is '{value[:60]}'")
    return value


def level(given: Mapping[str, Any]) -> int | None:
    value = given.get("level")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_LEVEL):
        raise wrong(f"level is no whole number from 1 to {MOST_LEVEL}")
    return value


def folders(given: Mapping[str, Any]) -> tuple[str, ...]:
    value = given.get("leave") or []
    if not isinstance(value, list) or not all(isinstance(folder, str) for folder in value) or len(value) > MOST_LEFT:
        raise wrong(f"leave is no list of at most {MOST_LEFT} folders")
    return tuple(folder.strip("/") for folder in value if folder.strip("/"))
