"""Cells that name several things at once, as of sets whose images have several labels each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

MARKS = ("|", ";", ",")
PLURAL = {"tags", "labels", "classes", "categories"}  # columns whose cells may hold words with a space between them
SAID = (
    "holds several labels in one cell, as '{}'; each such cell was taken as a class of its own, {:,} of {:,} classes. An image has one "
    "class here: write that into the column, or take another one as the label"
)


def several_labels(labels: Sequence[str], column: str) -> str:
    """What is said of labels that are put together from others; empty where they are not."""
    for mark in (*MARKS, " ") if column in PLURAL else MARKS:
        if found := put_together(labels, mark):
            return SAID.format(found[0], len(found), len(labels))
    return ""


def put_together(labels: Sequence[str], mark: str) -> list[str]:
    """The labels with that mark in them, all of whose parts come again; empty where the parts are as many as the labels."""
    parts = {label: [part.strip() for part in label.split(mark)] for label in labels}
    again = Counter(part for found in parts.values() for part in set(found))
    found = [label for label, words in parts.items() if len(words) > 1 and all(again[word] > 1 for word in words)]
    return found if len(again) < len(labels) else []
