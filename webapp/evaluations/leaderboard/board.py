"""Who stands on a leaderboard, in which order, and how far apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from classifier.spec.errors import ConfigError
from webapp.core import paging
from webapp.core.paging import Sort, is_share
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality.queries import leaking
from webapp.datasets.queries import sealed_versions
from webapp.evaluations import leaks
from webapp.evaluations.comparing.table import Against, Figure, against, corrected, share
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import kept_span

PAGE = 40
MOST_VERSIONS = 100
MOST_DIGITS = 9
BEST = Sort("Top-1", Cast("report__top1", FloatField()), True, is_share)
SEVERAL = "names one version: runs on different versions were measured on different images, so they are not ranked as one"


class Row(NamedTuple):
    """One network; `rank` is None where it is told beside the ranking."""

    rank: int | None
    evaluation: Evaluation
    n: int
    top1: Figure
    behind: Against | None  # the first; None of the first itself
    why: str  # it has no rank

    @property
    def f1(self) -> Figure:
        """Macro, with the interval of the evaluation's own page. Earlier releases kept it of a training's own alone."""
        result = self.evaluation.result or {}
        own = self.evaluation.job_id == self.evaluation.experiment.job_id
        value = self.evaluation.experiment.test_f1 if own else None
        return Figure(result.get("f1_macro") if value is None else value, kept_span(result, "f1_macro"))

    @property
    def is_level(self) -> bool:
        """Whether chance alone might put it behind the first."""
        return self.behind is not None and not self.behind.is_sure

    def told(self) -> dict[str, Any]:
        """For programs."""
        experiment, behind = self.evaluation.experiment, self.behind
        return {
            "rank": self.rank,
            "experiment": experiment.pk,
            "evaluation": self.evaluation.pk,
            "name": experiment.name,
            "model": str(experiment.config.get("model", "")),
            "trained_on": experiment.version.number,
            "n": self.n,
            "top1": self.top1.value,
            "interval": self.top1.interval,
            "macro_f1": self.f1.told(),
            "behind": behind and {"difference": behind.difference, "interval": behind.interval, "p": behind.p, "sure": behind.is_sure},
            "why": self.why or None,
        }


def measured_on(version: DatasetVersion) -> QuerySet[Evaluation]:
    """One evaluation a network on the version's test split, of its best checkpoint as it was configured (other views or weights without
    their average are no rank of it): the training's own, or of one that was trained on another version the newest. Without wide columns."""
    rows = standing([version]).select_related("experiment__version", "experiment__dataset", "report", "created_by", "version__dataset")
    return rows.defer(
        "mistakes", "confusion", "report__notes", "report__html", "version__classes", "experiment__version__classes", "experiment__curves"
    )


def standing(versions: Sequence[DatasetVersion]) -> QuerySet[Evaluation]:
    """The same of several versions."""
    asked = {"split": "test", "checkpoint": "best", "views": "", "raw": False}
    rows = Evaluation.objects.filter(version__in=versions, report__top1__isnull=False, **asked)
    same = rows.filter(experiment=OuterRef("experiment"), version=OuterRef("version"))
    own = Q(job=F("experiment__job"))
    return rows.filter(own | ~Exists(same.filter(own)) & ~Exists(same.filter(pk__gt=OuterRef("pk"))))


class Place(NamedTuple):
    """Where a page begins: behind a row, and who is as right as that one shares `rank`; 0 where that had none."""

    cursor: str
    top1: float | None
    rank: int


def place(text: str) -> Place:
    """Of what `page` gave out: the list's cursor, and behind a point the rank. Anything else is the beginning."""
    cursor, _, shared = text.partition(".")
    known = paging.decode(cursor, BEST)
    rank = int(shared) if shared.isascii() and shared.isdecimal() and len(shared) <= MOST_DIGITS else 0
    return Place(cursor, known[0], rank) if known else Place("", None, 0)


