"""Finding what a team has by its name: datasets, experiments, reports, and the pages themselves.

Names that begin with the words come first, by an index on (team, lower name); then those that hold them somewhere, among
the newest rows alone, so that a million of them cost no more than some thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.urls import reverse

from webapp.accounts.actor import Actor
from webapp.core.context import PLACES
from webapp.core.words import plural
from webapp.datasets.models import Dataset
from webapp.experiments.checkpoints import at_length
from webapp.experiments.models import Experiment
from webapp.reports.models import Report

MOST = 5  # a kind, in the dialog
MOST_ON_PAGE = 20
NEWEST = 5_000  # rows whose names are searched in full
LONGEST = 120  # characters of a question; names are no longer
NOT_SHOWN = ("notes", "html", "evaluation__result", "evaluation__confusion", "evaluation__mistakes")
LAST = "\U0010ffff"  # comes after every character that may follow a beginning


class Hit(NamedTuple):
    """One thing that was found."""

    title: str
    note: str
    url: str
    icon: str


class Kind(NamedTuple):
    """A kind of thing with a name, and how one of it is shown."""

    title: str
    verb: str
    rows: Callable[[Actor], QuerySet[Any]]
    name: str
    hit: Callable[[Any], Hit]


class Page(NamedTuple):
    """A page that is found by its name, by those who may see it."""

    title: str
    url_name: str
    icon: str
    verb: str
    words: str = ""  # by which it is found besides


PAGES = (
    Page("Upload images", "datasets:new", "upload", "dataset.edit", "new dataset import"),
    Page("Classify many images", "predictions:many", "classify", "experiment.create", "folder zip batch job csv"),
    Page("History of classifications", "predictions:history", "classify", "experiment.read", "classified answers"),
    Page("New experiment", "experiments:new", "experiments", "experiment.create", "train launch"),
    Page("Team", "accounts:team", "people", "team.edit", "members invite roles rename"),
    Page("Audit log", "accounts:audit", "queue", "team.edit", "who did what history"),
    Page("Trash", "ops:trash", "trash", "trash.read", "deleted restore archive"),
    Page("Account and tokens", "accounts:account", "key", "job.read", "password sessions sign out"),
)


def dataset_hit(dataset: Dataset) -> Hit:
    """A dataset with its number of findings, if any."""
    note = plural(dataset.problem_count, "problem") if dataset.problem_count else ""
    return Hit(dataset.name, note, reverse("datasets:detail", args=[dataset.id]), "datasets")


def experiment_hit(experiment: Experiment) -> Hit:
    """An experiment with its data and model."""
    note = f"{experiment.dataset.name} · {experiment.config.get('model', '')}"
    return Hit(experiment.name, note, reverse("experiments:detail", args=[experiment.id]), "experiments")


def report_hit(report: Report) -> Hit:
    """A report with what it was measured on."""
    note = f"{report.evaluation.split} split, {at_length(report.evaluation.checkpoint)}"
    return Hit(report.title, note, reverse("reports:detail", args=[report.id]), "reports")


KINDS = (
    Kind("Datasets", "dataset.read", lambda actor: Dataset.objects.filter(team=actor.team), "name", dataset_hit),
    Kind(
        "Experiments",
        "experiment.read",
        lambda actor: Experiment.objects.filter(team=actor.team).select_related("dataset"),
        "name",
        experiment_hit,
    ),
    Kind(
        "Reports",
        "report.read",
        lambda actor: Report.objects.filter(team=actor.team).select_related("evaluation").defer(*NOT_SHOWN),
        "title",
        report_hit,
    ),
)


def plain(question: str) -> str:
    """The words that are looked for."""
    return " ".join(question.replace("\0", " ").split())[:LONGEST]


def search(actor: Actor, question: str, most: int = MOST) -> list[tuple[str, list[Hit]]]:
    """What the actor may see, as (kind, at most so many hits); without a question, the pages."""
    asked = plain(question)
    found = [(kind.title, hits(kind, actor, asked, most)) for kind in KINDS if actor.can(kind.verb)] if asked else []
    return [(title, some) for title, some in [*found, ("Pages", pages(actor, asked.lower()))] if some]


def hits(kind: Kind, actor: Actor, asked: str, most: int) -> list[Hit]:
    """Those of a kind."""
    rows = kind.rows(actor)
    found = list(beginning(rows, kind.name, asked)[:most])
    if len(found) < most:
        found += holding(rows, kind.name, asked).exclude(id__in=[row.pk for row in found])[: most - len(found)]
    return [kind.hit(row) for row in found]


def beginning(rows: QuerySet[Any], name: str, asked: str) -> QuerySet[Any]:
    """Those whose name begins so, in its order; a range, since no database uses an expression's index for LIKE alike."""
    from_here, to_here = Lower(Value(asked)), Lower(Value(asked + LAST))
    found: QuerySet[Any] = rows.annotate(lower=Lower(name)).filter(lower__gte=from_here, lower__lt=to_here)
    return found.order_by("lower", "-id")


def holding(rows: QuerySet[Any], name: str, asked: str) -> QuerySet[Any]:
    """Those among the newest whose name holds the words somewhere, the newest first."""
    holds: dict[str, Any] = {"id__in": rows.order_by("-id").values("id")[:NEWEST], f"{name}__icontains": asked}
    return rows.filter(**holds).order_by("-id")


def pages(actor: Actor, asked: str) -> list[Hit]:
    """Places and pages by name, those that begin so first; all places without a question."""
    places = [(Hit(place.name, "", place.path, place.key), "") for place in PLACES]
    others = [(Hit(page.title, "", reverse(page.url_name), page.icon), page.words) for page in PAGES if actor.can(page.verb)]
    found = [hit for hit, words in [*places, *others] if asked in f"{hit.title} {words}".lower()]
    ranked = sorted(found, key=lambda hit: not hit.title.lower().startswith(asked))
    return ranked[:MOST] if asked else ranked
