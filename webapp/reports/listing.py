"""The team's reports: searched, filtered, sorted by a few allowed columns, read by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.utils import timezone

from webapp.accounts.models import Team, User
from webapp.core import paging
from webapp.core.ids import is_id
from webapp.core.paging import Sort, is_share, is_text
from webapp.datasets.models import Dataset
from webapp.experiments import openings
from webapp.experiments.live import half_width
from webapp.experiments.openings import Openings
from webapp.reports.models import Report, ShareLink, Tag

PAGE = 40
MOST_CHOICES = 200  # in one filter; the search finds the rest
SORTS: dict[str, Sort] = {
    "newest": Sort("Made", F("id"), True, is_text),
    "title": Sort("Report", Lower("title"), False, is_text),
    "data": Sort("Data", Lower("evaluation__version__dataset__name"), False, is_text),
    "model": Sort("Model", F("model"), False, is_text),
    "top1": Sort("Top-1", Coalesce("top1", Value(-1.0), output_field=FloatField()), True, is_share),
}
# Columns that a line does not show: with a thousand classes a result has a line for each, and a version all their names.
WIDE = (
    *(f"evaluation__{name}" for name in ("result", "confusion", "mistakes", "version__classes", "version__dataset__problem_rules")),
    *(f"evaluation__experiment__{name}" for name in ("config", "resolved", "curves")),
)
FILTERS = {"dataset": "evaluation__version__dataset_id", "model": "model", "author": "created_by__username"}  # and the tag


class Asked(NamedTuple):
    """What the address asks for."""

    sort: str
    search: str
    dataset: str
    model: str
    author: str
    tag: str

    @property
    def narrows(self) -> bool:
        """Whether it leaves reports out."""
        return any(self[1:])

    @property
    def query(self) -> str:
        """The same as an address's query, without what is empty."""
        return encoded({**self._asdict(), "q": self.search, "search": ""})

    @property
    def narrowing(self) -> str:
        """The query without the order."""
        return encoded({**self._asdict(), "q": self.search, "search": "", "sort": ""})


def encoded(values: dict[str, str]) -> str:
    """A query of those that are not empty."""
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value})
    return query.urlencode()


def asked(values: Any) -> Asked:
    """Reads an address's query: unknown orders become the newest first, and texts are cut to what the database takes."""
    sort = values.get("sort", "newest")
    texts = {name: paging.searched(values.get(name, "")) for name in ("dataset", "model", "author", "tag")}
    texts["dataset"] = texts["dataset"] if is_id(texts["dataset"]) else ""
    return Asked(sort if sort in SORTS else "newest", paging.searched(values.get("q", "")), **texts)


class Row(NamedTuple):
    """One line of the table."""

    report: Report
    interval: str
    n: int
    tags: list[str]
    is_shared: bool  # some link of it opens it now
    opened: int  # by all its links, also those that ended
    test_opened: str  # how often its test set was, where that is more than once


def found(team: Team, wanted: Asked) -> QuerySet[Report]:
    """The team's reports that the address asks for."""
    rows = Report.objects.filter(team=team).select_related("evaluation__experiment", "evaluation__version__dataset", "created_by")
    rows = rows.defer("notes", "html", *WIDE).annotate(measured=F("evaluation__result__n"))
    for name, column in FILTERS.items():
        if value := getattr(wanted, name):
            rows = rows.filter(**{column: value})
    if wanted.tag:
        rows = rows.filter(tagged(name=wanted.tag))
    return rows.filter(holds(team, wanted.search)) if wanted.search else rows


def tagged(**words: str) -> Exists:
    """Whether a report has a tag like that."""
    return Exists(Tag.objects.filter(report=OuterRef("pk"), **words))


def holds(team: Team, text: str) -> Q:
    """Whether title, dataset, model, author or a tag holds the text.

    The few datasets and authors with such a name are looked up first: so ten thousand reports are searched in their own rows alone.
    """
    datasets = Dataset.everything.filter(team=team, name__icontains=text).values_list("pk", flat=True)
    authors = User.objects.filter(wrote_in(team), username__icontains=text).values_list("pk", flat=True)
    anywhere = (
        Q(title__icontains=text) | Q(model__icontains=text) | Q(pk__in=Tag.objects.filter(team=team, name__icontains=text).values("report"))
    )
    for column, ids in (("evaluation__version__dataset", list(datasets)), ("created_by", list(authors))):
        if ids:
            anywhere |= Q(**{f"{column}__in": ids})
    return anywhere


def wrote_in(team: Team) -> Exists:
    """Whether a person has a report of the team."""
    return Exists(Report.objects.filter(team=team, created_by=OuterRef("pk")))


def page(team: Team, wanted: Asked, cursor: str = "") -> tuple[list[Row], str]:
    """Some rows, and the cursor behind them; empty at the end. Four queries, however long the list."""
    shown, following = paging.page_of(found(team, wanted), SORTS[wanted.sort], cursor, PAGE)
    return with_tags_and_links(shown), following


def with_tags_and_links(reports: list[Report]) -> list[Row]:
    """Each with its tags, and how often its links were opened."""
    ids = [report.pk for report in reports]
    tags: dict[str, list[str]] = {}
    for report_id, name in Tag.objects.filter(report__in=ids).values_list("report_id", "name"):
        tags.setdefault(report_id, []).append(name)
    live = Count("id", filter=Q(revoked_at=None, expires_at__gt=timezone.now()))
    counted = ShareLink.objects.filter(report__in=ids).order_by().values("report").annotate(live=live, times=Sum("opened"))
    links = {entry["report"]: (entry["live"] > 0, entry["times"]) for entry in counted}
    tests = openings.of_many((report.evaluation.experiment, report.evaluation.version) for report in reports)
    return [row(report, tags.get(report.pk, []), links.get(report.pk, (False, 0)), tests) for report in reports]


def row(report: Report, tags: list[str], links: tuple[bool, int], tests: Mapping[tuple[str, int], Openings]) -> Row:
    """One line."""
    n, evaluation = images_of(report), report.evaluation
    opened = tests[evaluation.experiment_id, evaluation.version_id].note if evaluation.split == "test" and n else ""
    return Row(report, half_width(report.top1, n), n, tags, *links, opened)


def images_of(report: Report) -> int:
    """How many images it was measured on; in a list the database has looked that up alone."""
    if "measured" in report.__dict__:
        return int(report.__dict__["measured"] or 0)
    return int((report.evaluation.result or {}).get("n", 0))


def choices(team: Team) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers: {name: [(value, text)]}, in the order of the alphabet.

    Each comes from an index or looks for one report a candidate, so that ten thousand reports cost no more than ten.
    """
    of_dataset = Report.objects.filter(evaluation__version__dataset=OuterRef("pk"))
    datasets = Dataset.everything.filter(Exists(of_dataset), team=team).values_list("id", "name")
    authors = User.objects.filter(wrote_in(team), memberships__team=team)
    models = Report.everything.filter(team=team).exclude(model="").order_by("model").values_list("model", flat=True).distinct()
    tags = Tag.objects.filter(team=team).order_by("name").values_list("name", flat=True).distinct()
    return {
        "dataset": list(datasets.order_by(Lower("name"), "id")[:MOST_CHOICES]),
        "model": alike(models[:MOST_CHOICES]),
        "author": alike(authors.order_by("username").values_list("username", flat=True)[:MOST_CHOICES]),
        "tag": alike(tags[:MOST_CHOICES]),
    }


def alike(values: Any) -> list[tuple[str, str]]:
    """Values that are their own text."""
    return [(value, value) for value in values]
