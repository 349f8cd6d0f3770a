"""What trainings keep of an image that is erased: pictures of their first batch, and names of files that they could not read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from classifier.metrics.whole import put
from webapp.datasets.erasing import asking, texts
from webapp.datasets.erasing.forgetting import forget_told
from webapp.datasets.hooks import Saw
from webapp.datasets.models import Dataset, Sample, Split
from webapp.experiments import watched
from webapp.experiments.models import Experiment, MetricPoint, RateSearch
from webapp.experiments.preflight import FILE, PICTURES
from webapp.jobs.models import Job

WORDS = {Split.TRAIN: "learnt from it", Split.VALIDATION: "was judged by it as it trained"}


def trained_on(dataset: Dataset, positions: Sequence[int], split: int) -> QuerySet[Experiment]:
    """Trainings that began, on a version with samples of those positions in that split; also those that wait to go on by another job."""
    versions = Sample.objects.filter(version__dataset=dataset, position__in=positions, split=split).values("version")
    began = Q(job__started_at__isnull=False) | Exists(MetricPoint.objects.filter(experiment=OuterRef("pk")))
    return Experiment.everything.filter(began, version__in=versions, purging_at__isnull=True).order_by("-id")


def saw(dataset: Dataset, positions: Sequence[int]) -> list[Saw]:
    """Networks that have the image in their weights, or were chosen by it."""
    return [
        Saw("experiments:detail", experiment.pk, experiment.name, words)
        for split, words in WORDS.items()
        for experiment in trained_on(dataset, positions, split)
    ]


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """Pictures of first batches go, since nothing says which image each shows; what jobs told of the file names it no more, and what
    validations said of it is of no image any more."""
    for experiment in trained_on(dataset, positions, Split.TRAIN):
        forget_pictures(experiment)
    watched.forget(dataset, positions)
    runs = list(Experiment.everything.filter(version__dataset=dataset, purging_at__isnull=True))
    for experiment in runs:
        forget_unreadable(experiment, set(paths))
    searches = [search.config_path.with_suffix(".log") for search in RateSearch.objects.filter(version__dataset=dataset)]
    texts.forget_in([*texts.logs_in(experiment.folder for experiment in runs), *searches], paths)
    for path in paths:
        of_dataset = Q(experiment__dataset=dataset) | Q(evaluations__version__dataset=dataset) | Q(study__version__dataset=dataset)
        of_maps = Q(embedding_map__experiment__version__dataset=dataset) | Q(embedding_map__evaluation__version__dataset=dataset)
        forget_told(Job.objects.filter(of_dataset | of_maps | Q(rate_search__version__dataset=dataset)), path)


def forget_unreadable(experiment: Experiment, paths: set[str]) -> None:
    """The files that the engine's own account of the training says it left out."""
    file = experiment.folder / "result.json"
    try:
        told = json.loads(file.read_text("utf-8"))
        named = told["unreadable"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if paths.intersection(named):
        write(file, told | {"unreadable": [path for path in named if path not in paths]})


def write(file: Path, told: dict[str, Any]) -> None:
    """Whole or not at all."""
    text = json.dumps(told, ensure_ascii=False, indent=1).encode()
    put(file, lambda whole: whole.write(text))


def forget_meanwhile(experiment: Experiment, since: datetime | None) -> None:
    """At the end of a training that began then: an image that was erased as it ran may be among its first pictures, and among those
    that are the same at each validation."""
    if asking.meanwhile(experiment.version.dataset, since):
        forget_pictures(experiment)
        watched.forget_meanwhile(experiment)


def forget_pictures(experiment: Experiment) -> None:
    """Those of the batch that was looked at before the training."""
    file = experiment.folder / FILE
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        told = None
    if isinstance(told, dict) and told.get("pictures"):
        write(file, told | {"pictures": []})
    for picture in (experiment.folder / PICTURES).glob("*.png"):
        picture.unlink(missing_ok=True)
