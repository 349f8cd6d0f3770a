"""The same image twice: within a class, in two classes, or on both sides of a split."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from classifier.data.layouts.words import BACKGROUND, words_in
from classifier.data.problems import Problem, warned
from classifier.spec.events import Split

PLAIN = {"google", "class"}  # beside such a word
NO_OTHER = (
    "is called as what shows none of the other classes is; it was taken as a class, and can be left out: its folder in the preview or by "
    "--choose, any class in a draft"
)


class Taken(NamedTuple):
    """One sample of the dataset to be."""

    path: str
    row: int  # of the pack
    label: str
    split: Split


def repeat(sample: Taken, earlier: Taken) -> Problem:
    """A warning of a file whose very bytes an earlier one already has."""
    if sample.label != earlier.label:
        return warned(sample.path, "two_classes", f"is the same image as {earlier.path}, in another class; one of the labels is wrong")
    if sample.split != earlier.split:
        message = f"is the same image as {earlier.path}: it stands in {earlier.split} and in {sample.split}, so figures will flatter"
        return warned(sample.path, "leak", message)
    return warned(sample.path, "duplicate", f"is the same image as {earlier.path}; both were kept")


def similar_classes(labels: Iterable[str]) -> list[Problem]:
    """A warning for each class whose name reads as another's does but for case: it differs in case, form, spaces or in
    characters that nobody sees."""
    first: dict[str, str] = {}
    found = []
    for label in sorted(labels):
        twin = first.setdefault(as_read(label), label)
        if twin != label:
            message = (
                f"is a class beside '{twin}', which differs in case, spaces, Unicode form or unseen characters only; both were kept, "
                "rename one if they are one class"
            )
            found.append(warned(label, "similar_classes", message))
    return found


def as_read(label: str) -> str:
    """A name as people read it, whatever its case: without what is not seen, such as a space of no width."""
    shown = "".join(letter for letter in unicodedata.normalize("NFKC", label) if unicodedata.category(letter) != "Cf")
    return " ".join(shown.casefold().split())


def background_classes(labels: Iterable[str]) -> list[Problem]:
    """A warning for each class that is called as images of none of the others are: BACKGROUND_Google, 257.clutter, UNK."""
    found = [label for label in sorted(labels) if (words := set(words_in(label))) and words <= BACKGROUND | PLAIN and words & BACKGROUND]
    return [warned(label, "background_class", NO_OTHER) for label in found]


def newly_alike(before: Iterable[str], more: Iterable[str]) -> list[Problem]:
    """As `similar_classes` of all of them, without what was so before there were `more`."""
    known = set(before)
    old = similar_classes(known)
    return [problem for problem in similar_classes(known | set(more)) if problem not in old]
