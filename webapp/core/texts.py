"""Names as they are kept; and text that is none: half of a surrogate pair, which JSON can name and no database stores, and what stands
for bytes outside UTF-8."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

SURROGATE = re.compile("[\ud800-\udfff]")
UNREADABLE = "\ufffd"  # Django puts it where the bytes of an address or a form are no UTF-8
HALF = "holds half a character (a lone surrogate); send whole ones"
BROKEN = "holds bytes that are no UTF-8 text; send it as UTF-8"
BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols by their category, and nothing to see
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # these turn around what is written after them, also outside of a name


def one_line(name: str) -> str:
    """A name as it is kept: with single spaces, and nothing that turns other text around; empty where nothing of it can be seen."""
    line = " ".join(TURNS.sub("", name).split())
    return line if can_be_seen(line) else ""


def can_be_seen(text: str) -> bool:
    """Whether there is more in it than spaces, and than letters that stand for nothing."""
    return any(unicodedata.category(letter)[0] not in "CZ" and letter not in BLANK for letter in text)


def halves(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where in a JSON value half a character stands, in keys and texts: ("config", "weights")."""
    if isinstance(value, str) and SURROGATE.search(value):
        yield place
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = SURROGATE.sub(UNREADABLE, key)
            if name != key:
                yield (*place, name)
            else:
                yield from halves(inner, (*place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from halves(inner, (*place, str(index)))


def trouble(text: str) -> str | None:
    """What is wrong with a text of an address or a form; None where nothing is."""
    if SURROGATE.search(text):
        return HALF
    return BROKEN if UNREADABLE in text else None
