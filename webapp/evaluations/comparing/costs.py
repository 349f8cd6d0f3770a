"""What trainings took: time, speed, size."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from classifier.spec.catalogue import MODELS
from webapp.experiments import checkpoints
from webapp.experiments.listing import seconds
from webapp.experiments.models import Experiment, MetricPoint
from webapp.jobs.models import Attempt, Job


class Cost(NamedTuple):
    """What a training took."""

    seconds: float | None
    epochs: int | None  # that it ran
    images_per_second: float | None  # the median epoch's
    parameters: int | None
    bytes: int | None  # of its best checkpoint
    device: str


def costs_of(experiments: Sequence[Experiment]) -> dict[str, Cost]:
    """What each took; two queries for all."""
    speeds: dict[str, list[float]] = defaultdict(list)
    rows = MetricPoint.objects.filter(experiment__in=[each.pk for each in experiments], name="images_per_second", value__gt=0)
    for id, value in rows.values_list("experiment_id", "value"):
        speeds[id].append(value or 0.0)
    times = times_of([each.job for each in experiments])
    return {each.pk: cost(each, speeds[each.pk], times[each.job_id]) for each in experiments}


def times_of(jobs: Sequence[Job]) -> dict[str, float | None]:
    """How long each took in all of its attempts: one that was paused, or whose worker was lost, went on in another. None until it ended."""
    tried: dict[str, float] = defaultdict(float)
    rows = Attempt.objects.filter(job__in=[each.pk for each in jobs], ended_at__isnull=False)
    for job, began, ended in rows.values_list("job_id", "started_at", "ended_at"):
        tried[job] += (ended - began).total_seconds() if ended else 0.0
    return {each.pk: (tried.get(each.pk) or seconds(each)) if each.is_final else None for each in jobs}


def cost(experiment: Experiment, speeds: Sequence[float], took: float | None) -> Cost:
    ran = told(experiment, "run.json")
    return Cost(
        seconds=took,
        epochs=len(speeds) or None,
        images_per_second=statistics.median(speeds) if speeds else None,
        parameters=parameters_of(experiment, ran),
        bytes=checkpoint_bytes(experiment),
        device=str(ran.get("device") or ""),
    )


def parameters_of(experiment: Experiment, ran: dict[str, Any]) -> int | None:
    """As the run counted them; of an earlier release's those of the catalogue, with a head of 1,000 classes."""
    network, counted = MODELS.get(str(experiment.config.get("model"))), ran.get("parameters")
    return counted if isinstance(counted, int) else network.parameters if network else None


def checkpoint_bytes(experiment: Experiment) -> int | None:
    """Of the best checkpoint, while it is kept."""
    best = next((each for each in reversed(checkpoints.entries(experiment)) if each.get("best")), None)
    path = checkpoints.file_of(experiment.folder, best)
    try:
        return path.stat().st_size if path else None
    except OSError:
        return None


def told(experiment: Experiment, name: str) -> dict[str, Any]:
    """A JSON file of the RUN folder; empty where it is not there."""
    try:
        found = json.loads((experiment.folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
