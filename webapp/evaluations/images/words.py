"""A list of images in words: "cat taken for dog, shop is Bonn"."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.core.words import plural
from webapp.datasets.browsing import columns
from webapp.evaluations.images.showing import Told
from webapp.evaluations.images.wanted import Wanted

NAMED = 3


def of(told: Told, wanted: Wanted) -> str:
    """Empty where nothing is left out."""
    parts = [part for part in (classes(told, wanted), each(wanted), cells(told, wanted)) if part]
    if wanted.search:
        parts.append(f"“{wanted.search}” in the path")
    return ", ".join(parts)


def classes(told: Told, wanted: Wanted) -> str:
    """What they are and what they were taken for."""
    true, said = names(told, wanted.true), names(told, wanted.said)
    if wanted.true and wanted.true == wanted.said and wanted.right is not False:
        return f"{true} named rightly" if len(wanted.true) == 1 or wanted.right else f"{true} among themselves"
    if true and said:
        return f"{true} taken for {said}"
    if true:
        return true + {True: " named rightly", False: " taken for something else", None: ""}[wanted.right]
    if said:
        return {True: f"{said} named rightly", False: f"others taken for {said}", None: f"what is called {said}"}[wanted.right]
    return {True: "named rightly", False: "mistakes", None: ""}[wanted.right]


def names(told: Told, numbers: Sequence[int]) -> str:
    """ "cat, dog and 5 others"."""
    some = [told.name(number) for number in numbers[:NAMED]]
    more = len(numbers) - len(some)
    return f"{', '.join(some)} and {plural(more, 'other')}" if more > 0 else ", ".join(some)


def each(wanted: Wanted) -> str:
    """How many of a class."""
    return f"{wanted.each} of each class" if wanted.each else ""


def cells(told: Told, wanted: Wanted) -> str:
    """What the metadata say of them."""
    known = columns.of(told.version.folder).columns
    found = [(known[column].name, cell) for column, cell in wanted.cells if column < len(known)]
    return ", ".join(f"{name} is {cell or 'empty'}" for name, cell in found)
