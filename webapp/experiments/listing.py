"""The list of experiments: sorted by a few allowed columns."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower

from webapp.accounts.models import Team, User
from webapp.core import paging
from webapp.core.paging import Sort, is_share, is_text
from webapp.experiments.live import half_width
from webapp.experiments.models import Experiment
from webapp.experiments.summaries import curves_of
from webapp.jobs.models import Job, State

PAGE = 40


def known(name: str) -> Coalesce:
    """A share, or −1 where there is none, so that a cursor can stand on it."""
    return Coalesce(name, Value(-1.0), output_field=FloatField())


SORTS: dict[str, Sort] = {
    "newest": Sort("Newest", F("id"), True, is_text),
    "name": Sort("Experiment", Lower("name"), False, is_text),
    "data": Sort("Data", Lower("dataset__name"), False, is_text),
    "model": Sort("Model", F("config__model"), False, is_text),
    "validation": Sort("Validation top-1", known("best_top1"), True, is_share),
    "test": Sort("Test top-1", known("test_top1"), True, is_share),
    "f1": Sort("Macro F1", known("test_f1"), True, is_share),
}
STATES = {
    "": "Any state",
    "waiting": "Waiting",
    "training": "Training",
    "paused": "Paused",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
STATE_OF = {
    "waiting": State.QUEUED,
    "training": State.RUNNING,
    "paused": State.PAUSED,
    "done": State.SUCCEEDED,
    "failed": State.FAILED,
    "cancelled": State.CANCELLED,
}


class Wanted(NamedTuple):
    """Filters beside the search: of one person, in one state."""

    user: User | None = None
    state: str = ""  # a key of STATES

    def of(self, rows: QuerySet[Experiment]) -> QuerySet[Experiment]:
        """Those of the rows that are wanted."""
        if self.user is not None:
            rows = rows.filter(created_by=self.user)
        return rows.filter(job__state=STATE_OF[self.state]) if STATE_OF.get(self.state) else rows


class Row(NamedTuple):
    """One line of the table."""

    experiment: Experiment
    test_top1: float | None
    interval: str
    test_f1: float | None  # macro
    report_id: str | None
    took: float | None  # seconds
    curve: list[float | None]  # validation top-1 by epoch, thinned


def searched(team: Team, search: str) -> QuerySet[Experiment]:
    """The team's experiments whose name, data or model holds the text; all of them for none."""
    rows = Experiment.objects.filter(team=team).select_related("job", "dataset", "version")
    rows = rows.defer("version__classes", "resolved", "dataset__problem_rules")
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(dataset__name__icontains=search) | Q(config__model__icontains=search))
    return rows


def page(team: Team, sort: str, cursor: str = "", search: str = "", wanted: Wanted | None = None) -> tuple[list[Row], str]:
    """Some rows, and the cursor behind them; empty at the end."""
    rows = (wanted or Wanted()).of(searched(team, search))
    shown, following = paging.page_of(rows, paging.chosen(SORTS, sort), cursor, PAGE)
    return with_tests(shown), following


def with_tests(experiments: list[Experiment]) -> list[Row]:
    """Each with its own test figures, small curve and report, in a fixed number of queries."""
    reports, curves = with_reports(experiments), curves_of(experiments)
    return [
        Row(
            experiment,
            experiment.test_top1,
            half_width(experiment.test_top1, experiment.test_images or 0),
            experiment.test_f1,
            reports.get(experiment.id),
            seconds(experiment.job),
            curves.get(experiment.id, {}).get("val_top1", []),
        )
        for experiment in experiments
    ]


def with_reports(experiments: list[Experiment]) -> dict[str, str]:
    """{experiment: the report on its own test evaluation}."""
    own = Experiment.objects.filter(id__in=[e.id for e in experiments], evaluations__split="test", evaluations__job=F("job"))
    return dict(own.filter(evaluations__report__isnull=False).values_list("id", "evaluations__report__id"))


def seconds(job: Job) -> float | None:
    """How long its last attempt took."""
    return (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
