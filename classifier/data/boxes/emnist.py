"""EMNIST's sets, whose idx files carry the set's name and whose labels are numbers of characters (Cohen et al., 2017)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase, digits

SET = re.compile(r"(?:.*/)?emnist-([a-z]+)-(?:train|test)-images[-.]idx3-ubyte(?:\.gz)?", re.IGNORECASE)
MERGED = tuple(digits + ascii_uppercase + "abdefghnqrt")  # letters that look the same in both cases are one
NAMES = {
    "letters": ("", *ascii_uppercase),  # labels from 1; both cases of a letter are one
    "byclass": tuple(digits + ascii_uppercase + ascii_lowercase),
    "bymerge": MERGED,
    "balanced": MERGED,
}


def set_of(path: str) -> str:
    """Which set a file of images is of; empty where it is of none."""
    found = SET.fullmatch(path)
    return found[1].lower() if found else ""


def characters(path: str) -> tuple[str, ...]:
    """What the labels of a file of images stand for; empty where that is not known."""
    return NAMES.get(set_of(path), ())


def sets_of(paths: Iterable[str]) -> list[str]:
    """The sets that several files are of."""
    return sorted({name for path in paths if (name := set_of(path))})