def page(version: DatasetVersion, cursor: str = "", rank: int = 0) -> tuple[list[Row], str, int]:
    """Some rows, the cursor behind them (empty at the end), and how many have a rank so far. Who is as right as the one before shares its
    rank, on the next page too."""
    start = place(cursor)
    found, following = paging.page_of(measured_on(version), BEST, start.cursor, PAGE)
    stamps = Stamps(version)
    first = next((each for each in found if not stamps.why(each)), None) if not start.cursor else leader(version, stamps)
    rows: list[Row] = []
    top1, shared = start.top1, start.rank  # of the last one with a rank
    for evaluation in found:
        why = stamps.why(evaluation)
        rank += not why
        if not why and not (shared and top1 == evaluation.report.top1):
            top1, shared = evaluation.report.top1, rank
        rows.append(row(evaluation, None if why else shared, first, why))
    if following:
        following += f".{shared if top1 == found[-1].report.top1 else 0}"
    behind = corrected({each.evaluation.pk: each.behind for each in rows if each.behind})
    return [each._replace(behind=behind.get(each.evaluation.pk)) for each in rows], following, rank


def leader(version: DatasetVersion, stamps: Stamps) -> Evaluation | None:
    """The first that has a rank."""
    cursor, more = "", True
    while more:
        found, cursor = paging.page_of(measured_on(version), BEST, cursor, PAGE)
        for evaluation in found:
            if not stamps.why(evaluation):
                return evaluation
        more = bool(cursor)
    return None


def row(evaluation: Evaluation, rank: int | None, first: Evaluation | None, why: str) -> Row:
    n = int((evaluation.result or {}).get("n") or 0)
    behind = None if first is None or first.pk == evaluation.pk or why else against(first, evaluation)
    return Row(rank, evaluation, n, share(evaluation.report.top1, n), behind, why)


class Stamps:
    """Which networks learnt from the version's test images; told once for all that were trained on the same version."""

    def __init__(self, version: DatasetVersion) -> None:
        self.version = version
        self.known: dict[int, leaks.Stamp] = {}

    def why(self, evaluation: Evaluation) -> str:
        """Why a network has no rank; of those that were trained on this version none is left out, since they all learnt from the same."""
        trained = evaluation.experiment.version
        if trained.pk == self.version.pk:
            return ""
        if trained.pk not in self.known:
            self.known[trained.pk] = leaks.of(evaluation)
        stamp = self.known[trained.pk]
        if stamp.leaks:
            return f"in version {trained.number} it learnt from {stamp.leaks:,} of these test images"
        if stamp.leaks_known == leaks.NOTHING:
            return f"it was trained on {trained.dataset.name}, whose images are not compared with these"
        return ""


def leak_words(version: DatasetVersion) -> str:
    """Test images of the version that stand in train; empty where none are known."""
    return leaking(version).words


class Board(NamedTuple):
    """A version that can be chosen, with the networks that were measured on it."""

    number: int
    networks: int
    on: bool


def boards(dataset: Dataset, chosen: DatasetVersion) -> list[Board]:
    """The newest versions that anything was measured on, and the chosen one."""
    rows = list(sealed_versions(dataset)[:MOST_VERSIONS])
    opened = [each for each in rows if each.test_opened]
    networks = dict(standing(opened).order_by().values_list("version").annotate(Count("pk")))
    found = [Board(each.number, networks.get(each.pk, 0), each.pk == chosen.pk) for each in rows]
    return [each for each in found if each.networks or each.on]


def version_named(dataset: Dataset, text: str) -> DatasetVersion | None:
    """The sealed version of that number; without one, the newest that anything was measured on, else the newest.

    None where there is none of that number. Raises ConfigError for more than one.
    """
    rows = sealed_versions(dataset)
    if not text:
        return rows.filter(test_opened__gt=0).first() or rows.first()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ConfigError({"version": f"{SEVERAL}; {text[:40]!r} came"})
    return rows.filter(number=int(text)).first()


def openings_words(version: DatasetVersion, rows: Sequence[Row]) -> str:
    """What choosing among many by their test figures does to the best of them."""
    times = version.test_opened
    if times < 2 or not rows:
        return ""
    return (
        f"The test set was opened {times:,} times. The best of many looks better here than it is: choose by validation, and read this "
        "as a check."
    )
