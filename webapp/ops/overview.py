"""What the home page tells: what runs and waits, what needs somebody, what is finished."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Count
from django.urls import reverse

from webapp.accounts.models import Team, User
from webapp.core.ids import encode
from webapp.datasets.models import Dataset
from webapp.experiments.listing import Row, with_tests
from webapp.experiments.models import Experiment, MetricPoint
from webapp.jobs import queries as jobs
from webapp.jobs.clock import database_time
from webapp.jobs.models import Job, Kind, Queue, State

MOST_ROWS = 20
FINISHED_ROWS = 8
NEEDS_ROWS = 5
RECENT_DATASETS = 20
NEEDS_DAYS = 7
SPARK_POINTS = 60
ID_TIME_LENGTH = 10
WARNING_RULES = ("leak", "two_classes")  # findings that make figures untrue


class Need(NamedTuple):
    """Something that waits for a person."""

    word: str
    tone: str
    title: str
    sentence: str
    url: str
    button: str


def overview(team: Team, user: User, mine: bool) -> dict[str, Any]:
    """Everything on the home page, in a fixed number of queries."""
    moving = moving_rows(team)
    return {
        "moving": moving,
        "slots": slots(),
        "needs": needs(team),
        "finished": finished(team, user if mine else None),
        "mine": mine,
        "numbers": numbers(team),
        "fresh": not moving and not Dataset.objects.filter(team=team).exists(),
    }


def numbers(team: Team) -> dict[str, int]:
    """How many jobs run and wait, and how many trainings ended well since yesterday.

    Ids begin with their time, so that only the last days are read.
    """
    now = database_time()
    moving = Job.objects.filter(team=team, state__in=(State.QUEUED, State.RUNNING)).values_list("state").annotate(Count("pk"))
    recent = encode(int((now - timedelta(days=NEEDS_DAYS)).timestamp() * 1000), ID_TIME_LENGTH)
    done = Job.objects.filter(
        team=team, id__gte=recent, kind=Kind.TRAIN, state=State.SUCCEEDED, finished_at__gte=now - timedelta(days=1)
    ).count()
    found = dict(moving)
    return {"running": found.get(State.RUNNING, 0), "waiting": found.get(State.QUEUED, 0), "finished": done}


def slots() -> dict[str, int]:
    """Device slots and the living hosts that offer them."""
    nodes = list(jobs.nodes().filter(role=Queue.DEVICE))
    return {"slots": sum(node.slots for node in nodes), "hosts": len({node.host for node in nodes})}


def moving_rows(team: Team) -> list[dict[str, Any]]:
    """Running jobs, then waiting ones with their position."""
    subjects = ("experiment__dataset", "experiment__version", "dataset")
    running = list(jobs.running(team).select_related(*subjects)[:MOST_ROWS])
    waiting = list(jobs.waiting(team).select_related(*subjects)[: MOST_ROWS - len(running)])
    losses = loss_curves([job for job in running if hasattr(job, "experiment")])
    places = positions() if waiting else {}
    return [{"job": job, "losses": losses.get(job.id, []), "position": places.get(job.id)} for job in [*running, *waiting]]


def positions() -> dict[str, int]:
    """{job: its place in its own queue} over all teams' waiting jobs."""
    places: dict[str, int] = {}
    lengths: dict[str, int] = defaultdict(int)
    for job_id, queue in jobs.waiting().values_list("id", "queue"):
        lengths[queue] += 1
        places[job_id] = lengths[queue]
    return places


def loss_curves(running: list[Job]) -> dict[str, list[float | None]]:
    """{job: its training losses, one an epoch}, the newest SPARK_POINTS of each, in one query."""
    points = MetricPoint.objects.filter(experiment__job__in=running, name="train_loss").order_by("experiment_id", "step")
    curves: dict[str, list[float | None]] = defaultdict(list)
    for job_id, value in points.values_list("experiment__job_id", "value"):
        curves[job_id].append(value)
    return {job_id: values[-SPARK_POINTS:] for job_id, values in curves.items()}


def finished(team: Team, user: User | None) -> list[Row]:
    """The newest finished experiments with their test figures; of one person, or of all."""
    rows = Experiment.objects.filter(team=team, job__state=State.SUCCEEDED).select_related("job", "dataset", "version").order_by("-id")
    return with_tests(list((rows.filter(created_by=user) if user else rows)[:FINISHED_ROWS]))


def needs(team: Team) -> list[Need]:
    """Failures of the last days and datasets with findings that make figures untrue."""
    since = database_time() - timedelta(days=NEEDS_DAYS)
    failed = (
        Experiment.objects.filter(team=team, job__state=State.FAILED, job__finished_at__gte=since).select_related("job").order_by("-id")
    )
    datasets = Dataset.objects.filter(team=team).select_related("job").order_by("-id")[:RECENT_DATASETS]
    told = [failed_experiment(experiment) for experiment in failed[:NEEDS_ROWS]]
    told += [need for dataset in datasets if (need := dataset_need(dataset))]
    return told[:NEEDS_ROWS]


def failed_experiment(experiment: Experiment) -> Need:
    url = reverse("experiments:detail", args=[experiment.id])
    return Need("failed", "bad", experiment.name, experiment.job.error, url, "Fix and retry")


def dataset_need(dataset: Dataset) -> Need | None:
    """A failed import, or images that stand in two splits or classes."""
    if dataset.job.state == State.FAILED:
        return Need("failed", "bad", dataset.name, dataset.job.error, reverse("datasets:detail", args=[dataset.id]), "See the problems")
    rule = next((rule for rule in WARNING_RULES if dataset.problem_rules.get(rule)), None)
    if dataset.job.state != State.SUCCEEDED or rule is None:
        return None
    count = dataset.problem_rules[rule]
    what = "more than one split" if rule == "leak" else "more than one class"
    sentence = f"{count:,} {'image stands' if count == 1 else 'images stand'} in {what}."
    return Need("check", "warn", dataset.name, sentence, f"{reverse('datasets:problems', args=[dataset.id])}?rule={rule}", "Look at them")
