"""The classes as a draft sees them.

A class keeps its number: that of its base version, or the next free one where the draft made it. `Draft.classes` holds
what became of them: {"3": {"label": "feline"}} renamed or made, {"4": {"into": 3}} merged, {"5": {"into": null}} taken out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from classifier.spec.errors import InputError
from webapp.core.texts import one_line
from webapp.datasets.draft_models import Draft

LABEL_LENGTH = 200
Changes = Mapping[str, Mapping[str, Any]]


class Known(NamedTuple):
    """A class that there is: its number in the draft, its label, and what it is called."""

    number: int
    label: str
    name: str


def count(draft: Draft) -> int:
    """How many numbers are given, also of classes that are no more."""
    return max([len(draft.base.classes), *(int(number) + 1 for number in draft.classes)])


def resolved(changes: Changes, number: int) -> int | None:
    """The class that one has become part of, itself where it has not; None where it was taken out."""
    while (become := changes.get(str(number))) is not None and "into" in become:
        if become["into"] is None:
            return None
        number = become["into"]
    return number


def known(draft: Draft, number: int) -> Known:
    """The class of that number as it is called now."""
    changed = draft.classes.get(str(number), {})
    if "label" in changed:
        return Known(number, changed["label"], changed["label"])
    entry = draft.base.classes[number]
    return Known(number, entry["label"], entry["name"])


def living(draft: Draft) -> list[Known]:
    """The classes that there are, in the order of their numbers."""
    return [known(draft, number) for number in range(count(draft)) if resolved(draft.classes, number) == number]


def shown(draft: Draft, number: int) -> Known | None:
    """What a sample whose label has that number is of; None where its class was taken out."""
    end = resolved(draft.classes, number)
    return None if end is None else known(draft, end)


def clean(label: str) -> str:
    """A label as it is kept, in the Unicode form of an import's; InputError for what is none."""
    line = same(one_line(label)) if "\0" not in label else ""
    if not 1 <= len(line) <= LABEL_LENGTH or not line.isprintable():
        raise InputError(f"A class needs a name of 1 to {LABEL_LENGTH} characters that can be seen; {len(label):,} came.")
    return line


def same(label: str) -> str:
    """In one Unicode form: a version that an older Synset sealed may have a label as a Mac writes it."""
    return label if label.isascii() else unicodedata.normalize("NFC", label)


def find(draft: Draft, label: str) -> int | None:
    """The number of the class of that label: as it is called now, else as its base calls it, else so in another Unicode form; None
    where there is none."""
    called = [(each.label, each.number) for each in living(draft)]
    called += [(entry["label"], number) for number, entry in enumerate(draft.base.classes)]
    found = next((number for name, number in called if name == label), None)
    if found is None and not label.isascii():
        found = next((number for name, number in called if same(name) == same(label)), None)
    end = None if found is None else resolved(draft.classes, found)
    if found is not None and end is None:
        raise InputError(f"The class {label} is taken out in the draft; undo that first, or choose another class.")
    return end


def meant(draft: Draft, text: str) -> int | None:
    """As `find`, also by the readable name that one class alone has."""
    found = find(draft, text)
    named = [each.number for each in living(draft) if same(each.name) == text] if found is None else []
    return named[0] if len(named) == 1 else found


def require(draft: Draft, label: str) -> int:
    """As `find`; InputError where there is none."""
    found = find(draft, label)
    if found is None:
        raise InputError(f"There is no class {label[:60]!r} in the draft. Reload the page to see those that there are.")
    return found
