"""What is finished: experiments with their figures, evaluations and imports, each in a line of one table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse

from webapp.accounts.models import Team, User
from webapp.datasets.models import Dataset
from webapp.evaluations.models import Evaluation
from webapp.experiments import openings
from webapp.experiments.checkpoints import short
from webapp.experiments.listing import seconds, with_reports
from webapp.experiments.live import half_width
from webapp.experiments.models import Experiment
from webapp.experiments.summaries import curves_of
from webapp.jobs.models import Job, Kind, State
from webapp.ops.overview.asked import Asked

MOST_ROWS = 10
LATELY = 200  # evaluations that are looked through; all are in the list of reports
LATEST = ("-job__finished_at", "-id")
ORDERS: dict[str, tuple[Any, ...]] = {  # of experiments; evaluations and imports know the first two
    "ended": LATEST,
    "name": (Lower("name"), "-id"),
    "data": (Lower("dataset__name"), "-id"),
    "top1": (F("test_top1").desc(nulls_last=True), "-id"),
    "f1": (F("test_f1").desc(nulls_last=True), "-id"),
}
LIST_SORTS = {"name": "name", "data": "data", "top1": "test", "f1": "f1"}  # the same order in the list of experiments


class Done(NamedTuple):
    """One line."""

    id: str
    tick: str  # the name of its check box; empty: it has none
    title: str
    url: str
    job: Job
    data: str
    curve: list[float | None]
    top1: float | None
    interval: str
    f1: float | None
    took: float | None  # seconds
    ended: datetime | None
    report_id: str | None
    note: str = ""


def table(team: Team, user: User, asked: Asked) -> dict[str, Any]:
    """The first rows in the asked order, whether there are more, and where they all are."""
    found = READ.get(asked.kind, experiments)(team, user, asked)
    return {"rows": found[:MOST_ROWS], "more": len(found) > MOST_ROWS, "all": all_of(asked)}


def all_of(asked: Asked) -> str:
    """The full list with the same filters."""
    if asked.kind in (Kind.EVALUATE, Kind.IMPORT):
        return reverse("reports:list" if asked.kind == Kind.EVALUATE else "datasets:list")
    wanted = {"state": "done", "sort": LIST_SORTS.get(asked.sort, ""), "who": "mine" if asked.mine else "", "q": asked.q}
    return f"{reverse('experiments:list')}?{urlencode({name: value for name, value in wanted.items() if value})}"


def chosen(rows: QuerySet[Any], user: User, asked: Asked, *, orders: tuple[str, ...] = ("ended",), name: str = "name") -> list[Any]:
    """Those that were asked for, in order; one more than there is room for."""
    rows = rows.filter(job__state=State.SUCCEEDED)
    if asked.mine:
        rows = rows.filter(created_by=user)
    if asked.q:
        rows = rows.filter(Q(**{f"{name}__icontains": asked.q}))
    order = ORDERS[asked.sort] if asked.sort in orders else LATEST
    ordered = rows.order_by(*((Lower(name), "-id") if asked.sort == "name" else order))
    ids = list(ordered.values_list("pk", flat=True)[: MOST_ROWS + 1])  # alone, since to sort whole rows takes long
    whole = rows.in_bulk(ids)
    return [whole[id] for id in ids if id in whole]


def experiments(team: Team, user: User, asked: Asked) -> list[Done]:
    """Trainings with the figures that are kept on their rows."""
    of_team = Experiment.objects.filter(team=team, job__team=team)  # named twice, so that the index of ended jobs serves
    rows = of_team.select_related("job", "dataset", "version")
    found = chosen(rows.defer("version__classes", "resolved", "dataset__problem_rules"), user, asked, orders=tuple(ORDERS))
    curves, reports, opened = curves_of(found), with_reports(found), openings.of_many((row, row.version) for row in found)
    return [
        Done(
            id=row.id,
            tick="experiment",
            title=row.name,
            url=reverse("experiments:detail", args=[row.id]),
            job=row.job,
            data=f"{row.dataset.name} v{row.version.number}",
            curve=curves.get(row.id, {}).get("val_top1", []),
            top1=row.test_top1,
            interval=half_width(row.test_top1, row.test_images or 0),
            f1=row.test_f1,
            took=seconds(row.job),
            ended=row.job.finished_at,
            report_id=reports.get(row.id),
            note=noted(str(row.config.get("model", "")), opened[row.id, row.version_id] if row.test_images else None),
        )
        for row in found
    ]


def evaluations(team: Team, user: User, asked: Asked) -> list[Done]:
    """The newest evaluations that were asked for by themselves, with their top-1; a training's own stands with the training."""
    lately = Job.objects.filter(team=team, state=State.SUCCEEDED, kind=Kind.EVALUATE).order_by("-finished_at").values_list("pk", flat=True)
    rows = Evaluation.objects.filter(job__in=list(lately[:LATELY])).select_related("job", "experiment", "version__dataset", "report")
    figures = {"top1": F("result__top1"), "n": F("result__n")}
    heavy = ("result", "confusion", "mistakes", "version__classes", "experiment__resolved", "experiment__curves")
    kept = rows.annotate(**figures).defer(*heavy)
    found = chosen(kept, user, asked, name="experiment__name")
    opened = openings.of_many((row.experiment, row.version) for row in found)
    return [evaluated(row, opened[row.experiment_id, row.version_id]) for row in found]


def noted(words: str, opened: openings.Openings | None) -> str:
    """What stands under a name, and how often the test set was opened that its figures come from."""
    return " · ".join(part for part in (words, opened.note if opened else "") if part)


def evaluated(row: Any, opened: openings.Openings) -> Done:
    """One line of an evaluation."""
    return Done(
        id=row.id,
        tick="",
        title=row.experiment.name,
        url=reverse("evaluations:detail", args=[row.id]),
        job=row.job,
        data=f"{row.version.dataset.name} v{row.version.number}",
        curve=[],
        top1=row.top1,
        interval=half_width(row.top1, row.n or 0),
        f1=None,
        took=seconds(row.job),
        ended=row.job.finished_at,
        report_id=row.report.id if hasattr(row, "report") else None,
        note=noted(f"{short(row.checkpoint)} on {row.split}", opened if row.split == "test" else None),
    )


def imports(team: Team, user: User, asked: Asked) -> list[Done]:
    """Imported datasets."""
    rows = Dataset.objects.filter(team=team, archived_at__isnull=True).select_related("job")
    return [
        Done(
            id=row.id,
            tick="dataset",
            title=row.name,
            url=reverse("datasets:detail", args=[row.id]),
            job=row.job,
            data=row.archive_name,
            curve=[],
            top1=None,
            interval="",
            f1=None,
            took=seconds(row.job),
            ended=row.job.finished_at,
            report_id=None,
            note="import",
        )
        for row in chosen(rows, user, asked)
    ]


READ: dict[str, Callable[[Team, User, Asked], list[Done]]] = {Kind.TRAIN: experiments, Kind.EVALUATE: evaluations, Kind.IMPORT: imports}
