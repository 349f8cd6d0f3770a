"""What needs somebody: failures of the last days, findings in imported data, and new data that waits to be trained on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from webapp.accounts.models import Team, User
from webapp.core.ids import encode
from webapp.core.words import plural
from webapp.datasets.leaving import NOT_LEFT
from webapp.datasets.models import Dataset
from webapp.datasets.queries import offered
from webapp.experiments.models import Experiment
from webapp.jobs.clock import database_time
from webapp.jobs.models import Job, Kind, State
from webapp.ops.overview.asked import Asked

MOST_ROWS = 5
DAYS = 7
ID_TIME_LENGTH = 10
WARNING_RULES = {"leak": "more than one split", "two_classes": "more than one class"}  # findings that make figures untrue
# Failures whose thing is still there, outside the trash, and has not been tried again (then it has another job).
OPEN = (
    Q(experiment__isnull=False, experiment__trashed_at__isnull=True)
    | Q(dataset__isnull=False, dataset__trashed_at__isnull=True)
    | Q(evaluations__isnull=False, evaluations__experiment__trashed_at__isnull=True)
)


class Need(NamedTuple):
    """Something that waits for a person."""

    word: str
    tone: str
    title: str
    sentence: str
    url: str
    button: str
    log: str = ""  # the address of its log


def table(team: Team, user: User, asked: Asked) -> dict[str, Any]:
    """The newest failures first, then findings; whether there are more failures than stand here."""
    failed = failures(team, user, asked)
    told = [failure(job) for job in failed[:MOST_ROWS]]
    if asked.wants(Kind.IMPORT):
        told += [finding(dataset) for dataset in findings(team, user, asked)]
        told += [ready(dataset) for dataset in untouched(team, user, asked)]
    return {"rows": told[:MOST_ROWS], "more": len(failed) > MOST_ROWS}


def failures(team: Team, user: User, asked: Asked) -> list[Job]:
    """Jobs that failed in the last days, newest first; one more than there is room for."""
    since = database_time() - timedelta(days=DAYS)
    found = Job.objects.filter(OPEN, team=team, state=State.FAILED, finished_at__gte=since).select_related("experiment", "dataset")
    if asked.mine:
        found = found.filter(created_by=user)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.q:
        found = found.filter(title__icontains=asked.q)
    return list(found.defer("experiment__resolved", "experiment__config").order_by("-finished_at", "-id")[: MOST_ROWS + 1])


def failure(job: Job) -> Need:
    """What failed, why, and the button that leads on."""
    if hasattr(job, "experiment"):
        url = reverse("experiments:detail", args=[job.experiment.id])
        return Need("failed", "bad", job.experiment.name, job.error, url, "Fix and retry", f"{url}#log")
    if hasattr(job, "dataset"):
        return Need("failed", "bad", job.dataset.name, job.error, reverse("datasets:detail", args=[job.dataset.id]), "See the problems")
    evaluation = job.evaluations.values_list("id", flat=True).first() or ""
    return Need("failed", "bad", job.title, job.error, reverse("evaluations:detail", args=[evaluation]), "Look at it")


def findings(team: Team, user: User, asked: Asked) -> list[Dataset]:
    """Imported datasets with findings that make figures untrue, and new ones with any finding at all."""
    lately = encode(int((database_time() - timedelta(days=DAYS)).timestamp() * 1000), ID_TIME_LENGTH)  # ids begin with their time
    untrue = Q(*((f"problem_rules__{rule}__gt", 0) for rule in WARNING_RULES), _connector=Q.OR)
    found = offered(team).filter(NOT_LEFT, untrue | Q(id__gte=lately, problem_count__gt=0), job__state=State.SUCCEEDED)
    if asked.mine:
        found = found.filter(created_by=user)
    if asked.q:
        found = found.filter(name__icontains=asked.q)
    return list(found.order_by("-id")[:MOST_ROWS])


def finding(dataset: Dataset) -> Need:
    """The finding that weighs most, in a sentence."""
    url = reverse("datasets:problems", args=[dataset.id])
    for rule, where in WARNING_RULES.items():
        if count := dataset.problem_rules.get(rule):
            words = f"{plural(count, 'image')} {'stands' if count == 1 else 'stand'} in {where}."
            return Need("check", "warn", dataset.name, words, f"{url}?rule={rule}", "Look at them")
    return Need("check", "", dataset.name, f"{plural(dataset.problem_count, 'finding')} at its import.", url, "Look at them")


def untouched(team: Team, user: User, asked: Asked) -> list[Dataset]:
    """New datasets without a finding on which nothing was trained yet; those with one stand among the findings."""
    lately = encode(int((database_time() - timedelta(days=DAYS)).timestamp() * 1000), ID_TIME_LENGTH)
    trained = Exists(Experiment.objects.filter(dataset=OuterRef("pk")))
    found = offered(team).filter(~trained, id__gte=lately, problem_count=0, job__state=State.SUCCEEDED)
    if asked.mine:
        found = found.filter(created_by=user)
    if asked.q:
        found = found.filter(name__icontains=asked.q)
    return list(found.order_by("-id")[:MOST_ROWS])


def ready(dataset: Dataset) -> Need:
    """What comes after an import that went well."""
    words = "Imported without a finding: take the quick check, or train on it."
    return Need("ready", "good", dataset.name, words, reverse("datasets:detail", args=[dataset.id]), "See what is next")
