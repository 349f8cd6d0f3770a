"""Every write to maps: asked for, kept, forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import QuerySet

from classifier.metrics import embedding
from classifier.spec.errors import InputError
from classifier.spec.packfile import ERASED
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.datasets import packs
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.evaluations.actions import check_trained
from webapp.evaluations.models import EmbeddingMap, Evaluation
from webapp.experiments.checkpoints import called
from webapp.experiments.removing import held
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind, State


def start(actor: Actor, evaluation: Evaluation) -> EmbeddingMap:
    """Queues the look at what the network learnt from and was measured on; one that waits or runs is given instead."""
    actor.require("experiment.create")
    if evaluation.result is None:
        raise InputError("This evaluation is not done yet; ask for its map when it is.", code="busy")
    experiment = evaluation.experiment
    with transaction.atomic():
        check_trained(held(experiment))  # two clicks wait for each other
        living = EmbeddingMap.objects.filter(evaluation=evaluation).exclude(job__state__in=FINAL).first()
        if living is not None:
            return living
        title = f"{experiment.name}: map of its {called(evaluation.checkpoint)} on {evaluation.split}"
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.SPACE, title=title[:200])
        made = EmbeddingMap.objects.create(team=actor.team, created_by=actor.user, experiment=experiment, evaluation=evaluation, job=job)
        record(actor, "evaluation.map", experiment, split=evaluation.split, checkpoint=evaluation.checkpoint)
    return made


def finished(found: EmbeddingMap, told: Mapping[str, Any], name: str) -> None:
    """What the `mapped` event says and the name of its files, inside the transaction that ends the job."""
    EmbeddingMap.objects.filter(pk=found.pk).update(images=told["images"], checkpoint=told["checkpoint"], files=name)


def forget_older(found: EmbeddingMap) -> None:
    """Earlier maps of the same evaluation that have ended: the new one takes their place."""
    older = EmbeddingMap.objects.filter(evaluation=found.evaluation_id, id__lt=found.pk, job__state__in=FINAL)
    for old in older.select_related("experiment"):
        if old.files:
            embedding.remove(old.stem)
            embedding.part(old.stem, ".log").unlink(missing_ok=True)
        with transaction.atomic():
            old.delete()
            jobs.forget([old.job_id])


def forget_erased(found: EmbeddingMap) -> None:
    """Images that were erased while it was made have no place on it. The pack is marked before anything else of an erasure."""
    for other, version in enumerate((found.experiment.version, found.evaluation.version)):
        gone = tombstones(version)
        embedding.forget(found.stem, lambda points, gone=gone, other=other: of(points, other, gone))  # type: ignore[misc]


def tombstones(version: DatasetVersion) -> np.ndarray:
    """Positions of erased images."""
    try:
        return np.flatnonzero(packs.index(version.folder)["storage"][packs.table(version.folder)["image"]] & ERASED)
    except packs.Missing:  # its files are not on this server
        return np.empty(0, np.int64)


def of(points: np.ndarray, other: int, positions: Collection[int] | np.ndarray) -> np.ndarray:
    """Which points are those samples; bool [M]. other: 1 of the evaluated dataset where that is not the one that was learnt from."""
    found: np.ndarray = np.isin(points["position"], np.asarray(positions, np.int64)) & (points["other"] == other)
    return found


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """Erased images have no place on any map (webapp.datasets.hooks); what runs is gone over at its end."""
    for found in done().select_related("experiment__version", "evaluation__version"):
        experiment, evaluation = found.experiment, found.evaluation
        for other, version in ((0, experiment.version), (1, evaluation.version)):
            if version.dataset_id == dataset.pk:
                embedding.forget(found.stem, lambda points, other=other: of(points, other, positions))  # type: ignore[misc]


def done() -> QuerySet[EmbeddingMap]:
    """Those whose files are there."""
    return EmbeddingMap.objects.filter(job__state=State.SUCCEEDED).exclude(files="")
