"""What epochs took on this machine, an image."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from classifier.spec.config import TrainConfig
from classifier.spec.work import each, size_share
from webapp.datasets.models import DatasetVersion
from webapp.experiments.folds import seen
from webapp.experiments.learning import learnt_classes
from webapp.experiments.models import Experiment, MetricPoint


def trained_on(version: DatasetVersion, most_images: int | None, folds: int | None = 0) -> int:
    """Training images that there are to learn from."""
    return min(seen(version, folds or 0)["train"], most_images or sys.maxsize)


def shown(version: DatasetVersion, config: TrainConfig) -> int:
    """Training images that an epoch shows: more or fewer than there are, where classes are sampled evenly."""
    images = trained_on(version, config.most_images, config.folds)
    counts: list[int] = [entry["train"] for entry in learnt_classes(version)]
    return round(images * sum(each(counts, config.sampling)) / max(1, sum(counts)))


def by_run(runs: Sequence[Experiment], **epochs: int) -> dict[str, list[float]]:
    """Of each measured epoch (or of those that the filter `epochs` names), by run: its time by the images that it showed, at whole size."""
    configs = {run.id: TrainConfig(**run.config) for run in runs}
    images = {run.id: shown(run.version, configs[run.id]) for run in runs}
    points = MetricPoint.objects.filter(experiment_id__in=images, name="seconds", value__gt=0, **epochs)
    found: dict[str, list[float]] = {}
    for run, epoch, value in points.values_list("experiment_id", "epoch", "value"):
        if value and images[run]:
            found.setdefault(run, []).append(value / images[run] / size_share(configs[run], epoch))
    return found


def seconds_an_image(runs: Sequence[Experiment], **epochs: int) -> list[float]:
    """The same of all of them together."""
    return [seconds for timed in by_run(runs, **epochs).values() for seconds in timed]
