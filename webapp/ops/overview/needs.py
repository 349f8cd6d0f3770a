"""What needs somebody: failures of the last days, problems of imported data, and new data that waits to be trained on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from webapp.accounts.models import Team, User
from webapp.core.ids import encode
from webapp.core.words import plural
from webapp.datasets.leaving import NOT_LEFT
from webapp.datasets.models import Dataset
from webapp.datasets.quality import untrue
from webapp.datasets.queries import offered
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs.clock import database_time
from webapp.jobs.models import Job, Kind, State
from webapp.ops.overview.asked import Asked

MOST_ROWS, MOST_OF_ALL = 3, 200  # of each sort: a row of failures hides no problem
DAYS = 7
RANKS = {"failed": 0, "check": 1, "ready": 2}
ID_TIME_LENGTH = 10
# Failures whose thing is still there, outside the trash, and has not been tried again (then it has another job).
OPEN = (
    Q(experiment__isnull=False, experiment__trashed_at__isnull=True)
    | Q(dataset__isnull=False, dataset__trashed_at__isnull=True)
    | Q(evaluations__isnull=False, evaluations__experiment__trashed_at__isnull=True)
    | Q(weights_file__isnull=False)
)


class Need(NamedTuple):
    """Something that waits for a person."""

    word: str
    tone: str
    title: str
    sentence: str
    url: str
    button: str
    at: datetime | None
    id: str
    tick: str = ""  # the field of the form that deletes it; weights are deleted on the page of the models
    log: str = ""  # the address of its log
    leave: str = ""  # the address that leaves its problems as they are


def most(asked: Asked) -> int:
    """How many of each sort stand here."""
    return MOST_OF_ALL if asked.all else MOST_ROWS


def table(team: Team, user: User, asked: Asked) -> dict[str, Any]:
    """The newest of each sort in the order that is asked for; whether there are more than stand here."""
    parts = [[failure(job) for job in failures(team, user, asked)]]
    if asked.wants(Kind.IMPORT):
        found = problems(team, user, asked)
        told = untrue.told(found)
        parts.append([problem(dataset, told.get(dataset.pk)) for dataset in found])
        parts.append([ready(dataset) for dataset in untouched(team, user, asked)])
    rows = [need for part in parts for need in part[: most(asked)]]
    return {"rows": ordered(rows, asked.needs), "more": any(len(part) > most(asked) for part in parts), "most": MOST_OF_ALL}


def ordered(rows: list[Need], order: str) -> list[Need]:
    """By name, newest first, or failures before findings before what is ready, each newest first."""
    newest = sorted(rows, key=lambda need: need.at.timestamp() if need.at else 0, reverse=True)
    if order == "when":
        return newest
    return sorted(newest, key=lambda need: need.title.lower() if order == "name" else RANKS[need.word])


def failures(team: Team, user: User, asked: Asked) -> list[Job]:
    """Jobs that failed in the last days, newest first; one more than there is room for."""
    since = database_time() - timedelta(days=DAYS)
    found = Job.objects.filter(OPEN, team=team, state=State.FAILED, finished_at__gte=since)
    found = found.select_related("experiment", "dataset", "weights_file")
    if asked.mine:
        found = found.filter(created_by=user)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.q:
        found = found.filter(title__icontains=asked.q)
    found = found.prefetch_related(Prefetch("evaluations", Evaluation.objects.only("id", "job")))
    return list(found.defer("experiment__resolved", "experiment__config").order_by("-finished_at", "-id")[: most(asked) + 1])


def failure(job: Job) -> Need:
    """What failed, why, and the button that leads on."""
    if hasattr(job, "experiment"):
        id, url = job.experiment.id, reverse("experiments:detail", args=[job.experiment.id])
        return Need("failed", "bad", job.experiment.name, job.error, url, "Fix and retry", job.finished_at, id, "experiment", f"{url}#log")
    if hasattr(job, "dataset"):
        id, url = job.dataset.id, reverse("datasets:detail", args=[job.dataset.id])
        return Need("failed", "bad", job.dataset.name, job.error, url, "See the problems", job.finished_at, id, "dataset")
    if hasattr(job, "weights_file"):
        id, url = job.weights_file.id, f"{reverse('models:list')}#your-weights"
        return Need("failed", "bad", job.weights_file.name, job.error, url, "Look at it", job.finished_at, id)
    (id,) = (evaluation.id for evaluation in job.evaluations.all())
    url = reverse("evaluations:detail", args=[id])
    return Need("failed", "bad", job.title, job.error, url, "Look at it", job.finished_at, id, "evaluation")


def imported(team: Team, user: User, asked: Asked, *which: Any) -> list[Dataset]:
    """The team's imported datasets of that kind, newest first; one more than there is room for."""
    found = offered(team).filter(*which, job__state=State.SUCCEEDED).select_related("job")
    if asked.mine:
        found = found.filter(created_by=user)
    if asked.q:
        found = found.filter(name__icontains=asked.q)
    return list(found.order_by("-id")[: most(asked) + 1])


def lately() -> Q:
    """Made in the last days: ids begin with their time."""
    since = database_time() - timedelta(days=DAYS)
    return Q(id__gte=encode(int(since.timestamp() * 1000), ID_TIME_LENGTH))


def problems(team: Team, user: User, asked: Asked) -> list[Dataset]:
    """Imported datasets with problems that make figures untrue, and new ones with any that nobody found mended."""
    return imported(team, user, asked, NOT_LEFT, untrue.wanted() | lately() & untrue.untold())


def problem(dataset: Dataset, told: untrue.Told | None) -> Need:
    """The problem that weighs most, in a sentence."""
    url, leave = reverse("datasets:problems", args=[dataset.id]), reverse("datasets:leave", args=[dataset.id])
    tone, words = "", f"{plural(dataset.problem_count, 'problem')} at its import."
    if told is None and (mended := untrue.mended(dataset)):
        words += f" The check of its newest version has {mended:,} of them no more."
    if told:
        tone, words, url = "warn", told.words, reverse(f"datasets:{told.page}", args=[dataset.id])
        url += f"?rule={told.rule}" if told.rule else ""
    return Need("check", tone, dataset.name, words, url, "Look at them", dataset.job.finished_at, dataset.id, "dataset", leave=leave)


def untouched(team: Team, user: User, asked: Asked) -> list[Dataset]:
    """New datasets without a problem on which nothing was trained yet; those with one stand among the problems."""
    trained = Exists(Experiment.objects.filter(dataset=OuterRef("pk")))
    return imported(team, user, asked, ~trained, lately(), Q(problem_count=0))


def ready(dataset: Dataset) -> Need:
    """What comes after an import that went well."""
    url, words = reverse("datasets:detail", args=[dataset.id]), "Imported without a problem: take the quick check, or train on it."
    return Need("ready", "good", dataset.name, words, url, "See what is next", dataset.job.finished_at, dataset.id, "dataset")
