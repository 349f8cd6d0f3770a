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


class Cost(NamedTuple):
    """What a training took."""

    seconds: float | None
    epochs: int | None  # that it ran
    images_per_second: float | None  # the median epoch's
    parameters: int | None
    bytes: int | None  # of its best checkpoint
    device: str


def costs_of(experiments: Sequence[Experiment]) -> dict[str, Cost]:
    """What each took; one query for all."""
    speeds: dict[str, list[float]] = defaultdict(list)
    rows = MetricPoint.objects.filter(experiment__in=[each.pk for each in experiments], name="images_per_second", value__gt=0)
    for id, value in rows.values_list("experiment_id", "value"):
        speeds[id].append(value or 0.0)
    return {each.pk: cost(each, speeds[each.pk]) for each in experiments}


def cost(experiment: Experiment, speeds: Sequence[float]) -> Cost:
    network = MODELS.get(str(experiment.config.get("model")))
    return Cost(
        seconds=seconds(experiment.job),
        epochs=len(speeds) or None,
        images_per_second=statistics.median(speeds) if speeds else None,
        parameters=network.parameters if network else None,
        bytes=checkpoint_bytes(experiment),
        device=str(told(experiment, "run.json").get("device") or ""),
    )


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
