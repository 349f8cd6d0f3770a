"""Where the images of a group are browsed: the gallery of the evaluation, filtered as the group is."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from webapp.datasets.browsing import columns
from webapp.evaluations.images.wanted import Wanted
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import bands, figures, ways

Cells = tuple[tuple[int, str], ...]


def images_of(evaluation: Evaluation, keys: Sequence[str], value: str, label: int | None) -> str:
    """The address of a group by one column or by two; empty where no filter tells it, as of sizes, brightness and fifths of numbers."""
    try:
        cells = cells_of(filters(evaluation), keys, value)
    except figures.ERRORS:
        return ""
    query = urlencode(Wanted(true=() if label is None else (label,), cells=cells).query())
    return f"{reverse('evaluations:images', args=[evaluation.pk])}?{query}" if cells else ""


Known = dict[str, tuple[int, list[str]]]  # {column: (its place, its values)}


def filters(evaluation: Evaluation) -> Known:
    """The columns by whose values images are filtered."""
    fifths = bands.of(evaluation.version).columns
    found: Known = {}
    for place, column in enumerate(columns.of(evaluation.version.folder).columns):
        if column.values is not None and column.name not in fifths:
            found.setdefault(column.name, (place, column.values))
    return found


def cells_of(known: Known, keys: Sequence[str], value: str) -> Cells:
    """What a group is filtered by; nothing where a key or the value is none of them."""
    if any(key not in known for key in keys):
        return ()
    place, values = known[keys[0]]
    if len(keys) == 1:
        return ((place, value),) if value in values else ()
    other, others = known[keys[1]]
    return next((((place, a), (other, b)) for a in values for b in others if ways.pair(a, b) == value), ())
