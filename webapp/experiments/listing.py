"""The list of experiments: sorted by a few allowed columns, read by key, never by offset."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower

from webapp.accounts.models import Team
from webapp.core.ids import is_id
from webapp.experiments.live import half_width
from webapp.experiments.models import Experiment

PAGE = 40
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: JSON can name one, no database stores it


def is_text(key: Any) -> bool:
    """Whether it is text that the database takes."""
    return isinstance(key, str) and "\0" not in key and not SURROGATE.search(key)


def is_share(key: Any) -> bool:
    """Whether it is an accuracy, or −1 where none is known; neither NaN nor a number too large for a float."""
    return isinstance(key, int | float) and -1 <= key <= 1


class Sort(NamedTuple):
    """An order that may be asked for."""

    title: str
    key: Any
    falling: bool
    takes: Callable[[Any], bool]  # whether a cursor's key is one of this order


SORTS: dict[str, Sort] = {
    "newest": Sort("Newest", F("id"), True, is_text),
    "name": Sort("Experiment", Lower("name"), False, is_text),
    "data": Sort("Data", Lower("dataset__name"), False, is_text),
    "model": Sort("Model", F("config__model"), False, is_text),
    "validation": Sort("Validation top-1", Coalesce("best_top1", Value(-1.0), output_field=FloatField()), True, is_share),
}


class Row(NamedTuple):
    """One line of the table."""

    experiment: Experiment
    test_top1: float | None
    interval: str
    report_id: str | None
    took: float | None  # seconds


def encode(key: Any, id: str) -> str:
    """An opaque place in the list."""
    return base64.urlsafe_b64encode(json.dumps([key, id]).encode()).decode()


def decode(cursor: str, sort: Sort) -> tuple[Any, str] | None:
    """The place, or nothing for what this list did not give out in this order."""
    try:
        key, id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii", "replace")))
    except (ValueError, binascii.Error, TypeError, RecursionError):
        return None
    return (key, id) if sort.takes(key) and isinstance(id, str) and is_id(id) else None


def ordered(team: Team, sort: Sort, cursor: str, search: str) -> QuerySet[Experiment]:
    """The rows after the cursor."""
    rows = Experiment.objects.filter(team=team).annotate(key=sort.key).select_related("job", "dataset", "version")
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(dataset__name__icontains=search) | Q(config__model__icontains=search))
    if place := decode(cursor, sort):
        beyond = "key__lt" if sort.falling else "key__gt"
        rows = rows.filter(Q(**{beyond: place[0]}) | Q(key=place[0], id__lt=place[1]))
    return rows.order_by("-key" if sort.falling else "key", "-id")


def page(team: Team, sort: str, cursor: str = "", search: str = "") -> tuple[list[Row], str]:
    """Some rows, and the cursor behind them; empty at the end."""
    chosen = SORTS.get(sort, SORTS["newest"])
    found = list(ordered(team, chosen, cursor, search)[: PAGE + 1])
    shown = found[:PAGE]
    following = encode(shown[-1].key, shown[-1].id) if len(found) > PAGE else ""  # type: ignore[attr-defined]
    return with_tests(shown), following


def with_tests(experiments: list[Experiment]) -> list[Row]:
    """Each with its own test evaluation's accuracy and report, in one query."""
    own = Experiment.objects.filter(id__in=[e.id for e in experiments], evaluations__split="test", evaluations__job=F("job"))
    told = own.values_list("id", "evaluations__result__top1", "evaluations__result__n", "evaluations__report__id")
    tests = {id: (top1, n, report) for id, top1, n, report in told}
    return [row(experiment, *tests.get(experiment.id, (None, 0, None))) for experiment in experiments]


def row(experiment: Experiment, top1: float | None, n: int | None, report_id: str | None) -> Row:
    """One line."""
    job = experiment.job
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    return Row(experiment, top1, half_width(top1, n or 0), report_id, took)
