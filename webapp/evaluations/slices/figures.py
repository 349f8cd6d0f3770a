"""How right a network is on each slice of an evaluation, counted from arrays, and kept so that the page of all of them opens at once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final, NamedTuple

import numpy as np

from classifier.metrics.intervals import difference
from webapp.core.kept import keep_json
from webapp.datasets import packs
from webapp.datasets.cards import files as cards
from webapp.datasets.quality import queries as quality
from webapp.evaluations import groups
from webapp.evaluations.groups import LEVEL, Column, Group
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import bands, ways
from webapp.evaluations.slices.ways import Counts, Seen, Way

logger = logging.getLogger(__name__)
FORMAT: Final = 1  # of what is kept
ERRORS: Final = (packs.Missing, OSError, ValueError, KeyError, IndexError)  # files that are deleted or changed meanwhile
MOST: Final = 2_000  # pairs of values of two ways at once


class Line(NamedTuple):
    """One way to slice, with all of its groups."""

    key: str
    column: Column

    @property
    def slices(self) -> list[Slice]:
        return slices(self.column)

    @property
    def worst(self) -> Slice | None:
        """The worst group that has images enough; None where there is none to compare it with."""
        found = self.slices
        return found[0] if len(found) > 1 else None


class Slice(NamedTuple):
    """A group beside all other images of its column: how many points (of 1) it lies below them, with an interval that allows for all
    groups of the column."""

    group: Group
    behind: float
    low: float
    high: float
    sure: float | None = None  # the mean probability of what was said

    @property
    def is_behind(self) -> bool:
        """Whether chance would hardly give as much."""
        return self.low > 0

    @property
    def overconfident(self) -> float | None:
        """Points that it is surer than it is right."""
        return None if self.sure is None else self.sure - self.group.accuracy

    @property
    def words(self) -> str:
        """ "12.3 points below the rest"."""
        points = 100 * abs(self.behind)
        return f"{points:.1f} points {'below' if self.behind >= 0 else 'above'} the rest"

    def told(self) -> dict[str, Any]:
        """For programs."""
        beside = {"behind": self.behind, "behind_interval": (self.low, self.high), "sure_behind": self.is_behind}
        return {**self.group.told(), **beside, "confidence": self.sure}


def slices(column: Column, sure: dict[str, float] | None = None) -> list[Slice]:
    """The groups that have images enough, the worst first."""
    n, right = sum(group.n for group in column.groups), sum(group.right for group in column.groups)
    z = NormalDist().inv_cdf(1 - LEVEL / 2 / max(1, len(column.compared)))
    made = []
    for group in column.compared:
        others, right_there = n - group.n, right - group.right
        low, high = difference(right_there, others, group.right, group.n, z)
        behind = right_there / others - group.accuracy if others else 0.0
        made.append(Slice(group, behind, low, high, (sure or {}).get(group.value)))
    return made


def confidence(way: Way, told: Seen, label: int | None = None) -> dict[str, float]:
    """{value: the mean probability of what was said}."""
    kept = way.codes >= 0 if label is None else (way.codes >= 0) & (told.labels == label)
    codes = way.codes[kept]
    numbers = np.bincount(codes, minlength=len(way.values))
    sums = np.bincount(codes, told.sure[kept], minlength=len(way.values))
    return {value: float(total / n) for value, n, total in zip(way.values, numbers, sums, strict=True) if n and np.isfinite(total)}


def lines(evaluation: Evaluation) -> list[Line]:
    """All ways, the surest gap first, then the widest; none where the dataset's files are gone. Of an evaluation of an earlier release
    those that were counted then."""
    try:
        told = ways.seen(evaluation)
        if told is None:
            return [Line(one.name, one) for one in groups.columns(evaluation)]
        found = counted(evaluation, told)
    except ERRORS:
        return []
    return in_order(Line(key, groups.column(name, counts)) for key, (name, counts) in found.items() if len(counts) > 1)


def in_order(found: Iterable[Line]) -> list[Line]:
    """As `groups.columns`."""
    return sorted(found, key=lambda line: groups.order(line.column))


Known = dict[str, tuple[str, Counts]]  # {key: (name, counts)}


def counted(evaluation: Evaluation, told: Seen, *, ahead: bool = False) -> Known:
    """Of all ways, from what is kept; anew where nothing is. A page that comes before all are known keeps nothing: it would stay so."""
    path = kept_in(evaluation)
    try:
        return {key: (name, counts) for key, (name, counts) in json.loads(path.read_text("utf-8")).items()}
    except (OSError, ValueError):
        pass
    whole = ahead or bands.are_known(evaluation.version)
    found = {way.key: (way.name, ways.count(way, told)) for way in ways.ways(evaluation, told, ahead=ahead)}
    if whole:
        keep_json(path, found)
    return found


def keep_ahead(evaluation: Evaluation) -> None:
    """Once it is done, so that nobody waits for it; also what pages and reports tell of its groups."""
    groups.keep_ahead(evaluation)
    try:
        told = ways.seen(evaluation)
        if told is not None:
            counted(evaluation, told, ahead=True)
    except ERRORS as error:
        logger.warning("The slices of evaluation %s are not counted: %s", evaluation.pk, error)


def kept_in(evaluation: Evaluation) -> Path:
    """Its name tells apart a later result of the same evaluation, a later check that knows how light images are, and other programs."""
    check = quality.newest_looked(evaluation.version)
    n = (evaluation.result or {}).get("n", 0)
    name = f"slices-{evaluation.pk}-{n}-{check.pk if check else 0}-{cards.FORMAT}.{FORMAT}.json"
    return evaluation.version.dataset.folder / "cards" / name


class Chosen(NamedTuple):
    """One way, or two at once, looked at closely."""

    name: str
    column: Column
    slices: list[Slice]  # those that are compared
    way: Way | None  # None of an evaluation of an earlier release


def chosen(evaluation: Evaluation, by: str, also: str = "", label: int | None = None) -> Chosen | None:
    """None where there is no such way, or the dataset's files are gone."""
    try:
        told = ways.seen(evaluation)
        if told is None:
            return of_earlier(evaluation, by)
        way = ways.way(evaluation, told, by)
        other = ways.way(evaluation, told, also) if also and also != by else None
    except ERRORS:
        return None
    if way is None or (also and other is None):
        return None
    way = way if other is None else ways.crossed(way, other)
    if len(way.values) > MOST:
        return None
    column = groups.column(way.name, ways.count(way, told, label))
    return Chosen(way.name, column, slices(column, confidence(way, told, label)), way)


def of_earlier(evaluation: Evaluation, by: str) -> Chosen | None:
    column = next((one for one in groups.columns(evaluation) if one.name == by), None)
    return Chosen(column.name, column, slices(column), None) if column else None


def worst_rows(evaluation: Evaluation, way: Way, value: str, label: int | None, most: int) -> list[int]:
    """Places in the predictions of the group's mistakes, the highest loss first."""
    told, scored = ways.seen(evaluation), evaluation.scored
    if told is None or scored is None or value not in way.values:
        return []
    wrong = (way.codes == way.values.index(value)) & ~told.right
    rows = told.rows[wrong if label is None else wrong & (told.labels == label)]
    loss = np.nan_to_num(scored["loss"][rows], nan=np.inf)
    first = np.argpartition(-loss, most)[:most] if len(rows) > most else np.arange(len(rows))
    return [int(row) for row in rows[first[np.lexsort((rows[first], -loss[first]))]]]
