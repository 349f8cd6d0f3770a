"""The changes that make one version of a dataset from another: a file of JSON lines, done in their order.

    {"op": "class", "from": LABEL, "to": LABEL or null}    rename a class, merge it into another, or take it out with its images
    {"op": "name", "label": LABEL, "name": TEXT}           its readable name; an empty one takes it away
    {"op": "sample", "position": N, "label"?: LABEL, "split"?: "train|validation|test", "removed"?: true or false}
    {"op": "after", "version": FOLDER}                     positions that this later version has beyond the base's stay its images', in no
                                                           split; given before images are added to an older version
    {"op": "add", "source": FILE, "label"?: LABEL, "shares"?: [70, 15, 15], "seed"?: 0, "alike"?: true, "choose"?: JSON,
     "group"?: REGEX over paths, or "column"?: NAME of its table and of the metadata}
                                                           images of a zip, a tar or a folder beside the file of changes, all of that
                                                           class or as their layout says; those that are there already are left out;
                                                           with "alike" one that looks like an image of the version goes to its side,
                                                           as does one of a group that the version has: by "group" or "column", else by
                                                           what the base is grouped by;
        "images"?: {SHA256: LABEL or null}    what single images of it show, by the hash of their content; null: not added
        "only"?: true                         those images alone
        "labels"?: {LABEL: LABEL or null}     what became of classes that its layout names; null: their images are not added
    {"op": "limit", "least"?: N, "most"?: N, "seed"?: 0, "keep_test"?: true}    take out classes of fewer images, and of larger ones all
        but a seeded choice
    {"op": "split", "shares": [70, 15, 15], "seed": 0, "keep_test"?: true, …}    cut the splits anew; what stays in one split:
        "group"?: REGEX over paths, or "column"?: NAME of the metadata; neither: what did so in the base, unless "ungrouped"?: true
        "alike"?: true    also images that look nearly the same

Positions are the base version's, and those of added images follow in the order of their paths. A label that there is not makes a class.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from classifier.spec.encodings import ENCODINGS
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS
from classifier.spec.exif import EXPECTED, of_addition

LABEL_CHARACTERS: Final = 200
SHA256: Final = re.compile("[0-9a-f]{64}")
Change = dict[str, Any]


class Field(NamedTuple):
    """What a field of a change may be: its check, and that in words."""

    fits: Callable[[Any], bool]
    words: str


def is_label(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != "" and len(value) <= LABEL_CHARACTERS and value.isprintable()


def is_shares(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(is_number(share) and share >= 0 for share in value) and value[0] > 0


def is_images(value: Any) -> bool:
    return isinstance(value, dict) and all(SHA256.fullmatch(digest) and (said is None or is_label(said)) for digest, said in value.items())


def is_labels(value: Any) -> bool:
    return isinstance(value, dict) and all(is_label(label) and (to is None or is_label(to)) for label, to in value.items())


def is_notes(value: Any) -> bool:
    try:
        return isinstance(value, str) and of_addition(value, ()) is not None
    except ValueError:
        return False


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    return is_position(value) and value > 0


def is_position(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


LABEL = Field(is_label, f"a label of 1 to {LABEL_CHARACTERS} characters without control characters")
TRUTH = Field(lambda value: isinstance(value, bool), "true or false")
SHARES = Field(is_shares, "three shares from 0, the first above 0")
SEED = Field(is_position, "a whole number from 0")
TEXT = Field(lambda value: isinstance(value, str), "a text")
COUNT = Field(is_count, "a whole number from 1")
IMAGES = Field(is_images, f"an object that gives, by the 64 small hex digits of an image's SHA-256, {LABEL.words}, or null")
LABELS = Field(is_labels, f"an object that gives, by labels, {LABEL.words}, or null")
ENCODING = Field(lambda value: isinstance(value, str) and value in ENCODINGS, f"one of {', '.join(ENCODINGS)}")
NOTES = Field(is_notes, f"{EXPECTED.removeprefix('expected ')}, or none")
PATH = Field(lambda value: isinstance(value, str) and value != "" and "\0" not in value, "a path")
# op: (fields that must be there, fields that may)
OPS: Final[dict[str, tuple[Mapping[str, Field], Mapping[str, Field]]]] = {
    "class": ({"from": LABEL, "to": Field(lambda value: value is None or is_label(value), f"{LABEL.words}, or null")}, {}),
    "name": ({"label": LABEL, "name": Field(lambda value: value == "" or is_label(value), "a readable name, or an empty text")}, {}),
    "sample": (
        {"position": Field(is_position, "a whole number from 0")},
        {"label": LABEL, "split": Field(lambda value: value in SPLITS, f"one of {', '.join(SPLITS)}"), "removed": TRUTH},
    ),
    "limit": ({}, {"least": COUNT, "most": COUNT, "seed": SEED, "keep_test": TRUTH}),
    "after": ({"version": PATH}, {}),
    "add": (
        {"source": PATH},
        {
            "label": LABEL,
            "shares": SHARES,
            "seed": SEED,
            "group": TEXT,
            "column": TEXT,
            "alike": TRUTH,
            "choose": TEXT,
            "encoding": ENCODING,
            "exif": NOTES,
            "images": IMAGES,
            "only": TRUTH,
            "labels": LABELS,
        },
    ),
    "split": (
        {"shares": SHARES, "seed": SEED},
        {"group": TEXT, "column": TEXT, "ungrouped": TRUTH, "alike": TRUTH, "keep_test": TRUTH},
    ),
}


def read_changes(path: Path) -> Iterator[tuple[int, Change]]:
    """(line, change) of each line that says something; raises InputError, which names the line, at the first that makes no sense."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, checked(line, f"{path.name}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(f"Cannot read the changes in {path}: {why}. Give --changes a file of JSON lines.") from None


def checked(line: str, where: str) -> Change:
    """One change; InputError says what was expected there."""
    try:
        change = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{where} is no JSON: {line.strip()[:60]}") from None
    op = change.get("op") if isinstance(change, dict) else None
    if not isinstance(op, str) or op not in OPS:
        raise InputError(f'{where} must be an object whose "op" is one of {", ".join(OPS)}; {line.strip()[:60]} came.')
    needed, _ = OPS[op]
    if missing := [name for name in needed if name not in change]:
        raise InputError(f'{where}: a change of the kind "{op}" needs {" and ".join(missing)}.')
    for name, value in change.items():
        check_field(name, value, op, where)
    return dict(change)


def check_field(name: str, value: Any, op: str, where: str) -> None:
    """InputError for a field that the kind of change has not, or that is not what it must be."""
    needed, optional = OPS[op]
    known = {**needed, **optional}
    if name != "op" and name not in known:
        raise InputError(f'{where}: a change of the kind "{op}" has no {name[:40]!r}; there are {", ".join(known)}.')
    if name != "op" and not known[name].fits(value):
        raise InputError(f"{where}: {name} must be {known[name].words}; {json.dumps(value)[:60]} came.")
