"""The list of experiments: sorted by a few allowed columns, read by key, never by offset."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower

from webapp.accounts.models import Team
from webapp.core import paging
from webapp.core.paging import Sort, is_share, is_text
from webapp.experiments.live import half_width
from webapp.experiments.models import Experiment

PAGE = 40
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


def searched(team: Team, search: str) -> QuerySet[Experiment]:
    """The team's experiments whose name, data or model holds the text; all of them for none."""
    rows = Experiment.objects.filter(team=team).select_related("job", "dataset", "version")
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(dataset__name__icontains=search) | Q(config__model__icontains=search))
    return rows


def page(team: Team, sort: str, cursor: str = "", search: str = "") -> tuple[list[Row], str]:
    """Some rows, and the cursor behind them; empty at the end."""
    shown, following = paging.page_of(searched(team, search), paging.chosen(SORTS, sort), cursor, PAGE)
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
