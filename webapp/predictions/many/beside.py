"""Two networks side by side on the same pictures: what the other one says of each, how often both name the same class, and where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from classifier.metrics import wilson
from classifier.metrics.answers import UNSURE, Answers
from webapp.core.words import percent, plural, thousands
from webapp.predictions.models import Classification

MOST = 50  # that can be chosen, the newest
NOWHERE = -2  # in place of a class that the first network does not know; NO_CLASS is another number


class Beside(NamedTuple):
    """The answers of another network, row by row those of the first."""

    other: Classification
    answers: Answers
    there: NDArray[np.bool_]  # each row: whether both tell of it
    differs: NDArray[np.bool_]  # each row: whether they do, and the best classes are not the same

    @property
    def n(self) -> int:
        return int(self.there.sum())

    @property
    def differing(self) -> int:
        return int(self.differs.sum())

    @property
    def same(self) -> int:
        return self.n - self.differing

    @property
    def interval(self) -> tuple[float, float]:
        """Of the share on which they agree, 95 % (Wilson, 1927)."""
        return wilson(self.same, self.n)

    @property
    def words(self) -> str:
        low, high = self.interval
        share = f"{percent(self.same / self.n)} (95 % interval {100 * low:.1f} to {100 * high:.1f})"
        return f"Both name the same class on {thousands(self.same)} of {plural(self.n, 'image')}: {share}."


def relatives(found: Classification) -> list[Classification]:
    """Others that are done and of the same pictures, whichever of them the pictures were sent for; the newest first."""
    known, edge = {found.pk}, {id for id in (found.pk, found.source_id) if id}
    while edge:
        rows = Classification.everything.filter(Q(pk__in=edge) | Q(source__in=edge), team=found.team_id).values_list("pk", "source_id")
        reached = {id for row in rows for id in row if id}
        known, edge = known | edge | reached, reached - known - edge
    others = Classification.objects.filter(pk__in=known, team=found.team_id, images__isnull=False).exclude(pk=found.pk)
    return list(others.order_by("-pk")[:MOST])


def named(found: Classification, id: str, among: Sequence[Classification] | None = None) -> Classification | None:
    """The one of that id of its relatives; None where none of them has it."""
    return next((each for each in (relatives(found) if among is None else among) if each.pk == id), None) if id else None


def held(found: Classification, answers: Answers, other: Classification, theirs: Answers) -> Beside | None:
    """Both answers row by row; None where they are not of the same pictures any more."""
    if len(answers) != len(theirs) or not np.array_equal(answers.rows["image"], theirs.rows["image"]):
        return None
    there = (np.asarray(answers.told) >= UNSURE) & (np.asarray(theirs.told) >= UNSURE)
    if not there.any():
        return None
    places = translated(found.classes, other.classes)
    return Beside(other, theirs, there, there & (places[theirs.rows["best"][:, 0]] != answers.rows["best"][:, 0]))


def translated(classes: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> NDArray[np.int64]:
    """For each of the other network's classes its place among the first one's: by label, or by what people call it, whatever its case."""
    known = dict[str, int]()
    for way in ("label", "name"):
        for place, one in enumerate(classes):
            known.setdefault(one[way].lower(), place)
    ways = ([one["label"].lower(), one["name"].lower()] for one in others)
    return np.array([next((known[text] for text in texts if text in known), NOWHERE) for texts in ways], np.int64)
